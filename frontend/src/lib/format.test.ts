import { expect, test } from "vitest";
import * as f from "./format";

const d = new Date("2026-11-23T03:42:00Z");

test("money and figures group as India groups them", () => {
  expect(f.inr(124500)).toBe("₹1,24,500");
  expect(f.inr(12345678)).toBe("₹1,23,45,678");
  expect(f.inr(1349.82)).toBe("₹1,349.82");
  expect(f.count(1234567)).toBe("12,34,567");
  expect(f.usd(2.31)).toBe("$2.31");
  expect(f.usd(0.0041)).toBe("under $0.01");
  expect(f.usd(0)).toBe("$0.00");
});

test("dates and times stand in Indian time, wherever they are made", () => {
  expect(f.dateLong(d)).toBe("Monday 23 November 2026");
  expect(f.dateShort(d)).toBe("Mon 23 Nov");
  expect(f.time(d)).toBe("9:12 am");
  expect(f.isoDay(new Date("2026-11-22T20:00:00Z"))).toBe("2026-11-23");
  expect(f.addDays("2026-11-30", 1)).toBe("2026-12-01");
});

test("spans", () => {
  expect(f.minutes(80)).toBe("1 h 20 min");
  expect(f.until(new Date("2026-11-23T07:22:00Z"), d)).toBe("3 h 40 min left");
  expect(f.until(new Date("2026-11-25T03:42:00Z"), d)).toBe("until Wed 25 Nov");
  expect(f.until(d, d)).toBe("no time left");
  expect(f.ago(new Date("2026-11-23T03:30:00Z"), d)).toBe("12 min ago");
  expect(f.bytes(20 * 1024 * 1024)).toBe("20.0 MB");
});

test("words", () => {
  expect(f.inWords(3)).toBe("three");
  expect(f.inWords(12)).toBe("12");
  expect(f.many(1, "task")).toBe("1 task");
  expect(f.many(4, "reply", "replies")).toBe("4 replies");
});
