import type { Dye } from "@/ui/bits";
import type { Run } from "./queries";

const TYPES: Record<string, string> = {
  onboarding: "Onboarding",
  moves: "Plan a move",
  campaigns: "Plan a campaign",
  muse: "Write",
  blackbox: "A risky play",
  daily_wins: "Daily wins",
  analytics: "Look at results",
  foundation: "Foundation",
};
export const typeOf = (type: string) => TYPES[type] ?? type.replaceAll("_", " ");

export const STATES: Record<Run["status"], { name: string; dye: Dye }> = {
  queued: { name: "Waiting its turn", dye: "rule" },
  running: { name: "At work", dye: "neel" },
  waiting_approval: { name: "Waits for you", dye: "genda" },
  completed: { name: "Done", dye: "mor" },
  failed: { name: "Failed", dye: "madder" },
  cancelled: { name: "Called off", dye: "rule" },
};

const NODES: Record<string, string> = {
  perceive: "Read what was asked",
  route: "Chose who answers",
  plan: "Laid out the work",
  act: "Did it",
  piece: "Wrote a part",
  reflect: "Checked the result",
  revise: "Wrote it again",
  critic: "Looked for what could go wrong",
  approve: "Asked whether you must see it",
  finish: "Put it down",
  progress: "Went on",
  step: "Took the next part",
};
export const nodeOf = (action: string) => NODES[action] ?? action.replaceAll("_", " ");

/** Tools by what they do. */
export const TOOLS: Record<string, string> = {
  web_search: "Searched the web",
  news_search: "Searched the news",
  read_feed: "Read a feed",
  scrape_website: "Read a page",
  process_pdf: "Read a PDF",
  process_image_ocr: "Read a picture",
  recall_memory: "Looked into memory",
  get_foundation: "Looked at the foundation",
  get_icps: "Looked at the profiles",
  get_moves: "Looked at the moves",
  get_campaigns: "Looked at the campaigns",
  calculate_gst: "Worked out the GST",
};

/** What became of what a run asked. */
export const GATES: Record<string, string> = {
  approved: "you approved it",
  rejected: "you rejected it",
  modified: "you approved it with changes",
  expired: "the time for it ran out",
};

const MOST_PLACES = 6;
/**
 * Amounts of model budget that stand under each other, to so many places that they add up: models charge in
 * millionths of a dollar. Two places at least.
 */
export function usdFine(amounts: number[]): (dollars: number) => string {
  const places = Math.max(
    2,
    ...amounts.map((a) => a.toFixed(MOST_PLACES).replace(/0+$/, "").split(".")[1]?.length ?? 0),
  );
  return (dollars) => `$${dollars.toFixed(places)}`;
}
