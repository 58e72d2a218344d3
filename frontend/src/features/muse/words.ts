import { platform } from "@/features/moves/words";
import type { Dye } from "@/ui/bits";
import type { Asset, Block, Claim, Listed, Status, Type } from "./queries";

export const TYPES: Record<Type, { name: string; text: string; places: string[] }> = {
  social: {
    name: "Post",
    text: "For a feed: a hook, what is true, one thing to do.",
    places: ["linkedin", "instagram", "facebook", "x", "whatsapp", "google"],
  },
  email: { name: "Email", text: "Subject, preview and a letter one reads.", places: ["email"] },
  ad: {
    name: "Advertisement",
    text: "Within each network’s lengths. You see it first.",
    places: ["google", "meta", "linkedin"],
  },
  carousel: {
    name: "Carousel",
    text: "Four to ten slides, one thought each.",
    places: ["linkedin", "instagram"],
  },
  script: {
    name: "Video script",
    text: "What is said and what is shown, under a minute.",
    places: ["instagram", "youtube"],
  },
  blog: { name: "Article", text: "For your website, with headings.", places: ["website"] },
  landing: {
    name: "Landing page",
    text: "Headline, proof, questions, button.",
    places: ["website"],
  },
  other: {
    name: "Short message",
    text: "WhatsApp, SMS, or a Google update.",
    places: ["whatsapp", "sms", "google"],
  },
};

export const PLACES: Record<string, string> = {
  x: "X",
  meta: "Facebook and Instagram",
  google: "Google",
  website: "Website",
  email: "Email",
  sms: "SMS",
};
export const place = (name: string) => PLACES[name] ?? platform(name);

/** "LinkedIn post", "Google advertisement". */
export const kindOf = (asset: Pick<Listed, "type" | "platform">) => {
  const { name, places } = TYPES[asset.type];
  if (!asset.platform || places.length === 1) return name;
  return `${place(asset.platform)} ${name.toLowerCase()}`;
};

export const STATUSES: Record<Status, { name: string; dye: Dye }> = {
  draft: { name: "Draft", dye: "rule" },
  approved: { name: "Approved", dye: "mor" },
  published: { name: "Published", dye: "neel" },
  archived: { name: "Put away", dye: "rule" },
};

export const TONES: Record<string, string> = {
  professional: "Plain and exact",
  friendly: "Friendly",
  direct: "Direct",
  bold: "Bold",
};

export const LANGUAGES: [code: string, name: string][] = [
  ["en-IN", "English"],
  ["hi-IN", "Hindi"],
  ["bn-IN", "Bengali"],
  ["mr-IN", "Marathi"],
  ["te-IN", "Telugu"],
  ["ta-IN", "Tamil"],
  ["gu-IN", "Gujarati"],
  ["kn-IN", "Kannada"],
  ["ml-IN", "Malayalam"],
  ["pa-IN", "Punjabi"],
  ["or-IN", "Odia"],
];

/** A language of the list, from a setting that may be older than it. */
export const known = (language: unknown) =>
  LANGUAGES.find(([code]) => code === language)?.[0] ?? "en-IN";

/** What a line of a piece is, where the reader would not see it. */
export const STYLES: Record<string, string> = {
  subject: "Subject",
  preheader: "Preview",
  primary: "Text",
  headline: "Headline",
  description: "Description",
  button: "Button",
  slide: "Slide",
  show: "Show",
  sub: "Under it",
};

export const REASONS: Record<string, string> = {
  generated: "Written",
  edited: "Edited by you",
  rewritten: "Rewritten",
  restored: "Brought back",
};

export type Support = "sourced" | "none" | "against";
export const supportOf = (claim: Claim): Support =>
  claim.verdict === "supported" ? "sourced" : claim.verdict === "contradicted" ? "against" : "none";

export type Passage = {
  evidence_id: string;
  start: number;
  end: number;
  quote: string;
  source: string;
};
/** Where a claim stands in a document of the founder's; null for what rests on nothing, or on their word. */
export function passageOf(claim: Claim): Passage | null {
  const s = claim.source as Partial<Passage> | null;
  return s &&
    typeof s.evidence_id === "string" &&
    typeof s.start === "number" &&
    typeof s.end === "number"
    ? {
        evidence_id: s.evidence_id,
        start: s.start,
        end: s.end,
        quote: s.quote ?? "",
        source: s.source ?? "",
      }
    : null;
}

export type Piece = { text: string; claim?: number };
/** A line cut at its claims; a claim is named by its place in `claims`. */
export function piecesOf(block: Block, at: number, claims: Claim[]): Piece[] {
  const pieces: Piece[] = [];
  let rest = block.text;
  claims.forEach((claim, i) => {
    if (claim.path !== `lines.${at}.text`) return;
    const start = rest.indexOf(claim.text);
    if (start < 0) return;
    if (start > 0) pieces.push({ text: rest.slice(0, start) });
    pieces.push({ text: claim.text, claim: i });
    rest = rest.slice(start + claim.text.length);
  });
  if (rest) pieces.push({ text: rest });
  return pieces;
}

export const openClaims = (asset: Asset) =>
  asset.claims.filter((c) => supportOf(c) !== "sourced").length;
