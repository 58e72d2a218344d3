"use client";
import type { Route } from "next";
import Link from "next/link";
import { CATEGORIES, STATUSES as MOVE_STATUSES } from "@/features/moves/words";
import { addDays, capital, dateShort, fromDay, inr, many } from "@/lib/format";
import { Meter, Section, Tag, type Dye } from "@/ui/bits";
import { Button } from "@/ui/button";
import { placed, type Phase } from "./plan";
import type { Move } from "./queries";

const DYES: Record<Move["status"], Dye> = {
  draft: "rule",
  scheduled: "neel",
  active: "mor",
  paused: "genda",
  completed: "ink",
  cancelled: "rule",
};

type Props = {
  phases: Phase[];
  start: string;
  /** Whether the days are set, or only what they would be. */
  dated: boolean;
  loose: (move: Move) => boolean;
  ask: (move: Move) => void;
};

/** Every phase in words, its moves as rows: the timeline for the keyboard, the phone and the ear. */
export function Phases({ phases, start, dated, loose, ask }: Props) {
  return (
    <div className="space-y-12">
      {phases.map((p) => (
        <Section
          key={p.number}
          id={`phase-${p.number}`}
          title={p.number ? `${p.number}. ${p.name}` : p.name}
          aside={
            <span className="whitespace-nowrap figures">
              {p.days
                ? dated
                  ? `${dateShort(fromDay(addDays(start, p.first - 1)))} to ${dateShort(fromDay(addDays(start, p.first + p.days - 2)))}`
                  : many(p.days, "day")
                : null}
            </span>
          }
        >
          <div className="grid gap-x-12 gap-y-6 lg:grid-cols-[17rem_minmax(0,1fr)]">
            <Why phase={p} />
            <ul>
              {p.moves.map((m) => (
                <Row key={m.id} move={m} start={start} dated={dated} ask={loose(m) ? ask : null} />
              ))}
              {p.moves.length ? null : (
                <li className="py-3.5 text-body text-ink-2">Its moves were deleted.</li>
              )}
            </ul>
          </div>
        </Section>
      ))}
    </div>
  );
}

const sentence = (text: string) => `${capital(text.replace(/\.$/, ""))}.`;

function Why({ phase: p }: { phase: Phase }) {
  if (!p.purpose && p.budget_inr === null && !p.criteria.length) return <div />;
  return (
    <div className="space-y-3 pt-1">
      {p.purpose ? <p className="font-serif text-read text-ink-2">{sentence(p.purpose)}</p> : null}
      {p.budget_inr ? (
        <p className="text-small text-ink-2 figures">
          <span className="font-strong text-ink">{inr(p.budget_inr)}</span>
          {p.spend ? `. ${sentence(p.spend)}` : ""}
        </p>
      ) : null}
      {p.criteria.length ? (
        <div className="text-small">
          <p className="font-strong">It worked if</p>
          <ul className="mt-1 space-y-1 text-ink-2">
            {p.criteria.map((c) => (
              <li key={c}>{c}</li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  );
}

type RowProps = { move: Move; start: string; dated: boolean; ask: ((move: Move) => void) | null };

function Row({ move, start, dated, ask }: RowProps) {
  const at = placed(move, start);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 border-t border-rule py-3.5 first:border-0 lg:first:pt-1">
      <div className="min-w-0">
        <p className="flex flex-wrap gap-x-4 gap-y-0.5 text-small text-ink-3">
          <Tag dye={DYES[move.status]}>{MOVE_STATUSES[move.status]}</Tag>
          <span>{CATEGORIES[move.category].name}</span>
          <span className="figures">
            {dated || move.start_date
              ? `${dateShort(fromDay(at.start))} to ${dateShort(fromDay(at.end))}`
              : `days ${move.campaign_day ?? 1} to ${(move.campaign_day ?? 1) + move.duration_days - 1}`}
          </span>
        </p>
        <h3 className="mt-1 font-serif text-[1.0625rem] leading-6">
          <Link
            href={`/moves/${move.id}` as Route}
            className="rounded-slip hover:underline hover:decoration-1 hover:underline-offset-4"
          >
            {move.name}
          </Link>
        </h3>
        {move.status === "active" || move.status === "paused" ? (
          <div className="mt-2 max-w-60">
            <Meter value={move.progress} label={`${move.name}: ${move.progress} percent done`} />
          </div>
        ) : null}
      </div>
      {ask ? (
        <Button size="s" kind="quiet" onClick={() => ask(move)}>
          Other days<span className="sr-only"> for {move.name}</span>
        </Button>
      ) : null}
    </li>
  );
}
