import { expect, test } from "vitest";
import { ownPath } from "./paths";

test("only paths of our own are gone back to", () => {
  expect(ownPath("/moves/1?view=week")).toBe("/moves/1?view=week");
  for (const bad of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "today",
    "/a\nb",
    "",
    null,
  ])
    expect(ownPath(bad)).toBe("/today");
});
