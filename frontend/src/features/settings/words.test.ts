import { expect, test } from "vitest";
import { eventInWords, inPlain, learned, scopesInWords } from "./words";

test("what a key may do is said once, without names of scopes", () => {
  expect(scopesInWords(["*:read", "moves:read"])).toBe("May read everything.");
  expect(scopesInWords(["moves:read", "muse:write", "icps:write"])).toBe(
    "May read Moves, and change Muse and ICPs.",
  );
  expect(scopesInWords([])).toBe("May do nothing.");
});

test("an event reads as a line of a log", () => {
  expect(eventInWords("move.started")).toBe("Move started");
  expect(eventInWords("api_key.created")).toBe("API key created");
  expect(eventInWords("icps.deleted")).toBe("ICPs deleted");
  expect(eventInWords("webhook_endpoint.created")).toBe("Webhook endpoint created");
});

test("what the engine names with underscores is read in words", () => {
  expect(inPlain("daily_wins: three ideas")).toBe("Daily wins: three ideas");
  expect(learned({ preferred_tone: "plain", feedback_count: 1 }).at(-1)).toEqual([
    "Learned from",
    "1 verdict",
  ]);
});
