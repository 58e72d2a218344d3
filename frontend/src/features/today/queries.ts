import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";
import { hold } from "@/lib/hold";
import { onceKey } from "@/lib/fields";
import { toast } from "@/lib/toast";
import { explain } from "@/ui/explain";

export type Win = Schemas["Win"];

/** The ideas of today where the founder is, newest first. */
export const winsQuery = (on = api) =>
  queryOptions({
    queryKey: ["wins"],
    queryFn: () => take(on.GET("/api/v1/daily-wins", { params: { query: { limit: 60 } } })),
  });

const at = (id: string) => ({ params: { path: { win_id: id } } });

/** Look for three more; a run of the engine, which is waited for. */
export function useFindWins() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      take(api.POST("/api/v1/daily-wins/generate", { body: {}, headers: onceKey() })),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["billing", "usage"] });
      return client.invalidateQueries({ queryKey: ["wins"] });
    },
  });
}

/** Keep or skip at once, and put it back if the API refuses. */
export function useKeep() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, act }: { id: string; act: "save" | "skip" }) =>
      take(api.POST(`/api/v1/daily-wins/{win_id}/${act}`, at(id))),
    onMutate: async ({ id, act }) => {
      const key = winsQuery().queryKey;
      await hold(client, key);
      const before = client.getQueryData(key);
      const status = act === "save" ? ("saved" as const) : ("skipped" as const);
      client.setQueryData(
        key,
        (page) =>
          page && { ...page, wins: page.wins.map((w) => (w.id === id ? { ...w, status } : w)) },
      );
      return () => client.setQueryData(key, before);
    },
    onError: (error, _, putBack) => {
      putBack?.();
      const { title, text } = explain(error);
      toast.error(`${title}. ${text}`);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["wins"] }),
  });
}

export function usePosted(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (url: string) =>
      take(
        api.POST("/api/v1/daily-wins/{win_id}/mark-posted", {
          ...at(id),
          body: url ? { posted_url: url } : {},
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["wins"] }),
  });
}

/** Written out as a post by the copywriter; gives the piece. */
export function useWriteOut(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      take(api.POST("/api/v1/daily-wins/{win_id}/expand", { ...at(id), headers: onceKey() })),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["muse"] });
      void client.invalidateQueries({ queryKey: ["billing", "usage"] });
      return client.invalidateQueries({ queryKey: ["wins"] });
    },
  });
}
