import { addDays, fromDay, isoDay } from "@/lib/format";
import type { Move, Task } from "./queries";
import type { SlipTask } from "./slip";

export type Day = {
  /** 2026-11-26 */
  date: string;
  /** Day of the month. */
  number: number;
  /** Day of the move, from 1. */
  day: number;
  theme: string;
  today: boolean;
  past: boolean;
  tasks: Task[];
  /** What the plan holds for the day as long as the move has not been started. */
  planned: SlipTask[];
};

const DAY_MS = 86_400_000;
export const WEEK = 7;

/** How many days the calendar has: the move's, and those that tasks were taken to. */
function lengthOf(move: Move, start: string) {
  const last =
    move.tasks
      .map((t) => t.scheduled_date ?? start)
      .toSorted()
      .at(-1) ?? start;
  const taken = Math.round((fromDay(last).getTime() - fromDay(start).getTime()) / DAY_MS) + 1;
  return Math.max(move.duration_days, taken);
}

/** All days of a move. One that has not started is shown as if it began today. */
export function daysOf(move: Move, today: string): Day[] {
  const start = move.start_date ?? today;
  const themes = new Map(move.execution.map((p) => [p.day, p]));
  const started = move.tasks.length > 0;
  return Array.from({ length: lengthOf(move, start) }, (_, i) => {
    const date = addDays(start, i);
    return {
      date,
      number: Number(date.slice(8)),
      day: i + 1,
      theme: themes.get(i + 1)?.theme ?? "",
      today: !!move.start_date && date === today,
      past: !!move.start_date && date < today,
      tasks: move.tasks.filter((t) => t.scheduled_date === date),
      planned: started ? [] : plannedTasks(move, i + 1),
    };
  });
}

function plannedTasks(move: Move, day: number): SlipTask[] {
  const tasks = move.execution.find((d) => d.day === day)?.tasks ?? [];
  return tasks.map((t) => ({ ...t, status: "pending" }));
}

/** Which week of the move a day lies in, from 0. */
export const weekOf = (days: Day[], today: string) => {
  const at = days.findIndex((d) => d.date === today);
  return at < 0 ? 0 : Math.floor(at / WEEK);
};

/** The fullest day of the plan, and an hour at least: what lies above it is too much. */
export const ceilingOf = (move: Move) =>
  Math.max(60, ...move.execution.map((p) => p.total_minutes ?? 0));

export const todayOf = (now: Date) => isoDay(now);
