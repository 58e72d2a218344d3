import { CATEGORIES, platform } from "@/features/moves/words";
import { addDays, count, fromDay, inr } from "@/lib/format";
import type { Dye } from "@/ui/bits";
import type { Group, Reported } from "./queries";

export type Period = { first: string; last: string };

/** How far one looks, in whole weeks up to this Sunday. */
export const SPANS = [
  { key: "28", name: "Four weeks", days: 28 },
  { key: "84", name: "Twelve weeks", days: 84 },
  { key: "364", name: "A year", days: 364 },
] as const;
export type Span = (typeof SPANS)[number]["key"];
export const spanOf = (key: string | undefined): Span =>
  SPANS.find((s) => s.key === key)?.key ?? "28";
export function periodOf(span: Span, today: string): Period {
  const last = addDays(today, (7 - fromDay(today).getUTCDay()) % 7);
  return { first: addDays(last, 1 - Number(span)), last };
}

export const OUTCOMES: Record<Reported["outcome"], { name: string; dye: Dye }> = {
  done: { name: "Done", dye: "ink" },
  missed: { name: "Missed", dye: "genda" },
  skipped: { name: "Skipped", dye: "rule" },
  open: { name: "Still to come", dye: "mor" },
};

export const SIDES = {
  channel: { name: "Channel", question: "Where did it happen?", without: "No channel" },
  icp: { name: "Customer", question: "For whom was it?", without: "Nobody in particular" },
  category: { name: "Kind", question: "What kind of move was it?", without: "No kind" },
  play: { name: "Play", question: "Which play was it?", without: "No play" },
} as const;
export type Side = keyof typeof SIDES;
export const sideOf = (key: string | undefined): Side =>
  key && key in SIDES ? (key as Side) : "channel";

/** A group as a founder calls it. */
export function nameOf(side: Side, group: Pick<Group, "key" | "name">): string {
  if (group.name === null) return SIDES[side].without;
  if (side === "channel") return platform(group.name);
  if (side === "category")
    return CATEGORIES[group.name as keyof typeof CATEGORIES]?.name ?? group.name;
  return group.name;
}

/**
 * "spent, INR" and 12400 become "₹12,400 spent", "done" and 12 "12 done", "whatsapp: missed" and 3
 * "3 missed, WhatsApp", and the day a week begins stands before its number.
 */
export function cited(label: string, value: number): string {
  const [name, of] = label.includes(": ") ? label.split(": ", 2) : [null, label];
  const where = name ? `, ${platform(name)}` : "";
  if (of?.endsWith("INR")) return `${inr(value)} ${of.replace(/, INR$/, "")}${where}`;
  if (of === "average rating") return `${value.toFixed(1)} of 5${where}`;
  return /^\d/.test(label) ? `${label}: ${count(value)}` : `${count(value)} ${of}${where}`;
}

/** The filter out of the address that an insight gives for its rows. */
export const searchOf = (address: string) => address.split("?")[1] ?? "";
