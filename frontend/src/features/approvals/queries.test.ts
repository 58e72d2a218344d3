import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { Api } from "@/lib/api/client";
import { allGatesQuery, pendingQuery } from "./queries";

const gate = (id: string, hours: number) => ({
  id,
  status: "pending",
  expires_at: new Date(Date.now() + hours * 3_600_000).toISOString(),
});
const page = { approvals: [gate("late", -1), gate("open", 1)], total: 2 };
const on = { GET: async () => ({ data: page, response: { ok: true } }) } as unknown as Api;

test("what ran out waits no more, also before the API has noted it", async () => {
  const client = new QueryClient();
  const { approvals, total } = await client.fetchQuery(pendingQuery(on));
  expect([approvals.map((a) => a.id), total]).toEqual([["open"], 1]);
  const all = await client.fetchQuery(allGatesQuery(on));
  expect(all.approvals.map((a) => a.status)).toEqual(["expired", "pending"]);
});
