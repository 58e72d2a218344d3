import { expect, test } from "vitest";
import { usdFine } from "./words";

test("amounts under each other show so many places that they add up", () => {
  expect([0.0031, 0.0114].map(usdFine([0.0031, 0.0114]))).toEqual(["$0.0031", "$0.0114"]);
  expect([0, 2].map(usdFine([0, 2]))).toEqual(["$0.00", "$2.00"]);
});
