import type { Schemas } from "@/lib/api/client";
import { addDays, isoDay } from "@/lib/format";
import { without } from "@/lib/without";

/** What pages show of moves; the rest of the API's answers is not kept, for it would weigh in every page's HTML. */
export type Listed = ReturnType<typeof listed>;
export type Move = ReturnType<typeof detailed>;
export type Task = ReturnType<typeof asked>;
/** A move that runs, as Today shows it: what to do is told of the days around this one alone. */
export type Running = ReturnType<typeof running>;

export const listed = (move: Schemas["ListedMove"]) =>
  without(move, "execution", "contingencies", "success_metrics", "context", "workspace_id");

export const detailed = (move: Schemas["MoveDetail"]) => ({
  ...without(move, "context", "workspace_id", "source_id", "created_at", "updated_at"),
  // Once it runs, its tasks stand for themselves.
  execution: move.execution.flatMap((day) => planned(day, !move.tasks.length)),
  target_icp: move.target_icp ? { id: move.target_icp.id, name: move.target_icp.name } : null,
  tasks: move.tasks.map(asked),
});

const asked = (task: Schemas["Task"]) =>
  without(
    task,
    "description",
    "deliverable",
    "sources",
    "workspace_id",
    "generated_content",
    "card",
    "created_at",
    "updated_at",
    "completed_at",
  );

/** What a task says when it is opened: what to do, what comes of it, what it rests on. */
export type Told = ReturnType<typeof told>;
export const told = (task: Schemas["Task"]) => ({
  description: task.description,
  deliverable: task.deliverable,
  sources: task.sources.map(passage),
});

export function running(move: Schemas["MoveDetail"], now: Date) {
  const near = [-1, 0, 1].map((days) => addDays(isoDay(now), days));
  return {
    id: move.id,
    name: move.name,
    category: move.category,
    start_date: move.start_date,
    duration_days: move.duration_days,
    current_day: move.current_day,
    execution: move.execution.flatMap((day) => planned(day, false)),
    tasks: move.tasks.map((t) => ({
      id: t.id,
      move_id: t.move_id,
      title: t.title,
      description: near.includes(t.scheduled_date ?? "") ? t.description : null,
      type: t.type,
      priority: t.priority,
      platform: t.platform,
      status: t.status,
      scheduled_date: t.scheduled_date,
      estimated_minutes: t.estimated_minutes,
    })),
  };
}

const passage = (s: { evidence_id?: unknown; start?: unknown; end?: unknown }) => ({
  evidence_id: String(s.evidence_id ?? ""),
  start: Number(s.start),
  end: Number(s.end),
});

export type PlannedTask = Pick<
  Task,
  "title" | "type" | "priority" | "platform" | "estimated_minutes"
>;
export type Planned = {
  day: number;
  theme: string;
  total_minutes: number | null;
  tasks: PlannedTask[];
};
type Raw = { day?: unknown; theme?: unknown; total_minutes?: unknown; tasks?: unknown };

/** A day of a plan, which the API keeps as JSON. */
function planned(raw: Raw, withTasks: boolean): Planned[] {
  if (typeof raw.day !== "number") return [];
  const tasks = Array.isArray(raw.tasks) ? (raw.tasks as Partial<PlannedTask>[]) : [];
  return [
    {
      day: raw.day,
      theme: typeof raw.theme === "string" ? raw.theme : "",
      total_minutes: Number(raw.total_minutes) || null,
      tasks: withTasks ? tasks.map(slip) : [],
    },
  ];
}

const slip = (t: Partial<PlannedTask>): PlannedTask => ({
  title: t.title ?? "",
  type: t.type ?? null,
  priority: t.priority ?? "should-do",
  platform: t.platform ?? null,
  estimated_minutes: t.estimated_minutes ?? 30,
});
