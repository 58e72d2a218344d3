import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";

export type Foundation = Schemas["Foundation"];
export type FoundationChange = Schemas["FoundationUpdate"];

export const foundationQuery = (on = api) =>
  queryOptions({
    queryKey: ["foundation"],
    queryFn: () => take(on.GET("/api/v1/foundation")).then((r) => r.foundation),
  });

export function useChangeFoundation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: FoundationChange) => take(api.PUT("/api/v1/foundation", { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["foundation"] }),
  });
}
