import { expect, test } from "vitest";
import { shown } from "./shape";

const trace = (tool_calls: unknown[]) =>
  ({
    original_request: {},
    messages: [],
    model_calls: [],
    tool_calls,
    quality_scores: [],
    approval_gates: [],
  }) as unknown as Parameters<typeof shown>[0];

test("what was looked up outside stands with its address; what no browser should open does not", () => {
  const { looked } = shown(
    trace([
      {
        tool_name: "web_search",
        parameters: { query: "box makers" },
        result: {
          results: [
            { title: "Boxes in Pune", url: "https://example.com/a", snippet: "Two makers." },
            { title: "Trap", url: "javascript:alert(1)" },
          ],
        },
      },
      {
        tool_name: "read_feed",
        parameters: { url: "https://example.com/feed" },
        result: {
          title: "Packaging Weekly",
          entries: [{ title: "Kraft", url: "https://e.com/k" }],
        },
      },
      { tool_name: "scrape_website", parameters: { url: "https://example.com/p" }, result: {} },
      { tool_name: "get_icps", parameters: {}, result: { icps: [] } },
    ]),
  );
  expect(looked.map((l) => [l.asked, l.finds.map((f) => f.title)])).toEqual([
    ["box makers", ["Boxes in Pune"]],
    ["Packaging Weekly", ["Kraft"]],
    ["https://example.com/p", ["https://example.com/p"]],
  ]);
  expect(looked[0]?.finds[0]?.quote).toBe("Two makers.");
});
