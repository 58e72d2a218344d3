import { queryOptions } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";

export type Fact = Schemas["Fact"];
export type Item = Schemas["EvidenceItem"];
/** A passage: characters `start` to `end` of an item's text, counted as code points. */
export type Passage = { evidence_id: string; start: number; end: number };

export const sessionQuery = (on = api) =>
  queryOptions({
    queryKey: ["onboarding", "session"],
    queryFn: () => take(on.POST("/api/v1/onboarding/session")).then((r) => r.session),
  });

export const itemQuery = (sessionId: string, id: string, on = api) =>
  queryOptions({
    queryKey: ["onboarding", sessionId, "item", id],
    queryFn: () =>
      take(
        on.GET("/api/v1/onboarding/{session_id}/vault/{evidence_id}", {
          params: { path: { session_id: sessionId, evidence_id: id } },
        }),
      ).then((r) => r.evidence),
    staleTime: Infinity,
  });

/** A signed address of the file as it was brought; works for some minutes. */
export const originalOf = (sessionId: string, id: string) =>
  take(
    api.GET("/api/v1/onboarding/{session_id}/vault/{evidence_id}/original", {
      params: { path: { session_id: sessionId, evidence_id: id } },
    }),
  );

/** Facts by id: the truth sheet's where it is there, which knows corrections too, else the extraction's. */
export const factsQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["onboarding", id, "facts"],
    queryFn: async () => {
      const [found, truth] = await Promise.all(
        [2, 4].map((n) =>
          take(
            on.GET("/api/v1/onboarding/{session_id}/steps/{step}", {
              params: { path: { session_id: id, step: n } },
            }),
          ),
        ),
      );
      const facts = new Map<string, Fact>();
      const extraction = found?.data as Schemas["Extraction"] | null;
      const sheet = (truth?.data as Schemas["Truth"] | null)?.truth_sheet;
      for (const f of [...(extraction?.facts ?? []), ...(sheet?.facts ?? [])]) facts.set(f.id, f);
      return facts;
    },
    enabled: !!id,
  });
