import createClient from "openapi-fetch";
import { expect, test } from "@playwright/test";
import type { Read } from "@/lib/api/client";
import type { components, paths } from "@/lib/api/schema";
import { signUp, where } from "../scripts/founder.mjs";

type Move = components["schemas"]["ListedMove"];

/** The client the app calls by, as somebody who signed up at the issuer just now. */
async function client() {
  const { token } = await signUp();
  return createClient<paths, Read>({
    baseUrl: where().api,
    headers: { authorization: `Bearer ${token}` },
  });
}

test("the typed client makes moves and reads them page by page", async () => {
  const api = await client();
  const made: string[] = [];
  for (const goal of ["Five calls", "Six calls", "Seven calls"]) {
    const { data, response } = await api.POST("/api/v1/moves", {
      body: { category: "ignite", goal, duration_days: 7 },
    });
    expect(response.headers.get("etag")).toMatch(/^".+"$/);
    made.push(data!.move.id);
  }
  const seen: Move[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = cursor ? { limit: 2, cursor } : { limit: 2 };
    const { data } = await api.GET("/api/v1/moves", { params: { query } });
    expect(data?.total).toBe(3);
    seen.push(...data!.moves);
    cursor = data!.next_cursor ?? null;
  } while (cursor !== null);
  expect(seen.map((move) => move.id)).toEqual(made.reverse());
  expect(seen[0]).toMatchObject({ goal: "Seven calls", status: "draft", duration_days: 7 });
});

test("a refusal comes with its code, and none is a success", async () => {
  const api = await client();
  const body = { category: "ignite", goal: "Five calls", duration_days: 7 } as const;
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const first = await api.POST("/api/v1/moves", { params: { header: key }, body });
  const id = { path: { move_id: first.data!.move.id } };
  const again = await api.POST("/api/v1/moves", { params: { header: key }, body });
  expect(again.data?.move.id).toBe(id.path.move_id);
  expect(again.response.headers.get("idempotency-replayed")).toBe("true");
  const altered = await api.POST("/api/v1/moves", {
    params: { header: key },
    body: { ...body, goal: "Ten calls" },
  });
  expect([altered.response.status, altered.error?.code]).toEqual([422, "idempotency_key_reused"]);

  const early = await api.POST("/api/v1/moves/{move_id}/pause", { params: { path: id.path } });
  expect(early.data).toBeUndefined();
  expect(early.error).toMatchObject({ status: 409, code: "move_not_active" });
  expect(early.error?.request_id).toBe(early.response.headers.get("x-request-id"));

  const long = await api.POST("/api/v1/moves", { body: { ...body, duration_days: 91 } });
  expect([long.response.status, long.error?.code]).toEqual([422, "validation_failed"]);
  expect(long.error?.errors).toEqual([
    expect.objectContaining({ pointer: "body/duration_days", type: "less_than_equal" }),
  ]);
  const wrong = await api.GET("/api/v1/moves", { params: { query: { cursor: "page-2" } } });
  expect([wrong.response.status, wrong.error?.code]).toEqual([422, "cursor_invalid"]);
});

test("a stale write loses to the newer version", async () => {
  const api = await client();
  const made = await api.POST("/api/v1/icps", { body: { name: "Bakeries in Pune" } });
  const path = { icp_id: made.data!.icp.id };
  const etag = made.response.headers.get("etag")!;
  const change = (name: string) =>
    api.PUT("/api/v1/icps/{icp_id}", {
      params: { path, header: { "If-Match": etag } },
      body: { name },
    });
  expect((await change("Bakeries in Nashik")).data?.icp.name).toBe("Bakeries in Nashik");
  const late = await change("Bakeries in Surat");
  expect([late.response.status, late.error?.code]).toEqual([412, "precondition_failed"]);
});
