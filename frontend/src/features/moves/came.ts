import type { Task } from "./queries";

export type Counted = { name: string; value: string };
export type Came = { minutes: string; spent: string; url: string; counted: Counted[] };
export type Wrong = Partial<Record<"minutes" | "spent" | "url" | "counted", string>>;

const amount = (text: string) => Number(text.replaceAll(",", "").trim() || 0);

export const cameOf = (task: Task): Came => ({
  minutes: task.actual_minutes === null ? "" : String(task.actual_minutes),
  spent: task.spent_inr ? String(task.spent_inr) : "",
  url: task.deliverable_url ?? "",
  counted: task.results.length
    ? task.results.map((r) => ({ name: r.name, value: String(r.value) }))
    : [{ name: "", value: "" }],
});

const MOST_MINUTES = 1440;

/** What a founder noted about a done task, as the API takes it, or what is wrong with it. */
export function noted(came: Came): { change: Record<string, unknown> } | { wrong: Wrong } {
  const wrong: Wrong = {};
  const minutes = amount(came.minutes);
  const spent = amount(came.spent);
  const url = came.url.trim();
  const counted = came.counted.filter((c) => c.name.trim() || c.value.trim());
  if (!Number.isInteger(minutes) || minutes < 0 || minutes > MOST_MINUTES)
    wrong.minutes = "Whole minutes, a day at most.";
  if (!(spent >= 0)) wrong.spent = "An amount in rupees, such as 1,250.";
  if (url && !/^https?:\/\/\S+\.\S+/.test(url))
    wrong.url = "A full address, beginning with https://.";
  if (counted.some((c) => !c.name.trim() || !c.value.trim() || !Number.isFinite(amount(c.value))))
    wrong.counted = "A word and a number each, such as enquiries and 4.";
  if (Object.keys(wrong).length) return { wrong };
  return {
    change: {
      actual_minutes: came.minutes.trim() ? minutes : null,
      spent_inr: spent,
      deliverable_url: url || null,
      results: counted.map((c) => ({ name: c.name.trim(), value: amount(c.value) })),
    },
  };
}
