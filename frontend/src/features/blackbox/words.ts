import type { Dye } from "@/ui/bits";
import type { Area, Strategy } from "./queries";

export const AREAS: Record<Area, { name: string; text: string }> = {
  acquisition: { name: "Win customers", text: "People who do not buy from you yet." },
  retention: { name: "Keep them", text: "People who might leave, or buy once only." },
  revenue: { name: "Earn more", text: "Prices, larger orders, second orders." },
  brand_equity: { name: "Be believed", text: "What people think you stand for." },
  virality: { name: "Be passed on", text: "Something others want to show around." },
};

export const STATUSES: Record<Strategy["status"], { name: string; dye: Dye }> = {
  generated: { name: "Yours to decide", dye: "genda" },
  reviewing: { name: "Being read", dye: "genda" },
  accepted: { name: "Became a move", dye: "mor" },
  executing: { name: "Runs", dye: "mor" },
  completed: { name: "Done", dye: "ink" },
  discarded: { name: "Discarded", dye: "rule" },
};

/** From this risk on a play waits for approval first. */
export const GATED = 7;

/** What a risk means, in words; the slider says them as it moves. */
export const risk = (level: number) =>
  [
    "No downside to speak of",
    "Careful",
    "Careful, with one unusual step",
    "A little bold",
    "Balanced: some of it may not work",
    "Bold",
    "Bold enough that you approve it first",
    "An experiment: it may cost you goodwill",
    "Hard to take back",
    "All in",
  ][Math.max(1, Math.min(10, level)) - 1]!;

export type Step = {
  title: string;
  description: string;
  day: number | null;
  minutes: number | null;
};
export type Phase = { name: string; steps: Step[] };
const text = (value: unknown) => (typeof value === "string" ? value : "");
const figure = (value: unknown) => (typeof value === "number" ? value : null);

/** Hook, Pivot and Close; the API keeps them as JSON. */
export const phasesOf = (strategy: Pick<Strategy, "phases">): Phase[] =>
  strategy.phases.map((phase) => ({
    name: text(phase.name),
    steps: (Array.isArray(phase.steps) ? (phase.steps as Record<string, unknown>[]) : []).map(
      (step) => ({
        title: text(step.title),
        description: text(step.description),
        day: figure(step.day),
        minutes: figure(step.minutes),
      }),
    ),
  }));
