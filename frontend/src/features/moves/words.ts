import type { Dye } from "@/ui/bits";
import type { Listed, Status, Task } from "./queries";

export const CATEGORIES: Record<Listed["category"], { name: string; text: string }> = {
  ignite: { name: "Ignite", text: "People who never heard of you hear of you." },
  capture: { name: "Capture", text: "People who look become people who ask." },
  authority: { name: "Authority", text: "The right people begin to believe you." },
  repair: { name: "Repair", text: "A bad impression is answered and mended." },
  rally: { name: "Rally", text: "Those who like you already bring others." },
};

export const STATUSES: Record<Status, string> = {
  draft: "Draft",
  scheduled: "Scheduled",
  active: "Active",
  paused: "Paused",
  completed: "Done",
  cancelled: "Called off",
};

export const KINDS: Record<NonNullable<Task["type"]>, { name: string; dye: Dye }> = {
  pillar: { name: "Pillar", dye: "mor" },
  story: { name: "Story", dye: "jamun" },
  engagement: { name: "Engagement", dye: "neel" },
  outreach: { name: "Outreach", dye: "genda" },
  admin: { name: "Admin", dye: "rule" },
};
export const kindOf = (task: Pick<Task, "type">) => KINDS[task.type ?? "admin"];

export const PRIORITIES: Record<Task["priority"], string> = {
  "must-do": "Must do",
  "should-do": "Should do",
  "nice-to-have": "If there is time",
};

const PLATFORMS: Record<string, string> = {
  linkedin: "LinkedIn",
  whatsapp: "WhatsApp",
  youtube: "YouTube",
  twitter: "X",
  x: "X",
  google_business: "Google Business",
};
/** "linkedin" as its owner writes it. */
export const platform = (name: string | null | undefined) =>
  name
    ? (PLATFORMS[name.toLowerCase()] ??
      name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " "))
    : "";

/** What Muse writes for a place; of others, a phone or a spreadsheet, there is nothing to write. */
const WRITTEN: Record<string, string> = {
  linkedin: "social",
  instagram: "social",
  facebook: "social",
  x: "social",
  twitter: "social",
  email: "email",
  whatsapp: "other",
  sms: "other",
  google: "other",
  google_business: "other",
  website: "landing",
  blog: "blog",
  youtube: "script",
};

/** Where the copy of a task is written, with what it is about; null where it needs none. */
export function draftOf(
  task: Pick<Task, "title" | "platform" | "move_id"> & { description: string | null },
) {
  const place = task.platform?.toLowerCase().replaceAll(" ", "_") ?? "";
  const type = WRITTEN[place];
  if (!type) return null;
  const about = [task.title, task.description].filter(Boolean).join(". ").slice(0, 500);
  return `/muse/new?${new URLSearchParams({ about, type, on: place, move: task.move_id })}`;
}

export const isOpen = (t: Pick<Task, "status">) =>
  t.status === "pending" || t.status === "in_progress";
export const total = (tasks: Pick<Task, "estimated_minutes">[]) =>
  tasks.reduce((sum, t) => sum + t.estimated_minutes, 0);
