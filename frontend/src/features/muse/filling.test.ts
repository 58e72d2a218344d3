import { expect, it } from "vitest";
import { pieces, wanting } from "./filling";

it("fills what has a value, names what has none, and takes braces in a value as text", () => {
  const found = pieces(
    "Hello {{who}}, {{what}}!",
    { who: "{{what}}", what: " " },
    { what: "What you do" },
  );
  expect(found.map((p) => [p.text, p.empty])).toEqual([
    ["Hello ", false],
    ["{{what}}", false],
    [", ", false],
    ["What you do", true],
    ["!", false],
  ]);
});

it("says what is still wanting", () => {
  expect(wanting(["a", "b", "c"], { a: "x", b: "  " })).toEqual(["b", "c"]);
});
