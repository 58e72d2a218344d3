import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";
import { shown, type Shown } from "./shape";

export type Run = Schemas["ListedRun"];
export type Trace = Shown;

const LIVE = new Set(["queued", "running"]);
export const isLive = (status: string) => LIVE.has(status);

export const runsQuery = (on = api) =>
  infiniteQueryOptions({
    queryKey: ["runs", "list"],
    queryFn: ({ pageParam }) =>
      take(
        on.GET("/api/v1/agents/runs", {
          params: { query: { limit: 30, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });

export const runQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["runs", id],
    queryFn: () =>
      take(on.GET("/api/v1/agents/runs/{run_id}", { params: { path: { run_id: id } } })).then((r) =>
        shown(r.run),
      ),
  });

/** Everything that was noted, as data. */
export const traceQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", id, "whole"],
    queryFn: () =>
      take(api.GET("/api/v1/agents/runs/{run_id}", { params: { path: { run_id: id } } })).then(
        (r) => r.run,
      ),
  });

export function useCancelRun(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      take(api.DELETE("/api/v1/agents/runs/{run_id}", { params: { path: { run_id: id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["runs"] }),
  });
}
