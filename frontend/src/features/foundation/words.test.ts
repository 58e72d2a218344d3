import { expect, it } from "vitest";
import { changedParts } from "./words";

it("finds the parts of a field that changed, and nothing else", () => {
  const before = { a: "same", b: ["x"], c: 1 };
  const after = { a: "same", b: ["x", "y"], d: 2 };
  expect(changedParts(before, after)).toEqual([
    { name: "b", was: ["x"], is: ["x", "y"] },
    { name: "c", was: 1, is: undefined },
    { name: "d", was: undefined, is: 2 },
  ]);
  expect(changedParts("Patra", "Patra Boxes")).toEqual([
    { name: "", was: "Patra", is: "Patra Boxes" },
  ]);
  expect(changedParts(null, { a: 1 })).toEqual([{ name: "a", was: undefined, is: 1 }]);
});
