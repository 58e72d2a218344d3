import type { Dye } from "@/ui/bits";
import type { ListedGate } from "./queries";

export const KINDS: Record<ListedGate["gate_type"], string> = {
  content: "Words that leave the house",
  strategy: "A risky play",
  payment: "Money",
  deletion: "A deletion",
  external_action: "Another system",
};

export const RISKS: Record<NonNullable<ListedGate["risk_level"]>, { name: string; dye: Dye }> = {
  low: { name: "Low risk", dye: "rule" },
  medium: { name: "Some risk", dye: "genda" },
  high: { name: "High risk", dye: "madder" },
  critical: { name: "Critical", dye: "madder" },
};

export const STATES: Record<ListedGate["status"], string> = {
  pending: "Waiting",
  approved: "Approved",
  modified: "Approved with changes",
  rejected: "Rejected",
  expired: "Expired",
};

/** Where what a run of a kind made is asked for again. */
export const AGAIN: Record<string, string> = {
  muse: "/muse/new",
  blackbox: "/blackbox/new",
  moves: "/moves/new",
  campaigns: "/campaigns/new",
};

/** What waits, in a line. A description that is no sentence was written for the log, not to be read. */
export const headline = (g: Pick<ListedGate, "description" | "gate_type">) =>
  g.description && !/^[a-z]/.test(g.description) ? g.description : KINDS[g.gate_type];
