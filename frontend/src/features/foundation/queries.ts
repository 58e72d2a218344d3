import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";

export type Foundation = Schemas["Foundation"];
export type FoundationChange = Schemas["FoundationUpdate"];

export const foundationQuery = (on = api) =>
  queryOptions({
    queryKey: ["foundation"],
    queryFn: () => take(on.GET("/api/v1/foundation")).then((r) => r.foundation),
  });

export type Change = Schemas["FoundationChange"];

/** What became of each field, newest first, a page at a time. */
export const historyQuery = (field = "") =>
  infiniteQueryOptions({
    queryKey: ["foundation", "history", field],
    queryFn: ({ pageParam }) =>
      take(
        api.GET("/api/v1/foundation/history", {
          params: {
            query: {
              limit: 20,
              ...(field ? { field } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || null,
  });

export function useChangeFoundation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: FoundationChange) => take(api.PUT("/api/v1/foundation", { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["foundation"] }),
  });
}
