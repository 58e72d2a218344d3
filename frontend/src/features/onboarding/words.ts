import type { Fact } from "@/features/evidence/queries";

export const CHAPTERS = [
  {
    slug: "pile",
    numeral: "one",
    title: "The pile",
    steps: [1, 2],
    lead: "Drop anything that says what you do: a deck, a price list, a call.",
  },
  {
    slug: "truth",
    numeral: "two",
    title: "What is true",
    steps: [3, 4, 5],
    lead: "Keep the true ones, mend the rest.",
  },
  {
    slug: "market",
    numeral: "three",
    title: "The market",
    steps: [6, 7, 8, 9, 10],
    lead: "What buyers pay, fear and compare you with.",
  },
  {
    slug: "place",
    numeral: "four",
    title: "Your place in it",
    steps: [11, 12, 13, 14],
    lead: "Why somebody should choose you, in one sentence that holds.",
  },
  {
    slug: "words",
    numeral: "five",
    title: "The words",
    steps: [15, 16, 17, 18, 19, 20],
    lead: "Whom you speak to, and how you sound when you do.",
  },
  {
    slug: "plan",
    numeral: "six",
    title: "The plan",
    steps: [21, 22, 23, 24, 25],
    lead: "Where to be seen, how large it is, and all of it in one page.",
  },
] as const;

export type Chapter = (typeof CHAPTERS)[number];
export const chapterOf = (slug: string) => CHAPTERS.find((c) => c.slug === slug);
export const chapterOfStep = (step: number): Chapter =>
  CHAPTERS.find((c) => (c.steps as readonly number[]).includes(step)) ?? CHAPTERS[0];

export const CATEGORIES: Record<Fact["category"], string> = {
  company_info: "Who you are",
  positioning: "What you do",
  target_audience: "Whom you sell to",
  proof_points: "What you can show",
  differentiators: "Why you",
  constraints: "Where you stop",
  pricing: "What it costs",
};

/** Confidence in words. */
export const sure = (fact: Fact) =>
  fact.needs_verification
    ? "not sure; please look"
    : fact.confidence >= 0.9
      ? "quite sure"
      : fact.confidence >= 0.75
        ? "fairly sure"
        : "not very sure";

export const MAX_FILE_MB = 20;
export const MAX_ITEMS = 50;
export const ACCEPTS = ".pdf,.docx,.pptx,.xlsx,.csv,.txt,.md,.html,.htm,.png,.jpg,.jpeg,.webp";
const known = ACCEPTS.split(",");

/** Why a file cannot be brought, known before it is sent; null when it can. */
export function refusal(file: File): string | null {
  const name = file.name.toLowerCase();
  if (!known.some((end) => name.endsWith(end)))
    return "This kind of file cannot be read. PDF, Word, PowerPoint, Excel, CSV, text, web pages and pictures can.";
  if (file.size > MAX_FILE_MB * 1024 * 1024)
    return `Larger than ${MAX_FILE_MB} MB. Split it, or bring the part that matters.`;
  if (file.size === 0) return "This file is empty.";
  return null;
}

const SIZES: Record<string, string> = {
  tam: "the size of the whole market",
  sam: "the part of it you can reach",
  som: "the part you can win",
};
/** What an answer would give, as the end of a sentence. */
export const unlocksOf = (text: string) => {
  const plain = text.replace(/\.$/, "").toLowerCase();
  return plain.replace(/\b(tam|sam|som)\b/g, (name) => SIZES[name] ?? name);
};
