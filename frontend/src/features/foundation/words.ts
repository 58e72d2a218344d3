import type { Foundation, FoundationChange } from "./queries";

export type Field = keyof FoundationChange & keyof Foundation;
/** The parts of the foundation in reading order; `key` is the address. */
export const PARTS: { key: string; title: string; fields: Field[]; lead: string }[] = [
  {
    key: "company",
    title: "Company",
    fields: ["company_name", "industry", "company_stage", "website_url"],
    lead: "What stands at the top of every plan.",
  },
  { key: "offer", title: "Offer", fields: ["offers"], lead: "What is sold, and for how much." },
  {
    key: "positioning",
    title: "Positioning",
    fields: ["positioning"],
    lead: "Why somebody should choose you.",
  },
  {
    key: "market",
    title: "Market",
    fields: ["market_research", "competitors"],
    lead: "What buyers fear, pay and compare.",
  },
  {
    key: "voice",
    title: "Voice",
    fields: ["brand_voice", "brand_voice_examples"],
    lead: "How you sound.",
  },
  {
    key: "guardrails",
    title: "Guardrails",
    fields: ["messaging_guardrails"],
    lead: "What no text may say.",
  },
  {
    key: "soundbites",
    title: "Soundbites",
    fields: ["soundbite_library"],
    lead: "Sentences that may be used as they stand.",
  },
  {
    key: "hierarchy",
    title: "Hierarchy",
    fields: ["message_hierarchy"],
    lead: "What is said first, and what proves it.",
  },
];

export const BY = {
  user: "In your own words",
  onboarding: "The onboarding",
  engine: "Written anew by the engine",
} as const;

/** The parts of a value that are new, gone or other than before, by their name; "" is the value itself. */
export function changedParts(
  before: unknown,
  after: unknown,
): { name: string; was: unknown; is: unknown }[] {
  const plain = (v: unknown): v is Record<string, unknown> =>
    !!v && typeof v === "object" && !Array.isArray(v);
  if (!plain(after) || !(plain(before) || before === null || before === undefined))
    return [{ name: "", was: before, is: after }];
  const old = plain(before) ? before : {};
  return [...new Set([...Object.keys(old), ...Object.keys(after)])]
    .filter((k) => k !== "sources" && k !== "missing")
    .filter((k) => JSON.stringify(old[k]) !== JSON.stringify(after[k]))
    .map((name) => ({ name, was: old[name], is: after[name] }));
}
