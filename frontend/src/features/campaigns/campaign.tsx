"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import { addDays, capital, dateShort, fromDay, inr, isoDay, many, minutes } from "@/lib/format";
import { useNow } from "@/lib/now";
import { toast } from "@/lib/toast";
import { warm } from "@/lib/warm";
import { inkLink, Meter, PageHead } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Menu, type MenuAct } from "@/ui/menu";
import { Empty, ErrorNote } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Phases } from "./phases";
import {
  clamp,
  dayOf,
  daysBetween,
  notBegun,
  phasesOf,
  placed,
  room,
  sharing,
  shifted,
} from "./plan";
import {
  campaignQuery,
  movesOfQuery,
  useDeleteCampaign,
  useFirstDay,
  useMoveDay,
  useVerb,
  type Campaign as Data,
  type Move,
} from "./queries";
import { Timeline } from "./timeline";
import { branded, can, countsOf, OBJECTIVES, span, STATUSES } from "./words";

const FirstDay = lazy(warm(() => import("./dates").then((m) => ({ default: m.FirstDay }))));

export function Campaign({ id, at }: { id: string; at: string }) {
  const campaign = useQuery({ ...campaignQuery(id), refetchOnWindowFocus: true });
  const moves = useQuery({ ...movesOfQuery(id), refetchOnWindowFocus: true });
  const today = isoDay(useNow(at));
  return (
    <Shown query={campaign}>
      {(c) => (
        <>
          <Head campaign={c} today={today} moves={moves.data?.moves ?? []} />
          <Clashes campaign={c} />
          <Shown query={moves}>
            {(page) =>
              page.moves.length ? (
                <Plan campaign={c} moves={page.moves} today={today} />
              ) : (
                <Empty
                  title="There are no moves in it."
                  act={
                    <Button kind="solid" asChild>
                      <Link href={"/campaigns/new" as Route}>Plan one with all its moves</Link>
                    </Button>
                  }
                >
                  A campaign does its work through moves. They were deleted, or it was made without
                  them.
                </Empty>
              )
            }
          </Shown>
        </>
      )}
    </Shown>
  );
}

function Head({ campaign: c, today, moves }: { campaign: Data; today: string; moves: Move[] }) {
  return (
    <>
      <PageHead
        trail={
          <>
            <Link href={"/campaigns" as Route} className="hover:text-ink hover:underline">
              Campaigns
            </Link>
            <span aria-hidden className="mx-2 text-ink-3">
              /
            </span>
            {c.objective ? `${OBJECTIVES[c.objective].name}, ` : ""}
            {STATUSES[c.status].name.toLowerCase()}
          </>
        }
        title={c.name}
        acts={<Acts campaign={c} today={today} moves={moves} />}
      />
      <div className="-mt-4 mb-8 grid gap-x-12 gap-y-5 lg:-mt-6 lg:grid-cols-[1fr_17rem] lg:items-end">
        <p className="max-w-[38rem] font-serif text-read text-ink-2">
          {c.goal && !c.name.includes(c.goal) ? `${capital(c.goal.replace(/\.$/, ""))}. ` : ""}
          {c.target_icp ? (
            <>
              For{" "}
              <Link href={`/icps/${c.target_icp.id}` as Route} className={`text-ink ${inkLink}`}>
                {c.target_icp.name}
              </Link>
              .{" "}
            </>
          ) : null}
          {span(c)}
          {c.minutes_per_day ? `, ${minutes(c.minutes_per_day)} a day at most` : ""}.
        </p>
        <Progress campaign={c} today={today} />
      </div>
    </>
  );
}

function Progress({ campaign: c, today }: { campaign: Data; today: string }) {
  const total = c.duration_days ?? 0;
  const day = c.start_date ? dayOf(c.start_date, total, today) : 0;
  const begun = day > 0 && c.status !== "planning" && c.status !== "scheduled";
  return (
    <div className="space-y-2 text-small figures">
      <p className="flex justify-between gap-4">
        <span className="font-strong">{begun ? `Day ${day} of ${total}` : many(total, "day")}</span>
        <span className="text-ink-3">{countsOf(c.move_counts)}</span>
      </p>
      <Meter value={c.progress} label="Tasks done" />
      {c.budget_inr ? (
        <>
          <p className="flex justify-between gap-4 pt-1">
            <span className={c.spent_inr > c.budget_inr ? "font-strong text-genda" : ""}>
              {inr(c.spent_inr)} spent
            </span>
            <span className="text-ink-3">of {inr(c.budget_inr)}</span>
          </p>
          <Meter
            value={(c.spent_inr / c.budget_inr) * 100}
            tone={c.spent_inr > c.budget_inr * 0.8 ? "genda" : "mor"}
            label="Budget spent"
          />
        </>
      ) : null}
    </div>
  );
}

type Asking = "" | "complete" | "delete" | "day";

function Acts({ campaign: c, today, moves }: { campaign: Data; today: string; moves: Move[] }) {
  const verb = useVerb(c.id);
  const remove = useDeleteCampaign(c.id);
  const firstDay = useFirstDay(c.id);
  const router = useRouter();
  const [asking, setAsking] = useState<Asking>("");
  const may = can(c.status);
  const begun = moves.some((m) => !notBegun(m) && m.status !== "cancelled");
  const later = c.status === "planning" && c.start_date && c.start_date > today;
  const more: MenuAct[] = [
    ...(may.complete ? [{ name: "Complete it", act: () => setAsking("complete") }] : []),
    { name: "Delete it", act: () => setAsking("delete"), danger: true },
  ];
  const close = () => setAsking("");
  return (
    <>
      {may.shift && !begun ? (
        <Button size="s" onClick={() => setAsking("day")}>
          {c.start_date ? "Other days" : "Set the first day"}
        </Button>
      ) : null}
      {may.pause ? (
        <Button size="s" busy={verb.isPending} onClick={() => verb.mutate("pause")}>
          Pause
        </Button>
      ) : null}
      {may.start ? (
        <Button kind="solid" size="s" busy={verb.isPending} onClick={() => verb.mutate("start")}>
          {c.status === "paused" ? "Go on with it" : later ? "Schedule it" : "Start today"}
        </Button>
      ) : null}
      <Menu label={`More for ${c.name}`} acts={more} />
      {asking === "day" ? (
        <Suspense>
          <FirstDay
            title="When does it begin?"
            lead="All its moves go along."
            start={c.start_date}
            days={c.duration_days ?? 30}
            min={today}
            close={close}
            set={(start) =>
              firstDay.mutate({
                start,
                moves: c.start_date ? shifted(moves, daysBetween(c.start_date, start)) : moves,
              })
            }
          />
        </Suspense>
      ) : null}
      <Confirm
        open={asking === "complete"}
        onOpenChange={close}
        title="Complete this campaign?"
        lead="Moves that never began are called off; those under way go on. It cannot be started again."
        yes="Complete it"
        act={() => {
          close();
          verb.mutate("complete");
        }}
      />
      <Confirm
        open={asking === "delete"}
        onOpenChange={close}
        title="Delete this campaign?"
        lead="Moves that have not begun go with it. Those that have stay, on their own."
        yes="Delete it"
        busy={remove.isPending}
        act={() =>
          remove.mutate(undefined, { onSuccess: () => router.push("/campaigns" as Route) })
        }
      />
      {remove.error ? <ErrorNote error={remove.error} /> : null}
    </>
  );
}

/** What has days in common with it. */
function Clashes({ campaign: { warnings } }: { campaign: Data }) {
  if (!warnings.length) return null;
  return (
    <section
      aria-labelledby="clashes"
      className="mb-8 border-l-[3px] border-genda bg-genda-wash px-4 py-3.5"
    >
      <h2 id="clashes" className="text-body font-strong tracking-normal">
        {warnings.length === 1 ? "One clash" : `${many(warnings.length, "clash", "clashes")}`}
      </h2>
      <ul className="mt-1 space-y-1.5 text-body text-ink-2">
        {warnings.map((w) => (
          <li key={`${w.kind}-${w.id}-${w.first}`} className="max-w-[54rem]">
            {branded(w.detail)}{" "}
            <Link
              href={`/${w.kind === "campaign" ? "campaigns" : "moves"}/${w.id}` as Route}
              className={`whitespace-nowrap text-ink ${inkLink}`}
            >
              Open {w.kind === "own_moves" ? "the later one" : "it"}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Plan({ campaign: c, moves, today }: { campaign: Data; moves: Move[]; today: string }) {
  const firstDay = useFirstDay(c.id);
  const moveDay = useMoveDay(c.id);
  const [asking, setAsking] = useState<Move | null>(null);
  const start = c.start_date ?? today;
  const end = c.end_date ?? addDays(start, (c.duration_days ?? 30) - 1);
  const phases = phasesOf(c, moves);
  const begun = moves.some((m) => !notBegun(m) && m.status !== "cancelled");
  const whole = can(c.status).shift && !begun && !!c.start_date;
  const loose = (m: Move) =>
    (c.status === "scheduled" || c.status === "active") && notBegun(m) && !!m.start_date;
  const shiftAll = (days: number) => {
    const to = addDays(start, days);
    const back = () => firstDay.mutate({ start, moves });
    firstDay.mutate({ start: to, moves: shifted(moves, days) });
    toast(`It begins on ${dateShort(fromDay(to))}.`, { action: { label: "Undo", onClick: back } });
  };
  const shift = (move: Move, wanted: string) => {
    const set = (to: string) =>
      moveDay.mutate({ move, start: to, end: addDays(to, move.duration_days - 1) });
    const to = clamp(wanted, room(move, c, today));
    const from = move.start_date;
    if (to === from) return;
    set(to);
    toast(`${move.name} begins on ${dateShort(fromDay(to))}.`, {
      action: { label: "Undo", onClick: () => from && set(from) },
    });
  };
  const free = asking ? room(asking, c, today) : null;
  const others = moves
    .filter((m) => m.status !== "completed" && m.status !== "cancelled")
    .map((m) => placed(m, start));
  return (
    <div className="space-y-12">
      <Timeline
        campaign={c}
        phases={phases}
        today={today}
        start={start}
        end={end}
        whole={whole}
        loose={loose}
        shiftAll={shiftAll}
        shift={shift}
      />
      <Phases phases={phases} start={start} dated={!!c.start_date} loose={loose} ask={setAsking} />
      {asking && free ? (
        <Suspense>
          <FirstDay
            title={asking.name}
            lead={`${many(asking.duration_days, "day")}, within the campaign.`}
            start={asking.start_date}
            days={asking.duration_days}
            min={free.from}
            max={free.to}
            shares={(day) => sharing(asking, day, others).map((o) => o.move.name)}
            close={() => setAsking(null)}
            set={(day) => shift(asking, day)}
          />
        </Suspense>
      ) : null}
    </div>
  );
}
