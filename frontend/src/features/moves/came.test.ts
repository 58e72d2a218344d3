import { expect, it } from "vitest";
import { noted } from "./came";

const came = { minutes: "", spent: "", url: "", counted: [{ name: "", value: "" }] };

it("takes what is said and leaves the rest empty", () => {
  expect(noted(came)).toEqual({
    change: { actual_minutes: null, spent_inr: 0, deliverable_url: null, results: [] },
  });
  expect(
    noted({
      minutes: "45",
      spent: "1,24,500.50",
      url: " https://example.com/p ",
      counted: [{ name: " enquiries ", value: "1,200" }],
    }),
  ).toEqual({
    change: {
      actual_minutes: 45,
      spent_inr: 124500.5,
      deliverable_url: "https://example.com/p",
      results: [{ name: "enquiries", value: 1200 }],
    },
  });
});

it("says what is wrong at its field", () => {
  const found = noted({
    minutes: "2.5",
    spent: "many",
    url: "example",
    counted: [{ name: "", value: "3" }],
  });
  expect("wrong" in found && Object.keys(found.wrong)).toEqual([
    "minutes",
    "spent",
    "url",
    "counted",
  ]);
});
