import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";
import { hold } from "@/lib/hold";
import { without } from "@/lib/without";
import { toast } from "@/lib/toast";
import { explain } from "@/ui/explain";

export type Campaign = Schemas["CampaignDetail"];
export type Listed = Schemas["ListedCampaign"];
export type Move = ReturnType<typeof shown>;
export type Status = Listed["status"];
export type Verb = "start" | "pause" | "complete";
export type Change = Schemas["CampaignUpdate"];

/** What the plan of a campaign shows of a move; a whole one is hundreds of tasks and sources. */
const shown = (move: Schemas["ListedMove"]) =>
  without(
    move,
    "execution",
    "contingencies",
    "success_metrics",
    "context",
    "workspace_id",
    "target_icp",
    "channels",
    "created_at",
    "updated_at",
  );

const at = (id: string) => ({ params: { path: { campaign_id: id } } });

export const campaignsQuery = (on = api) =>
  queryOptions({
    queryKey: ["campaigns"],
    queryFn: () => take(on.GET("/api/v1/campaigns", { params: { query: { limit: 100 } } })),
  });

export const campaignQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["campaigns", id],
    queryFn: () => take(on.GET("/api/v1/campaigns/{campaign_id}", at(id))).then((r) => r.campaign),
  });

/** Its moves in the order they were planned in. */
export const movesOfQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["campaigns", id, "moves"],
    queryFn: () =>
      take(
        on.GET("/api/v1/campaigns/{campaign_id}/moves", {
          params: { path: { campaign_id: id }, query: { limit: 100 } },
        }),
      ).then((page) => ({ ...page, moves: page.moves.map(shown) })),
  });

const say = (error: unknown) => {
  const { title, text } = explain(error);
  toast.error(`${title}. ${text}`);
};

/** A campaign and its moves stand on several pages; all of them are read anew. */
function useAnew() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ["moves"] });
    return client.invalidateQueries({ queryKey: ["campaigns"] });
  };
}

/** Start, go on, pause or complete; a refusal shows the true state. */
export function useVerb(id: string) {
  const anew = useAnew();
  return useMutation({
    mutationFn: (verb: Verb) => take(api.POST(`/api/v1/campaigns/{campaign_id}/${verb}`, at(id))),
    onError: say,
    onSettled: anew,
  });
}

export function useChange(id: string) {
  const anew = useAnew();
  return useMutation({
    mutationFn: (body: Change) =>
      take(api.PUT("/api/v1/campaigns/{campaign_id}", { ...at(id), body })),
    onSettled: anew,
  });
}

/** A new first day, at once in the page and taken back if it is refused; its moves follow when read anew. */
export function useFirstDay(id: string) {
  const client = useQueryClient();
  const anew = useAnew();
  return useMutation({
    mutationFn: ({ start }: { start: string; moves: Move[] }) =>
      take(api.PUT("/api/v1/campaigns/{campaign_id}", { ...at(id), body: { start_date: start } })),
    onMutate: async ({ start, moves }) => {
      await hold(client, ["campaigns", id]);
      const keys = [campaignQuery(id).queryKey, movesOfQuery(id).queryKey] as const;
      const before = [client.getQueryData(keys[0]), client.getQueryData(keys[1])] as const;
      client.setQueryData(keys[0], (c) => c && { ...c, start_date: start });
      client.setQueryData(keys[1], (page) => page && { ...page, moves });
      return () => {
        client.setQueryData(keys[0], before[0]);
        client.setQueryData(keys[1], before[1]);
      };
    },
    onError: (error, _, putBack) => {
      putBack?.();
      say(error);
    },
    onSettled: anew,
  });
}

/** Another first day for one move that has not begun. */
export function useMoveDay(id: string) {
  const client = useQueryClient();
  const anew = useAnew();
  return useMutation({
    mutationFn: ({ move, start }: { move: Move; start: string; end: string }) =>
      take(
        api.PUT("/api/v1/moves/{move_id}", {
          params: { path: { move_id: move.id } },
          body: { start_date: start },
        }),
      ),
    onMutate: async ({ move, start, end }) => {
      const key = movesOfQuery(id).queryKey;
      await hold(client, key);
      const before = client.getQueryData(key);
      client.setQueryData(
        key,
        (page) =>
          page && {
            ...page,
            moves: page.moves.map((m) =>
              m.id === move.id ? { ...m, start_date: start, end_date: end } : m,
            ),
          },
      );
      return () => client.setQueryData(key, before);
    },
    onError: (error, _, putBack) => {
      putBack?.();
      say(error);
    },
    onSettled: anew,
  });
}

export function useDeleteCampaign(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.DELETE("/api/v1/campaigns/{campaign_id}", at(id))),
    onSuccess: () => {
      client.removeQueries({ queryKey: ["campaigns", id] });
      void client.invalidateQueries({ queryKey: ["moves"] });
      return client.invalidateQueries({ queryKey: ["campaigns"], refetchType: "none" });
    },
  });
}
