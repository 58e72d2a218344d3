import { addDays, capital, fromDay } from "@/lib/format";
import type { Campaign, Move } from "./queries";

const DAY_MS = 86_400_000;
/** Whole days from one day of the API to another. */
export const daysBetween = (from: string, to: string) =>
  Math.round((fromDay(to).getTime() - fromDay(from).getTime()) / DAY_MS);

export type Phase = {
  number: number;
  name: string;
  purpose: string;
  /** Day of the campaign, from 1. */
  first: number;
  days: number;
  budget_inr: number | null;
  spend: string;
  criteria: string[];
  moves: Move[];
};

type Raw = Record<string, unknown>;
const text = (v: unknown) => (typeof v === "string" ? v : "");
const number = (v: unknown) => (v === null || v === undefined || v === "" ? null : Number(v));

/**
 * The phases with the moves that are really there. A move is found by the name it was planned under, then by
 * its day; what belongs to no phase comes last, in one of its own without a number.
 */
export function phasesOf(campaign: Pick<Campaign, "phases">, moves: Move[]): Phase[] {
  const left = new Set(moves);
  const phases = campaign.phases.map((p, i) => {
    const planned = (Array.isArray(p.moves) ? (p.moves as Raw[]) : []).map((m) => text(m.name));
    const own: Move[] = [];
    for (const name of planned) {
      const found = [...left].find((m) => m.name === name);
      if (found) {
        left.delete(found);
        own.push(found);
      }
    }
    return { ...shaped(p, i), moves: own };
  });
  for (const move of [...left]) {
    const day = move.campaign_day;
    const home = day && phases.find((p) => p.days && day >= p.first && day < p.first + p.days);
    if (home) {
      home.moves.push(move);
      left.delete(move);
    }
  }
  return left.size
    ? [...phases, { ...shaped({ name: "Other moves" }, -1), moves: [...left] }]
    : phases;
}

const shaped = (p: Raw, i: number): Phase => ({
  number: i < 0 ? 0 : (number(p.number) ?? i + 1),
  name: text(p.name) || `Phase ${i + 1}`,
  purpose: text(p.purpose),
  first: number(p.start_day) ?? 1,
  days: number(p.duration_days) ?? 0,
  budget_inr: number(p.budget_inr),
  spend: text(p.spend),
  criteria: (Array.isArray(p.success_criteria) ? p.success_criteria : []).map(String),
  moves: [],
});

export type Placed = { move: Move; start: string; end: string };

/** Where a move lies: on its own days, or on those it would have if the campaign began on `start`. */
export function placed(move: Move, start: string): Placed {
  const first = move.start_date ?? addDays(start, (move.campaign_day ?? 1) - 1);
  return { move, start: first, end: move.end_date ?? addDays(first, move.duration_days - 1) };
}

export const notBegun = (m: Pick<Move, "status">) =>
  m.status === "draft" || m.status === "scheduled";

/** The moves as they lie after the whole campaign was shifted by `days`; what has begun stays. */
export const shifted = (moves: Move[], days: number): Move[] =>
  moves.map((m) =>
    notBegun(m) && m.start_date && m.end_date
      ? { ...m, start_date: addDays(m.start_date, days), end_date: addDays(m.end_date, days) }
      : m,
  );

/**
 * The first days a move can have: not before today or the campaign, and its last day within it.
 * A move that fits nowhere keeps its day.
 */
export function room(
  move: Move,
  campaign: Pick<Campaign, "start_date" | "end_date">,
  today: string,
) {
  const from = [today, campaign.start_date ?? today].toSorted().at(-1)!;
  const to = addDays(campaign.end_date ?? from, 1 - move.duration_days);
  return { from, to: to < from ? from : to };
}

export const clamp = (day: string, { from, to }: { from: string; to: string }) =>
  day < from ? from : day > to ? to : day;

/** How many days one is on the way: 0 before the first, all of them after the last. */
export const dayOf = (start: string, total: number, today: string) =>
  Math.max(0, Math.min(total, daysBetween(start, today) + 1));

/** How many rows are needed so that moves with days in common do not lie on each other, and which each has. */
export function lanes(all: Placed[]): { lane: Map<string, number>; count: number } {
  const ends: string[] = [];
  const lane = new Map<string, number>();
  for (const p of all.toSorted((a, b) => a.start.localeCompare(b.start))) {
    const free = ends.findIndex((end) => end < p.start);
    const at = free < 0 ? ends.length : free;
    ends[at] = p.end;
    lane.set(p.move.id, at);
  }
  return { lane, count: Math.max(1, ends.length) };
}

/** Those of `others` that a move would share days with if it began on `start`. */
export const sharing = (move: Move, start: string, others: Placed[]) => {
  const end = addDays(start, move.duration_days - 1);
  return others.filter((o) => o.move.id !== move.id && o.start <= end && o.end >= start);
};

/** A move inside its phase, without the phase's name before it or how many parts there are: "Part 1". */
export const shortName = (name: string, phase: string) =>
  name.startsWith(`${phase}, `)
    ? capital(name.slice(phase.length + 2)).replace(/^(Part \d+) of \d+$/, "$1")
    : name;
