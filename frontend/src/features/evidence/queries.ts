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
