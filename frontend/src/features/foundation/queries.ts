import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import type { Fact } from "@/features/evidence/queries";
import { api, take, type Api, type Schemas } from "@/lib/api/client";
import { without } from "@/lib/without";

export type Foundation = Omit<Schemas["Foundation"], "truth_sheet">;
export type FoundationChange = Schemas["FoundationUpdate"];

export const foundationQuery = (on = api) =>
  queryOptions({
    queryKey: ["foundation"],
    queryFn: () =>
      take(on.GET("/api/v1/foundation")).then((r) => without(r.foundation, "truth_sheet")),
  });

export type TruthSheet = Awaited<ReturnType<typeof truth>>;

/** Of each fact what its row shows and where it stands; the rest would weigh in the page's HTML. */
const truth = async (on: Api) => {
  const { foundation } = await take(on.GET("/api/v1/foundation"));
  const sheet = foundation.truth_sheet as { facts?: Fact[]; rejected?: unknown[] };
  return {
    facts: (sheet.facts ?? []).map((f) => ({
      id: f.id,
      fact: f.fact,
      category: f.category,
      source: f.source,
      page: f.page,
      evidence_id: f.evidence_id,
      start: f.start,
      end: f.end,
    })),
    rejected: sheet.rejected?.length ?? 0,
  };
};

export const truthQuery = (on = api) =>
  queryOptions({ queryKey: ["foundation", "truth"], queryFn: () => truth(on) });

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
