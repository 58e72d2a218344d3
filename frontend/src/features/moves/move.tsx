"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import { capital, dateShort, fromDay, isoDay, many, minutes } from "@/lib/format";
import { useNow } from "@/lib/now";
import { warm } from "@/lib/warm";
import { inkLink, Meter, PageHead, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Menu, type MenuAct } from "@/ui/menu";
import { ErrorNote, Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Calendar } from "./calendar";
import { ceilingOf, daysOf, WEEK, weekOf } from "./days";
import { moveQuery, useAdapt, useDeleteMove, useVerbOf, type Move as MoveData } from "./queries";
import { CATEGORIES, isOpen, platform, STATUSES, total } from "./words";

const TaskSheet = lazy(warm(() => import("./task-sheet")));

export function Move({ id, at }: { id: string; at: string }) {
  const move = useQuery({ ...moveQuery(id), refetchOnWindowFocus: true });
  return <Shown query={move}>{(m) => <Week move={m} at={at} />}</Shown>;
}

function Week({ move, at }: { move: MoveData; at: string }) {
  const today = isoDay(useNow(at));
  const router = useRouter();
  const query = useSearchParams();
  const days = daysOf(move, today);
  const [week, setWeek] = useState(() => weekOf(days, today));
  const weeks = Math.ceil(days.length / WEEK);
  const task = move.tasks.find((t) => t.id === query.get("task"));
  const go = (to: string | null) =>
    router.replace((to ? `/moves/${move.id}?task=${to}` : `/moves/${move.id}`) as Route, {
      scroll: false,
    });
  const done = move.tasks.filter((t) => t.status === "completed").length;
  return (
    <>
      <PageHead
        trail={
          <>
            <Link href={"/moves" as Route} className="hover:text-ink hover:underline">
              Moves
            </Link>
            <span aria-hidden className="mx-2 text-ink-3">
              /
            </span>
            {CATEGORIES[move.category].name}, {STATUSES[move.status].toLowerCase()}
          </>
        }
        title={move.name}
        acts={<Acts move={move} />}
      />
      <div className="-mt-4 mb-8 grid gap-x-12 gap-y-5 lg:-mt-6 lg:grid-cols-[1fr_17rem] lg:items-end">
        <p className="max-w-[38rem] font-serif text-read text-ink-2">
          {move.goal && move.goal !== move.name ? `${capital(move.goal.replace(/\.$/, ""))}. ` : ""}
          {move.target_icp ? (
            <>
              For{" "}
              <Link href={`/icps/${move.target_icp.id}` as Route} className={`text-ink ${inkLink}`}>
                {move.target_icp.name}
              </Link>
              {move.channels.length ? `, on ${move.channels.map(platform).join(", ")}.` : "."}
            </>
          ) : null}
        </p>
        <Progress move={move} done={done} />
      </div>
      <Missed move={move} today={today} />
      {weeks > 1 ? (
        <p className="mb-3 flex items-center justify-between text-small text-ink-2">
          <span className="figures">
            Week {week + 1} of {weeks}
          </span>
          <span className="flex gap-1">
            <Button size="s" kind="quiet" disabled={week === 0} onClick={() => setWeek(week - 1)}>
              Week before
            </Button>
            <Button
              size="s"
              kind="quiet"
              disabled={week >= weeks - 1}
              onClick={() => setWeek(week + 1)}
            >
              Next week
            </Button>
          </span>
        </p>
      ) : null}
      <Calendar
        move={move}
        days={days.slice(week * WEEK, week * WEEK + WEEK)}
        ceiling={ceilingOf(move)}
        open={(t) => go(t.id)}
      />
      <Beneath move={move} />
      {task ? (
        <Suspense>
          <TaskSheet move={move} task={task} days={days} close={() => go(null)} />
        </Suspense>
      ) : null}
    </>
  );
}

function Progress({ move, done }: { move: MoveData; done: number }) {
  if (!move.tasks.length) {
    const planned = move.execution.reduce(
      (sum, d) => ({
        tasks: sum.tasks + d.tasks.length,
        minutes: sum.minutes + (d.total_minutes ?? 0),
      }),
      { tasks: 0, minutes: 0 },
    );
    return (
      <p className="text-small text-ink-3 figures lg:text-right">
        {many(planned.tasks, "task")}, {minutes(planned.minutes)} in{" "}
        {many(move.duration_days, "day")}
      </p>
    );
  }
  const counted = move.tasks.filter((t) => t.status !== "skipped").length;
  return (
    <div className="space-y-2">
      <p className="flex justify-between text-small figures">
        <span className="font-strong">
          Day {Math.max(1, move.current_day)} of {move.duration_days}
        </span>
        <span className="text-ink-3">
          {done} of {counted} tasks done
        </span>
      </p>
      <Meter value={move.progress} label="Tasks done" />
    </div>
  );
}

function Acts({ move }: { move: MoveData }) {
  const act = useVerbOf();
  const remove = useDeleteMove(move.id);
  const router = useRouter();
  const [asking, setAsking] = useState<"" | "complete" | "delete">("");
  const verb = (v: "start" | "pause" | "complete") => act.mutate({ id: move.id, verb: v });
  const can = {
    start: ["draft", "scheduled", "paused"].includes(move.status),
    pause: move.status === "active",
    complete: ["active", "paused"].includes(move.status),
  };
  const more: MenuAct[] = [
    ...(can.complete ? [{ name: "Complete it", act: () => setAsking("complete") }] : []),
    { name: "Delete it", act: () => setAsking("delete"), danger: true },
  ];
  return (
    <>
      {can.pause ? (
        <Button size="s" busy={act.isPending} onClick={() => verb("pause")}>
          Pause
        </Button>
      ) : null}
      {can.start ? (
        <Button kind="solid" size="s" busy={act.isPending} onClick={() => verb("start")}>
          {move.status === "paused" ? "Go on with it" : "Start today"}
        </Button>
      ) : null}
      <Menu label={`More for ${move.name}`} acts={more} />
      <Confirm
        open={asking === "complete"}
        onOpenChange={() => setAsking("")}
        title="Complete this move?"
        lead="Its open tasks stay as they are, and it cannot be started again."
        yes="Complete it"
        act={() => {
          setAsking("");
          verb("complete");
        }}
      />
      <Confirm
        open={asking === "delete"}
        onOpenChange={() => setAsking("")}
        title="Delete this move?"
        lead="Its tasks and what was noted on them go with it."
        yes="Delete it"
        busy={remove.isPending}
        act={() => remove.mutate(undefined, { onSuccess: () => router.push("/moves" as Route) })}
      />
      {remove.error ? <ErrorNote error={remove.error} /> : null}
    </>
  );
}

/** Days that were missed: they are laid out anew, and it is said what became of each task. */
function Missed({ move, today }: { move: MoveData; today: string }) {
  const adapt = useAdapt(move.id);
  const late = move.tasks.filter((t) => isOpen(t) && t.scheduled_date && t.scheduled_date < today);
  const said = adapt.data;
  if (said && !late.length)
    return (
      <div role="status" className="mb-6 border-l-[3px] border-mor bg-mor-wash px-4 py-3 text-body">
        <p className="font-strong">{said.message}</p>
        {said.moved.length ? (
          <p className="mt-1 text-ink-2">
            Moved:{" "}
            {said.moved.map((m) => `${m.title} (${dateShort(fromDay(m.to_date))})`).join("; ")}.
          </p>
        ) : null}
        {said.dropped.length ? (
          <p className="mt-1 text-ink-2">
            Left out: {said.dropped.map((d) => d.title).join("; ")}.
          </p>
        ) : null}
      </div>
    );
  if (move.status !== "active" || !late.length) return null;
  return (
    <div className="mb-6">
      <Limit
        act={
          <>
            <Button size="s" busy={adapt.isPending} onClick={() => adapt.mutate("keep_end")}>
              Lay it out anew
            </Button>
            <Button
              size="s"
              kind="quiet"
              busy={adapt.isPending}
              onClick={() => adapt.mutate("extend")}
            >
              Take more days
            </Button>
          </>
        }
      >
        {many(late.length, "task")} of earlier days {late.length === 1 ? "is" : "are"} open,{" "}
        {minutes(total(late))}. Laid out anew, the move keeps its end and what finds no room is left
        out; with more days only what was merely nice is.
      </Limit>
    </div>
  );
}

/** What success looks like, and what to do when it does not come. */
function Beneath({ move }: { move: MoveData }) {
  const contingencies = Object.entries(move.contingencies).filter(([, v]) => typeof v === "string");
  const metrics = move.success_metrics.filter((m) => typeof m === "string");
  if (!contingencies.length && !metrics.length) return null;
  return (
    <div className="mt-12 grid gap-x-12 gap-y-10 lg:grid-cols-2">
      {metrics.length ? (
        <Section id="success" title="It worked if">
          <ul>
            {metrics.map((m) => (
              <li
                key={m}
                className="border-t border-rule py-2.5 font-serif text-read first:border-0"
              >
                {m}
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      {contingencies.length ? (
        <Section id="quiet" title="If it does not go so">
          <dl>
            {contingencies.map(([when, then]) => (
              <div key={when} className="border-t border-rule py-2.5 first:border-0">
                <dt className="text-small text-ink-3">{when}</dt>
                <dd className="font-serif text-read">{String(then)}</dd>
              </div>
            ))}
          </dl>
        </Section>
      ) : null}
    </div>
  );
}
