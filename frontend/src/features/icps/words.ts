import type { Icp } from "./queries";

export const STAGES = [
  "do not feel the problem yet",
  "feel the problem, know no way out",
  "know there is a way, not whose",
  "know you, and compare",
  "know you, and wait for a reason",
] as const;

export const SCORES = [
  ["pain_intensity", "It hurts"],
  ["willingness_to_pay", "They pay"],
  ["accessibility", "In reach"],
  ["product_fit", "It fits"],
] as const;

export const scoresOf = (icp: Pick<Icp, "scores">) =>
  SCORES.map(([key, name]) => ({ key, name, value: Number(icp.scores[key] ?? 0) }));

export const stageOf = (icp: Pick<Icp, "market_sophistication">) =>
  Math.min(5, Math.max(1, Number(icp.market_sophistication.stage ?? 3)));

const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((v): v is string => typeof v === "string") : [];
export const fearsOf = (icp: Icp) => list(icp.psychographics.fears);
export const placesOf = (icp: Icp) => list(icp.behaviors.hangouts);
export const wordsOf = (icp: Icp) => list(icp.behaviors.language_patterns);
