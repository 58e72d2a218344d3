import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";
import { onceKey } from "@/lib/fields";
import { without } from "@/lib/without";

export type Asset = Schemas["Asset"];
export type Listed = Schemas["ListedAsset"];
export type Claim = Asset["claims"][number];
export type Block = Asset["blocks"][number];
export type Type = Listed["type"];
export type Status = Listed["status"];
export type Rewrite = Schemas["RewriteWish"];

export type Template = Schemas["ListedTemplate"];
export type TemplateDetail = Schemas["TemplateDetail"];

export type Filter = { type?: Type; status?: Status };

export const assetsQuery = (filter: Filter = {}, on = api) =>
  queryOptions({
    queryKey: ["muse", filter],
    queryFn: () =>
      take(on.GET("/api/v1/muse/assets", { params: { query: { limit: 60, ...filter } } })),
  });

const at = (id: string) => ({ params: { path: { asset_id: id } } });

export const assetQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["muse", id],
    queryFn: () => take(on.GET("/api/v1/muse/assets/{asset_id}", at(id))).then((r) => r.asset),
  });

export const versionsQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["muse", id, "versions"],
    queryFn: () => take(on.GET("/api/v1/muse/assets/{asset_id}/versions", at(id))),
  });

export const diffQuery = (id: string, version: number, on = api) =>
  queryOptions({
    queryKey: ["muse", id, "diff", version],
    queryFn: () =>
      take(
        on.GET("/api/v1/muse/assets/{asset_id}/versions/{version}/diff", {
          params: { path: { asset_id: id, version } },
        }),
      ),
    staleTime: Infinity,
  });

export const exportOf = (id: string, format: "markdown" | "html") =>
  `/api/v1/muse/assets/${id}/export?format=${format}`;

type Change = Schemas["AssetUpdate"];
type One = Promise<{ data?: { asset?: Asset | null }; error?: unknown; response: Response }>;

/** A change of an asset; what comes back is what is shown. */
function useChange<V>(id: string, act: (value: V) => One) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (value: V) => take(act(value)),
    onSuccess: ({ asset }) => {
      if (asset) client.setQueryData(assetQuery(id).queryKey, asset);
      return client.invalidateQueries({
        queryKey: ["muse"],
        predicate: (q) => q.queryKey[1] !== id || q.queryKey.length > 2,
      });
    },
  });
}

export const useEdit = (id: string) =>
  useChange(id, (body: Change) => api.PUT("/api/v1/muse/assets/{asset_id}", { ...at(id), body }));

export const useRewrite = (id: string) =>
  useChange(id, (body: Rewrite) =>
    api.POST("/api/v1/muse/assets/{asset_id}/rewrite", { ...at(id), body, headers: onceKey() }),
  );

export const useRestore = (id: string) =>
  useChange(id, (version: number) =>
    api.POST("/api/v1/muse/assets/{asset_id}/versions/{version}/restore", {
      params: { path: { asset_id: id, version } },
    }),
  );

export function useDelete(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.DELETE("/api/v1/muse/assets/{asset_id}", at(id))),
    onSuccess: () => {
      client.removeQueries({ queryKey: ["muse", id] });
      return client.invalidateQueries({ queryKey: ["muse"] });
    },
  });
}

export type Named = ReturnType<typeof named>;
/** A template in the list; its text and gaps come with its own page. */
const named = (t: Template) => ({
  ...without(t, "body", "variables"),
  gaps: t.variables.length,
});

export const templatesQuery = (on = api) =>
  queryOptions({
    queryKey: ["muse", "templates"],
    queryFn: () =>
      take(on.GET("/api/v1/muse/templates")).then(({ templates }) => templates.map(named)),
    staleTime: 3_600_000,
  });

const of = (id: string) => ({ params: { path: { template_id: id } } });

/** One template with what the documents offer for its gaps. */
export const templateQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["muse", "templates", id],
    queryFn: () => take(on.GET("/api/v1/muse/templates/{template_id}", of(id))),
  });

/** A draft made of a template and a value for each gap. */
export function useFill(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (values: Record<string, string>) =>
      take(
        api.POST("/api/v1/muse/templates/{template_id}/fill", {
          ...of(id),
          body: { values },
          headers: onceKey(),
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["muse"] }),
  });
}
