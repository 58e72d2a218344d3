"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { capital, many, minutes } from "@/lib/format";
import { toast } from "@/lib/toast";
import { PageHead, Section, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { strategyQuery, useAccept, useDiscard, type Strategy } from "./queries";
import { Ruler } from "./ruler";
import { AREAS, phasesOf, risk, STATUSES } from "./words";

/** One play: its three phases, upside beside downside, and when to stop. */
export function Play({ id }: { id: string }) {
  return (
    <Shown query={useQuery(strategyQuery(id))}>{(strategy) => <Open strategy={strategy} />}</Shown>
  );
}

function Open({ strategy: s }: { strategy: Strategy }) {
  const phases = phasesOf(s);
  return (
    <>
      <PageHead
        trail={
          <>
            <Link href={"/blackbox" as Route} className="hover:text-ink hover:underline">
              Blackbox
            </Link>
            <span className="mx-2 text-ink-3">/</span>
            {AREAS[s.focus_area].name}
          </>
        }
        title={s.name}
        lead={s.outcome ? capital(s.outcome) : null}
        acts={<Tag dye={STATUSES[s.status].dye}>{STATUSES[s.status].name}</Tag>}
      />
      {s.risk_level ? (
        <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-body">
          <Ruler level={s.risk_level} />
          <span className="figures">Risk {s.risk_level} of 10</span>
          <span className="font-serif text-ink-2 italic">{risk(s.risk_level)}</span>
        </p>
      ) : null}
      <Acts strategy={s} />
      <div className="mt-10 grid grid-cols-1 gap-x-10 gap-y-10 lg:grid-cols-3">
        {phases.map((p, i) => (
          <Section
            key={p.name}
            id={`phase-${i}`}
            title={p.name}
            aside={`${i + 1} of ${phases.length}`}
          >
            <ol>
              {p.steps.map((step) => (
                <li key={step.title} className="border-t border-rule py-3 first:border-0">
                  <p className="font-serif text-h4">{step.title}</p>
                  {step.description ? (
                    <p className="mt-1 text-body text-ink-2">{step.description}</p>
                  ) : null}
                  <p className="mt-1.5 text-small text-ink-3 figures">
                    {[step.day ? `Day ${step.day}` : "", step.minutes ? minutes(step.minutes) : ""]
                      .filter(Boolean)
                      .join(", ")}
                  </p>
                </li>
              ))}
            </ol>
          </Section>
        ))}
      </div>
      <div className="mt-12 grid grid-cols-1 gap-x-14 gap-y-10 lg:grid-cols-2">
        <Words id="upside" title="What could come of it" text={s.expected_upside} />
        <Words id="downside" title="What could go wrong" text={s.potential_downside}>
          <List items={s.risk_reasons} />
        </Words>
        <Words id="stop" title="When to stop" text={null}>
          <List items={s.kill_criteria} />
        </Words>
        <Words
          id="when"
          title="When it shows"
          text={s.time_to_result ? capital(s.time_to_result) : s.time_to_result}
        />
      </div>
    </>
  );
}

function Words({
  id,
  title,
  text,
  children,
}: {
  id: string;
  title: string;
  text: string | null;
  children?: React.ReactNode;
}) {
  return (
    <Section id={id} title={title}>
      {text ? <p className="max-w-[38rem] pb-2 font-serif text-read text-ink-2">{text}</p> : null}
      {children}
    </Section>
  );
}

const List = ({ items }: { items: string[] }) => (
  <ul className="max-w-[38rem] text-body text-ink-2">
    {items.map((item) => (
      <li key={item} className="border-t border-rule py-2 first:border-0">
        {item}
      </li>
    ))}
  </ul>
);

function Acts({ strategy: s }: { strategy: Strategy }) {
  const router = useRouter();
  const accept = useAccept(s.id);
  const discard = useDiscard(s.id);
  const open = s.status === "generated" || s.status === "reviewing";
  if (!open)
    return s.move_id ? (
      <div className="mt-6">
        <Button asChild>
          <Link href={`/moves/${s.move_id}` as Route}>Open its move</Link>
        </Button>
      </div>
    ) : null;
  return (
    <div className="mt-6 space-y-4">
      {s.unsupported ? (
        <Limit>
          {many(s.unsupported, "claim")} in it {s.unsupported === 1 ? "has" : "have"} no source in
          your documents. Read twice before you act on {s.unsupported === 1 ? "it" : "them"}.
        </Limit>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button
          kind="solid"
          busy={accept.isPending}
          onClick={() =>
            accept.mutate(undefined, {
              onSuccess: ({ move }) => router.push(`/moves/${move.id}` as Route),
            })
          }
        >
          Make it a move
        </Button>
        <Button
          kind="quiet"
          busy={discard.isPending}
          onClick={() => discard.mutate(undefined, { onSuccess: () => toast("Discarded.") })}
        >
          Discard it
        </Button>
      </div>
    </div>
  );
}
