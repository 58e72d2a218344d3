import { platform } from "@/features/moves/words";
import { dateShort, fromDay, many } from "@/lib/format";
import type { Dye } from "@/ui/bits";
import type { Listed, Status } from "./queries";

type Objective = NonNullable<Listed["objective"]>;

export const OBJECTIVES: Record<Objective, { name: string; text: string }> = {
  lead_gen: { name: "Enquiries", text: "More of the right people ask." },
  awareness: { name: "Being known", text: "People who never heard of you hear of you." },
  product_launch: { name: "A launch", text: "Something new is on sale, and they know." },
  revenue_scaling: { name: "More revenue", text: "What sells already sells more." },
  market_entry: { name: "A new market", text: "A place or trade that does not know you yet." },
  brand_pivot: { name: "A new story", text: "You stand for something else from now on." },
  retention: { name: "Keeping customers", text: "Those who bought come back, and bring others." },
};

export const INTENSITIES: Record<
  NonNullable<Listed["intensity"]>,
  { name: string; text: string; moveDays: number; minutes: number }
> = {
  sprint: {
    name: "Sprint",
    text: "A move each week, about an hour a day.",
    moveDays: 7,
    minutes: 60,
  },
  marathon: {
    name: "Marathon",
    text: "A move each fortnight, about half an hour a day.",
    moveDays: 14,
    minutes: 30,
  },
};

export const STATUSES: Record<Status, { name: string; dye: Dye }> = {
  planning: { name: "Not started", dye: "rule" },
  scheduled: { name: "Scheduled", dye: "neel" },
  active: { name: "Running", dye: "mor" },
  paused: { name: "Paused", dye: "genda" },
  completed: { name: "Done", dye: "ink" },
  cancelled: { name: "Called off", dye: "rule" },
};

/** What can be done in each state; the API refuses the rest with 409. */
export const can = (status: Status) => ({
  start: status === "planning" || status === "paused",
  pause: status === "active",
  complete: status === "active" || status === "paused",
  shift: status === "planning" || status === "scheduled",
});

/** "Mon 30 Nov to Fri 8 Jan", or how long it will be. */
export const span = (c: Pick<Listed, "start_date" | "end_date" | "duration_days">) =>
  c.start_date && c.end_date
    ? `${dateShort(fromDay(c.start_date))} to ${dateShort(fromDay(c.end_date))}`
    : c.duration_days
      ? `${many(c.duration_days, "day")}, no first day yet`
      : "No first day yet";

/** "2 of 5 moves done, 1 running". */
export function countsOf({ total, active, completed }: Listed["move_counts"]) {
  if (!total) return "no moves";
  const done = completed ? `${completed} of ${many(total, "move")} done` : many(total, "move");
  return active ? `${done}, ${active} running` : done;
}

/** Names of others as they write them, in a sentence of the API's. */
export const branded = (text: string) =>
  text.replace(/\b(facebook|instagram|linkedin|whatsapp|youtube)\b/g, platform);
