import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";
import { toast } from "@/lib/toast";
import { explain } from "@/ui/explain";

export type Strategy = Schemas["Strategy"];
export type Area = Strategy["focus_area"];

export const strategiesQuery = (on = api) =>
  queryOptions({
    queryKey: ["blackbox"],
    queryFn: () =>
      take(on.GET("/api/v1/blackbox/strategies", { params: { query: { limit: 60 } } })),
  });

const at = (id: string) => ({ params: { path: { strategy_id: id } } });

export const strategyQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["blackbox", id],
    queryFn: () =>
      take(on.GET("/api/v1/blackbox/strategies/{strategy_id}", at(id))).then((r) => r.strategy),
  });

/** Accept or discard; a refusal shows the true state, which is read anew. */
function useVerdict<T>(act: () => Promise<{ data?: T; error?: unknown; response: Response }>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => take(act()),
    onError: (error) => {
      const { title, text } = explain(error);
      toast.error(`${title}. ${text}`);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["moves"] });
      return client.invalidateQueries({ queryKey: ["blackbox"] });
    },
  });
}

export const useAccept = (id: string) =>
  useVerdict(() => api.POST("/api/v1/blackbox/strategies/{strategy_id}/accept", at(id)));
export const useDiscard = (id: string) =>
  useVerdict(() => api.POST("/api/v1/blackbox/strategies/{strategy_id}/discard", at(id)));
