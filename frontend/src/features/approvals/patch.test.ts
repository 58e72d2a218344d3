import { expect, test } from "vitest";
import { mergePatch } from "./patch";

test("only what differs is sent, lists as a whole", () => {
  const before = { type: "ad", head: "a", body: { text: "b", tone: "dry" }, tags: ["x", "y"] };
  const after = { type: "ad", head: "a", body: { text: "c", tone: "dry" }, tags: ["x"] };
  expect(mergePatch(before, after)).toEqual({ body: { text: "c" }, tags: ["x"] });
  expect(mergePatch(before, structuredClone(before))).toBeNull();
});

test("what is taken out is null", () => {
  expect(mergePatch({ a: "1", b: "2" }, { a: "1" })).toEqual({ b: null });
});
