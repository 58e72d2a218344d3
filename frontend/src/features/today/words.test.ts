import { expect, it } from "vitest";
import type { Win } from "./queries";
import { about, chosen } from "./words";

const win = (id: string, status: Win["status"], at: string) =>
  ({ id, status, generated_at: at }) as Win;

it("shows the newest search and what was kept, and counts the others", () => {
  const wins = [
    win("a", "generated", "10:00"),
    win("b", "skipped", "10:00"),
    win("c", "generated", "10:00"),
    win("d", "saved", "09:00"),
    win("e", "generated", "09:00"),
    win("f", "skipped", "09:00"),
  ];
  const few = chosen(wins, false);
  expect([few.shown.map((w) => w.id), few.more]).toEqual([["a", "c", "d"], 1]);
  expect(chosen(wins, true).shown.map((w) => w.id)).toEqual(["a", "c", "d", "e"]);
});

it("says how long and where", () => {
  expect(about({ minutes: 8, platform: "linkedin" })).toBe("8 min, LinkedIn");
  expect(about({ minutes: null, platform: null })).toBe("");
});
