import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";
import { hold } from "@/lib/hold";
import { onceKey } from "@/lib/fields";

export type Icp = Schemas["Icp"];
export type IcpChange = Schemas["IcpUpdate"];

export const icpsQuery = (on = api) =>
  queryOptions({
    queryKey: ["icps"],
    queryFn: () => take(on.GET("/api/v1/icps", { params: { query: { limit: 100 } } })),
  });

export const icpQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["icps", id],
    queryFn: () =>
      take(on.GET("/api/v1/icps/{icp_id}", { params: { path: { icp_id: id } } })).then(
        (r) => r.icp,
      ),
  });

const at = (id: string) => ({ params: { path: { icp_id: id } } });

export function useMakeIcp() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["IcpCreate"]) =>
      take(api.POST("/api/v1/icps", { body, headers: onceKey() })).then((r) => r.icp),
    onSuccess: () => client.invalidateQueries({ queryKey: ["icps"] }),
  });
}

export function useChangeIcp(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: IcpChange) => take(api.PUT("/api/v1/icps/{icp_id}", { ...at(id), body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["icps"] }),
  });
}

export function useDeleteIcp(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.DELETE("/api/v1/icps/{icp_id}", at(id))),
    onSuccess: () => {
      client.removeQueries({ queryKey: ["icps", id] });
      return client.invalidateQueries({ queryKey: ["icps"] });
    },
  });
}

/** At once, and back if it is refused. */
export function useSetPrimary() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => take(api.POST("/api/v1/icps/{icp_id}/set-primary", at(id))),
    onMutate: async (id) => {
      await hold(client, ["icps"]);
      const key = icpsQuery().queryKey;
      const before = client.getQueryData(key);
      client.setQueryData(
        key,
        (page) =>
          page && { ...page, icps: page.icps.map((i) => ({ ...i, is_primary: i.id === id })) },
      );
      return () => client.setQueryData(key, before);
    },
    onError: (_error, _id, putBack) => putBack?.(),
    onSettled: () => client.invalidateQueries({ queryKey: ["icps"] }),
  });
}
