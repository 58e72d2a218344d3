import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";

export type Gate = Schemas["Gate"];
export type ListedGate = Schemas["ListedGate"];

/** One whose time is up is expired, also before the API's sweep has written that down. */
const asOfNow = (gate: ListedGate): ListedGate =>
  gate.status === "pending" && Date.parse(gate.expires_at) <= Date.now()
    ? { ...gate, status: "expired" }
    : gate;

/** What waits for a verdict. */
export const pendingQuery = (on = api) =>
  queryOptions({
    queryKey: ["approvals", { status: "pending" }],
    queryFn: () =>
      take(on.GET("/api/v1/approvals/pending", { params: { query: { limit: 100 } } })).then(
        (page) => {
          const approvals = page.approvals.filter((a) => asOfNow(a).status === "pending");
          return { approvals, total: page.total - page.approvals.length + approvals.length };
        },
      ),
  });

/** Everything there was, newest first. */
export const allGatesQuery = (on = api) =>
  queryOptions({
    queryKey: ["approvals", { status: "all" }],
    queryFn: () =>
      take(on.GET("/api/v1/approvals", { params: { query: { limit: 50 } } })).then((page) => ({
        approvals: page.approvals.map(asOfNow),
      })),
  });

const at = (id: string) => ({ params: { path: { gate_id: id } } });

export const gateQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["approvals", id],
    queryFn: () => take(on.GET("/api/v1/approvals/{gate_id}", at(id))).then((r) => r.approval),
    enabled: !!id,
  });

export type Verdict =
  | { approve: true; shown: string | null; modifications?: Record<string, unknown> }
  | { approve: false; reason: string };

/** Never shown before the API has taken it: a verdict is given once. */
export function useVerdict(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (verdict: Verdict) =>
      verdict.approve
        ? take(
            api.POST("/api/v1/approvals/{gate_id}/approve", {
              ...at(id),
              body: {
                ...(verdict.shown ? { content_hash: verdict.shown } : {}),
                ...(verdict.modifications ? { modifications: verdict.modifications } : {}),
              },
            }),
          )
        : take(
            api.POST("/api/v1/approvals/{gate_id}/reject", {
              ...at(id),
              body: verdict.reason ? { reason: verdict.reason } : {},
            }),
          ),
    onSettled: () => client.invalidateQueries({ queryKey: ["approvals"] }),
  });
}
