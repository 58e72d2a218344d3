import { expect, test } from "vitest";
import type { Payment } from "./queries";
import { takeBackUntil } from "./refund";

const paid = {
  status: "completed",
  refund_status: null,
  completed_at: "2026-11-20T06:00:00+00:00",
} as Payment;
const at = (day: string) => new Date(`${day}T06:00:00Z`);

test("a payment can be taken back for so many days after it came", () => {
  expect(takeBackUntil(paid, 7, at("2026-11-26"))).toEqual(at("2026-11-27"));
  expect(takeBackUntil(paid, 7, at("2026-11-27"))).toBeNull();
  expect(takeBackUntil(paid, 0, at("2026-11-20"))).toBeNull();
});

test("what did not come, or is going back, cannot; what failed to go back can again", () => {
  const now = at("2026-11-21");
  expect(takeBackUntil({ ...paid, status: "processing", completed_at: null }, 7, now)).toBeNull();
  expect(takeBackUntil({ ...paid, status: "refunded" }, 7, now)).toBeNull();
  expect(takeBackUntil({ ...paid, refund_status: "pending" }, 7, now)).toBeNull();
  expect(takeBackUntil({ ...paid, refund_status: "failed" }, 7, now)).not.toBeNull();
});
