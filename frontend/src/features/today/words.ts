import { platform } from "@/features/moves/words";
import { minutes } from "@/lib/format";
import type { Win } from "./queries";

/** "8 min, LinkedIn". */
export const about = (win: Pick<Win, "minutes" | "platform">) =>
  [win.minutes ? minutes(win.minutes) : "", platform(win.platform)].filter(Boolean).join(", ");

const AT_ONCE = 3;

/**
 * The ideas to show: those of the newest search that were not skipped, and whatever was kept or posted today.
 * `more` counts the rest, of searches before; with `all` they are shown too.
 */
export function chosen(wins: Win[], all: boolean): { shown: Win[]; more: number } {
  const open = wins.filter((w) => w.status !== "skipped");
  const newest = wins.slice(0, AT_ONCE).map((w) => w.generated_at);
  const fresh = open.filter(
    (w) => newest.includes(w.generated_at) || w.status === "saved" || w.status === "posted",
  );
  return all ? { shown: open, more: 0 } : { shown: fresh, more: open.length - fresh.length };
}
