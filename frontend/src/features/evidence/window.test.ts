import { expect, test } from "vitest";
import { windowOf } from "./window";

test("offsets count characters as the API does, beyond the basic plane too", () => {
  const text = "🙂🙂 Snack box at ₹14 each.";
  expect(windowOf(text, [0], 3, 12).marked).toBe("Snack box");
});

test("only the passage's page is shown, and it is numbered from one", () => {
  const text = "first page second page third";
  const w = windowOf(text, [0, 11, 23], 18, 22);
  expect(w).toEqual({ before: "second ", marked: "page", after: " ", page: 2, pages: 3 });
});

test("far text is left out at a word's edge", () => {
  const text = "word ".repeat(1000);
  const w = windowOf(text, [], 2500, 2504);
  expect(w.before.length).toBeLessThan(901);
  expect(w.before.startsWith("word")).toBe(true);
});
