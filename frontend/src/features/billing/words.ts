import { count, datePlain, many, usd } from "@/lib/format";
import type { Change, Offer, Payment } from "./queries";

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

/** What a payment was for, inside a sentence. */
export function whatFor(p: Pick<Payment, "kind" | "plan" | "billing_cycle" | "topup_usd">): string {
  if (p.kind === "topup") return `${usd(p.topup_usd ?? 0).replace(/\.00$/, "")} of model budget`;
  const period = p.billing_cycle === "annual" ? "a year" : "a month";
  const plan = planName(p.plan ?? "free");
  if (p.kind === "upgrade") return `moving up to ${plan}, for ${period}`;
  return p.kind === "renewal" ? `${plan} for ${period} more` : `${plan} for ${period}`;
}

/** A change of the subscription and why it came, as one sentence. */
export function because(c: Change): string {
  const plan = planName(c.plan);
  const before = planName(c.plan_before);
  const ends = c.period_end ? datePlain(new Date(c.period_end)) : "the period’s end";
  const next = typeof c.detail.next_plan === "string" ? planName(c.detail.next_plan) : "less";
  const left = typeof c.detail.days_left === "number" ? c.detail.days_left : null;
  switch (c.cause) {
    case "activated":
      return `You paid, and ${plan} began. It holds until ${ends}.`;
    case "renewed":
      return `You paid for the next period of ${plan}, until ${ends}.`;
    case "upgraded":
      return c.plan === c.plan_before
        ? `You paid for ${plan} by the year, until ${ends}.`
        : `You paid, and moved up from ${before} to ${plan}, until ${ends}.`;
    case "downgraded":
      return `As you had asked, ${before} became ${plan}.`;
    case "downgrade_scheduled":
      return `You asked to move down to ${next} on ${ends}.`;
    case "cancel_scheduled":
      return `You cancelled. ${plan} stays until ${ends}.`;
    case "resumed":
      return `You kept ${plan} after all.`;
    case "renewal_due":
      return left === null
        ? "We reminded you of the next payment."
        : `We reminded you: ${many(left, "day")} left of the period.`;
    case "past_due":
      return `The period of ${plan} ended and was not paid for. It goes on for a few days.`;
    case "expired":
      return c.detail.why === "cancelled"
        ? `${before} ended, as you had asked. You are on ${plan}.`
        : `${before} ended, as it was not paid for. You are on ${plan}.`;
    case "trial_started":
      return `A trial of ${plan} began.`;
    case "trial_ended":
      return `The trial of ${before} ended.`;
    case "refunded":
      return c.plan === c.plan_before
        ? `You took a payment back. ${plan} stays as it was before it.`
        : `You took a payment back, and ${before} became ${plan} again.`;
    case "superseded":
      return "A payment came after another had taken its place; it goes back to you.";
    case "mandate_active":
      return "AutoPay was set up. The next period is paid by itself.";
    case "mandate_ended":
      return "AutoPay ended. Nothing is debited by itself any more.";
  }
}
