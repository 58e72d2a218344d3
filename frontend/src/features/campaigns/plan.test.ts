import { expect, it } from "vitest";
import { clamp, dayOf, lanes, phasesOf, placed, room, sharing, shifted, shortName } from "./plan";
import type { Move } from "./queries";

const move = (over: Partial<Move>): Move =>
  ({
    id: over.name ?? "m",
    name: "m",
    status: "scheduled",
    category: "capture",
    campaign_day: 1,
    duration_days: 7,
    start_date: null,
    end_date: null,
    ...over,
  }) as Move;

it("finds the moves of each phase by name, then by day, and keeps the others", () => {
  const phases = [
    {
      number: 1,
      name: "Prove",
      start_day: 1,
      duration_days: 14,
      moves: [{ name: "a" }, { name: "b" }],
    },
    { number: 2, name: "Spread", start_day: 15, duration_days: 7, moves: [{ name: "c" }] },
  ];
  const moves = [
    move({ name: "c", campaign_day: 3 }),
    move({ name: "b renamed", id: "b", campaign_day: 8 }),
    move({ name: "a" }),
    move({ name: "own", campaign_day: null }),
  ];
  const found = phasesOf({ phases }, moves).map((p) => [p.name, p.moves.map((m) => m.name)]);
  expect(found).toEqual([
    ["Prove", ["a", "b renamed"]],
    ["Spread", ["c"]],
    ["Other moves", ["own"]],
  ]);
});

it("shows a move without days where it would lie", () => {
  const p = placed(move({ campaign_day: 8 }), "2026-11-26");
  expect([p.start, p.end]).toEqual(["2026-12-03", "2026-12-09"]);
});

it("shifts what has not begun over the end of a year", () => {
  const [one, two] = shifted(
    [
      move({ start_date: "2026-12-28", end_date: "2027-01-03" }),
      move({ status: "active", start_date: "2026-12-20", end_date: "2026-12-26" }),
    ],
    5,
  );
  expect([one?.start_date, one?.end_date, two?.start_date]).toEqual([
    "2027-01-02",
    "2027-01-08",
    "2026-12-20",
  ]);
});

it("keeps a move inside its campaign and out of the past", () => {
  const campaign = { start_date: "2026-11-20", end_date: "2026-12-20" };
  const free = room(move({}), campaign, "2026-11-26");
  expect(free).toEqual({ from: "2026-11-26", to: "2026-12-14" });
  expect(clamp("2026-11-01", free)).toBe("2026-11-26");
  expect(clamp("2027-01-01", free)).toBe("2026-12-14");
  expect(room(move({ duration_days: 90 }), campaign, "2026-11-26").to).toBe("2026-11-26");
});

it("puts moves that share days in lanes of their own, and says which they are", () => {
  const at = (id: string, start: string, end: string) => ({
    move: move({ id, name: id }),
    start,
    end,
  });
  const all = [
    at("a", "2026-12-01", "2026-12-07"),
    at("b", "2026-12-07", "2026-12-10"),
    at("c", "2026-12-08", "2026-12-14"),
  ];
  const { lane, count } = lanes(all);
  expect([count, lane.get("a"), lane.get("b"), lane.get("c")]).toEqual([2, 0, 1, 0]);
  const shares = sharing(move({ id: "d" }), "2026-12-10", all).map((o) => o.move.id);
  expect(shares).toEqual(["b", "c"]);
});

it("counts days from the first, and names a move without its phase", () => {
  expect(["2026-11-25", "2026-11-26", "2027-03-01"].map((d) => dayOf("2026-11-26", 30, d))).toEqual(
    [0, 1, 30],
  );
  expect(shortName("Prove it, days 1 to 7", "Prove it")).toBe("Days 1 to 7");
  expect(shortName("Prove it, part 1 of 2", "Prove it")).toBe("Part 1");
  expect(shortName("A visit", "Prove it")).toBe("A visit");
});
