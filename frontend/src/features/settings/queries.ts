import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, take } from "@/lib/api/client";

export const preferencesQuery = (on = api) =>
  queryOptions({
    queryKey: ["preferences"],
    queryFn: () => take(on.GET("/api/v1/feedback/preferences")).then((r) => r.preferences),
  });

export const memoryQuery = (q: string, on = api) =>
  queryOptions({
    queryKey: ["memory", q],
    queryFn: () =>
      take(on.GET("/api/v1/memory", { params: { query: { limit: 20, ...(q ? { q } : {}) } } })),
  });

export function useForget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      take(api.DELETE("/api/v1/memory/{memory_id}", { params: { path: { memory_id: id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["memory"] }),
  });
}
