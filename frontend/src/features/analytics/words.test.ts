import { expect, it } from "vitest";
import { cited, nameOf, periodOf, searchOf, spanOf } from "./words";

it("looks back whole weeks from Monday, this one included", () => {
  expect(periodOf("28", "2026-11-26")).toEqual({ first: "2026-11-02", last: "2026-11-29" });
  expect(periodOf("28", "2026-11-29")).toEqual({ first: "2026-11-02", last: "2026-11-29" });
  expect(periodOf("28", "2026-11-30")).toEqual({ first: "2026-11-09", last: "2026-12-06" });
  expect([spanOf("84"), spanOf("5"), spanOf(undefined)]).toEqual(["84", "28", "28"]);
});

it("says a cited number with its unit", () => {
  expect(cited("spent, INR", 124500)).toBe("₹1,24,500 spent");
  expect(cited("spent from 5 January, INR", 900)).toBe("₹900 spent from 5 January");
  expect(cited("instagram: average rating", 4.5)).toBe("4.5 of 5, Instagram");
  expect(cited("email: missed", 3)).toBe("3 missed, Email");
  expect(cited("16 November", 2)).toBe("16 November: 2");
  expect(cited("done", 12)).toBe("12 done");
});

it("names a group as its owner would, also one without a name", () => {
  expect(nameOf("channel", { key: "linkedin", name: "linkedin" })).toBe("LinkedIn");
  expect(nameOf("category", { key: "ignite", name: "ignite" })).toBe("Ignite");
  expect(nameOf("icp", { key: "-", name: null })).toBe("Nobody in particular");
});

it("takes the filter out of an insight's address", () => {
  expect(searchOf("/api/v1/analytics/tasks?first=2026-11-01&outcome=done")).toBe(
    "first=2026-11-01&outcome=done",
  );
});
