import { count, many, usd } from "@/lib/format";
import type { Offer } from "./queries";

export type Cycle = "monthly" | "annual";

/** A line of "what it holds", the same for each plan, so that plans can be read side by side. */
export const holds = (offer: Offer): string[] => [
  `${usd(offer.budget_usd).replace(/\.00$/, "")} of model work a month`,
  offer.max_icps === null ? "As many ICPs as you need" : many(offer.max_icps, "ICP"),
  offer.max_moves_a_month === null
    ? "As many moves as you need"
    : `${many(offer.max_moves_a_month, "move")} a month`,
  ...offer.features.filter((f) => !/ICPs?$|moves/i.test(f)),
  `${count(offer.runs_a_minute)} runs of the agents a minute`,
];

export const STATES: Record<string, string> = {
  active: "Active",
  trialing: "On trial",
  past_due: "Payment is due",
  cancelled: "Cancelled",
};

export const planName = (id: string) => id.charAt(0).toUpperCase() + id.slice(1);

/** Kinds of runs, as the API names them. */
export const AGENTS: Record<string, string> = {
  onboarding: "Onboarding",
  moves: "Moves",
  campaigns: "Campaigns",
  muse: "Muse",
  blackbox: "Blackbox",
  daily_wins: "Daily wins",
  analytics: "Analytics",
  foundation: "Foundation",
};
