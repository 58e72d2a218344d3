import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { sessionQuery } from "@/features/evidence/queries";
import { api, refused, take, type Schemas } from "@/lib/api/client";
import { readLines } from "@/lib/ndjson";

export type Session = Schemas["Session"];
export type StepSummary = Session["steps"][number];
export type StepInputs = Schemas["StepInputs"];
export type Conflict = Schemas["Disagreement"];
export type Progress = Schemas["Progress"];

export const vaultQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["onboarding", id, "vault"],
    queryFn: () =>
      take(
        on.GET("/api/v1/onboarding/{session_id}/vault", { params: { path: { session_id: id } } }),
      ).then((r) => r.evidence),
    enabled: !!id,
  });

const path = (id: string, step: number) => ({ params: { path: { session_id: id, step } } });

/** What a step has given, in that step's own shape. */
export const stepQuery = (id: string, step: number, on = api) =>
  queryOptions({
    queryKey: ["onboarding", id, "step", step],
    queryFn: () => take(on.GET("/api/v1/onboarding/{session_id}/steps/{step}", path(id, step))),
    enabled: !!id,
  });

export function useAddUrl(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (url: string) =>
      take(
        api.POST("/api/v1/onboarding/{session_id}/vault/url", {
          params: { path: { session_id: id } },
          body: { url },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["onboarding"] }),
  });
}

export function useRemove(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (evidenceId: string) =>
      take(
        api.DELETE("/api/v1/onboarding/{session_id}/vault/{evidence_id}", {
          params: { path: { session_id: id, evidence_id: evidenceId } },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["onboarding"] }),
  });
}

export function useRunStep(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ step, inputs }: { step: number; inputs?: StepInputs }) =>
      take(
        api.POST("/api/v1/onboarding/{session_id}/steps/{step}/run", {
          ...path(id, step),
          body: inputs ?? {},
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["onboarding"] }),
  });
}

export function useEditStep(id: string, step: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (data: Record<string, unknown>) =>
      take(
        api.PUT("/api/v1/onboarding/{session_id}/steps/{step}", {
          ...path(id, step),
          body: data as never,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["onboarding"] }),
  });
}

export function useSkip(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (step: number) =>
      take(api.POST("/api/v1/onboarding/{session_id}/steps/{step}/skip", path(id, step))),
    onSettled: () => client.invalidateQueries({ queryKey: ["onboarding"] }),
  });
}

export function useComplete(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      take(
        api.POST("/api/v1/onboarding/{session_id}/complete", {
          params: { path: { session_id: id } },
        }),
      ),
    onSuccess: () => client.invalidateQueries(),
  });
}

export type Live = {
  running: boolean;
  step: number | null;
  title: string | null;
  done: number;
  total: number;
  secondsLeft: number | null;
  error: unknown;
};

const STILL: Live = {
  running: false,
  step: null,
  title: null,
  done: 0,
  total: 0,
  secondsLeft: null,
  error: null,
};

type Line =
  | {
      status: "step";
      node: string;
      step?: number;
      title?: string;
      done?: number;
      total?: number;
      seconds_left?: number | null;
    }
  | { status: "complete" }
  | { status: "error"; error?: { detail?: string } }
  | { status: "started" | "approval" };

/** Run the steps that are due and follow the run's own lines; a dropped line is taken up where it broke. */
export function useRunSteps(id: string) {
  const client = useQueryClient();
  const [live, setLive] = useState<Live>(STILL);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const follow = useCallback(
    async (runId: string) => {
      const control = (stop.current = new AbortController());
      let after = 0;
      for (let tries = 0; tries < 4; tries++) {
        const answer = await fetch(`/api/v1/agents/runs/${runId}/events?after=${after}`, {
          signal: control.signal,
        });
        if (!answer.ok || !answer.body)
          throw refused(answer, await answer.json().catch(() => null));
        for await (const line of readLines<Line & { seq?: number }>(answer.body)) {
          after = line.seq ?? after;
          if (line.status === "step" && line.node === "progress") {
            setLive((l) => ({
              ...l,
              step: line.step ?? l.step,
              title: line.title ?? l.title,
              done: line.done ?? l.done,
              total: line.total ?? l.total,
              secondsLeft: line.seconds_left ?? null,
            }));
            void client.invalidateQueries({ queryKey: sessionQuery().queryKey });
          }
          if (line.status === "complete") return;
          if (line.status === "error") throw new Error(line.error?.detail ?? "The run failed.");
        }
      }
      throw new Error("The connection to the run was lost. It goes on; open this page again.");
    },
    [client],
  );

  const run = useCallback(
    async (toStep: number): Promise<boolean> => {
      setLive({ ...STILL, running: true });
      try {
        const progress = await take(
          api.POST("/api/v1/onboarding/{session_id}/run", {
            params: { path: { session_id: id } },
            body: { to_step: toStep },
          }),
        );
        await follow(progress.run_id);
        setLive(STILL);
        return true;
      } catch (error) {
        if (!(error instanceof DOMException)) setLive({ ...STILL, error });
        return false;
      } finally {
        await client.invalidateQueries({ queryKey: ["onboarding"] });
      }
    },
    [client, follow, id],
  );
  return { live, run };
}
