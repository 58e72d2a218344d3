"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { meQuery } from "@/features/account/queries";
import { runningQuery, type Running } from "@/features/moves/queries";
import { CATEGORIES, isOpen, total } from "@/features/moves/words";
import { capital, count, dateLong, fromDay, inWords, isoDay, minutes, time } from "@/lib/format";
import { useNow } from "@/lib/now";
import { inkLink, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { BudgetLeft } from "./budget-left";
import { Late } from "./late";
import { TaskList } from "./task-list";
import { Waiting } from "./waiting";
import { WeekStrip } from "./week-strip";
import { Wins } from "./wins";

/** `at`: when the server made the page, so that both say the same day. */
export function Today({ at }: { at: string }) {
  const now = useNow(at);
  const day = isoDay(now);
  const running = useQuery({ ...runningQuery(), refetchOnWindowFocus: true });
  const moves = running.data ?? [];
  const due = moves.flatMap((m) => m.tasks.filter((t) => t.scheduled_date === day));
  const open = due.filter(isOpen);
  return (
    <>
      <header>
        <div className="flex items-baseline justify-between gap-4 pb-2 text-small text-ink-2">
          <span>{dateLong(now)}</span>
          <span className="hidden figures sm:inline" suppressHydrationWarning>
            {time(now)} IST
          </span>
        </div>
        <div className="masthead-rule" />
        <div className="grid gap-x-12 gap-y-4 pt-7 pb-9 lg:grid-cols-[1fr_19rem] lg:items-end">
          <h1 className="max-w-[17ch] font-serif text-[2.5rem] leading-[1.06] sm:text-h1">
            {running.data ? headline(open.length, total(open), due.length, moves.length) : "Today"}
          </h1>
          <Standfirst moves={moves} day={day} />
        </div>
      </header>
      <Onboarding />
      <div className="grid grid-cols-1 gap-x-12 gap-y-12 lg:grid-cols-[minmax(0,1fr)_19rem]">
        <div className="space-y-12">
          <Shown query={running}>
            {(all) =>
              all.length ? (
                <>
                  <Late moves={all} day={day} />
                  {all.map((move) => (
                    <Lead key={move.id} move={move} day={day} />
                  ))}
                </>
              ) : (
                <Nothing />
              )
            }
          </Shown>
        </div>
        <div className="space-y-12">
          <Waiting now={now} />
          <BudgetLeft />
        </div>
        {moves.length ? (
          <section aria-labelledby="week" className="lg:col-span-2">
            <p id="week" className="mb-3 overline-label">
              The week
            </p>
            <WeekStrip moves={moves} day={day} />
          </section>
        ) : null}
        <div className="lg:col-span-2">
          <Wins />
        </div>
      </div>
    </>
  );
}

function headline(open: number, mins: number, due: number, moves: number) {
  if (!moves) return "Nothing is planned yet.";
  if (open)
    return `${capital(inWords(open))} ${open === 1 ? "thing" : "things"} today, about\u00a0${minutes(mins).replaceAll(" ", "\u00a0")}.`;
  return due ? "That is today." : "Nothing is due today.";
}

/** Under the headline: what tomorrow holds, or how far the move is. */
function Standfirst({ moves, day }: { moves: Running[]; day: string }) {
  const next = moves
    .flatMap((m) => m.tasks.filter((t) => isOpen(t) && (t.scheduled_date ?? "") > day))
    .toSorted((a, b) => (a.scheduled_date ?? "").localeCompare(b.scheduled_date ?? ""));
  const first = next[0]?.scheduled_date;
  if (!first) return null;
  const then = next.filter((t) => t.scheduled_date === first);
  const isTomorrow = fromDay(first).getTime() - fromDay(day).getTime() < 90_000_000;
  return (
    <p className="font-serif text-read text-ink-2">
      {isTomorrow ? "Tomorrow" : dateLong(fromDay(first)).replace(/ \d{4}$/, "")} is{" "}
      {minutes(total(then))}, beginning with <i>{then[0]?.title}</i>.
    </p>
  );
}

function Lead({ move, day }: { move: Running; day: string }) {
  const tasks = move.tasks.filter((t) => t.scheduled_date === day);
  return (
    <Section
      id={`move-${move.id}`}
      title={
        <Link href={`/moves/${move.id}` as Route} className={inkLink}>
          {move.name}
        </Link>
      }
      aside={
        <span className="figures">
          {CATEGORIES[move.category].name}, day {count(dayOf(move, day))} of {move.duration_days}
        </span>
      }
    >
      {tasks.length ? (
        <TaskList tasks={tasks} />
      ) : (
        <p className="border-t border-rule py-5 text-body text-ink-2">
          Nothing of this move is due today.
        </p>
      )}
    </Section>
  );
}

const dayOf = (move: Running, day: string) =>
  move.start_date
    ? Math.max(
        1,
        Math.min(
          move.duration_days,
          Math.round((fromDay(day).getTime() - fromDay(move.start_date).getTime()) / 86_400_000) +
            1,
        ),
      )
    : move.current_day;

function Nothing() {
  return (
    <Empty
      title="A week takes a minute to draft."
      act={
        <Button kind="solid" asChild>
          <Link href={"/moves/new" as Route}>Plan seven days</Link>
        </Button>
      }
    >
      A move is seven days with one aim. When one runs, its tasks for the day stand here, an hour at
      most.
    </Empty>
  );
}

/** While the onboarding is open, the way back into it. */
function Onboarding() {
  const { data } = useQuery(meQuery());
  if (data?.onboarding?.status !== "in_progress") return null;
  return (
    <p className="mb-10 flex flex-wrap items-center gap-x-4 gap-y-2 border-l-[3px] border-mor bg-mor-wash px-4 py-3">
      <span className="flex-1 basis-72">
        Your onboarding is at step {data.onboarding.current_step} of 25. Plans get better with each
        fact you keep.
      </span>
      <Button size="s" asChild>
        <Link href={"/onboarding" as Route}>Go on with it</Link>
      </Button>
    </p>
  );
}
