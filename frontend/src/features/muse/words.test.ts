import { expect, it } from "vitest";
import { kindOf, passageOf, piecesOf } from "./words";
import type { Block, Claim } from "./queries";

const block = (text: string): Block => ({ slot: "body", style: "para", text, sources: [] });
const claim = (text: string, path: string, source: Claim["source"] = null): Claim => ({
  path,
  text,
  verdict: "supported",
  rule: null,
  why: "",
  source,
});

it("cuts a line at its own claims alone, in their order, and loses no letter", () => {
  const line = block("Boxes leave in 4 days. Really. A sample is ₹250.");
  const claims = [
    claim("Boxes leave in 4 days.", "lines.1.text"),
    claim("elsewhere", "lines.2.text"),
    claim("A sample is ₹250.", "lines.1.text"),
  ];
  const pieces = piecesOf(line, 1, claims);
  expect(pieces.map((p) => p.text).join("")).toBe(line.text);
  expect(pieces.map((p) => p.claim)).toEqual([0, undefined, 2]);
  expect(piecesOf(line, 3, claims)).toEqual([{ text: line.text }]);
});

it("keeps a line whose claim is worded otherwise", () => {
  expect(piecesOf(block("One."), 0, [claim("Two.", "lines.0.text")])).toEqual([{ text: "One." }]);
});

it("names kinds and places", () => {
  expect(kindOf({ type: "social", platform: "linkedin" })).toBe("LinkedIn post");
  expect(kindOf({ type: "email", platform: "email" })).toBe("Email");
  expect(passageOf(claim("x", "lines.0.text", { quote: "q" }))).toBeNull();
});
