"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, refused, take, type Schemas } from "./api/client";
import { ApiError } from "./api/errors";
import { readLines } from "./ndjson";

/** A line of a run, as the API streams it. */
export type RunLine = { seq?: number; status: string; node?: string } & Record<string, unknown>;
/** `stopped`: called off, or no longer to be stopped and `over`. */
export type RunState = "still" | "running" | "stopped" | "over" | "failed" | "done";
type Request = Pick<Schemas["AgentRequest"], "request_type" | "request_data">;

/**
 * Ask the agents and read the answer as it comes. `onLine` gets every line; the last one is returned
 * (`complete`, or `approval` with its `approval_gate_id` when a person has to decide first), null when it was
 * stopped or failed. Stop and Esc call the run off; a page that is left only looks away.
 */
export function useRun(onLine: (line: RunLine) => void) {
  const [state, setState] = useState<RunState>("still");
  const [error, setError] = useState<unknown>(null);
  const control = useRef<AbortController | null>(null);
  const latest = useRef(onLine);
  useEffect(() => {
    latest.current = onLine;
  });
  const id = useRef<string | null>(null);
  const stop = useCallback(() => {
    if (!control.current || control.current.signal.aborted) return;
    control.current.abort();
    if (id.current) void callOff(id.current).then(setState);
  }, []);
  useEffect(() => {
    const esc = (e: KeyboardEvent) => e.key === "Escape" && stop();
    window.addEventListener("keydown", esc);
    return () => {
      window.removeEventListener("keydown", esc);
      id.current = null;
      stop();
    };
  }, [stop]);

  const run = useCallback(async (request: Request): Promise<RunLine | null> => {
    const own = (control.current = new AbortController());
    id.current = null;
    setState("running");
    setError(null);
    try {
      const last = await read(request, own.signal, (line) => {
        if (typeof line.run_id === "string") id.current = line.run_id;
        latest.current(line);
      });
      setState("done");
      return last;
    } catch (failure) {
      if (!own.signal.aborted) setState("failed");
      else if (!id.current) setState("stopped");
      if (!own.signal.aborted) setError(failure);
      return null;
    }
  }, []);
  return { state, error, run, stop };
}

/** What became of it: one that ended in the same moment cannot be called off any more. */
async function callOff(run_id: string): Promise<RunState> {
  try {
    await take(api.DELETE("/api/v1/agents/runs/{run_id}", { params: { path: { run_id } } }));
    return "stopped";
  } catch {
    return "over";
  }
}

async function read(request: Request, signal: AbortSignal, onLine: (line: RunLine) => void) {
  const answer = await fetch("/api/v1/agents/execute/stream", {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify(request),
    signal,
  });
  if (!answer.ok || !answer.body) throw refused(answer, await answer.json().catch(() => null));
  for await (const line of readLines<RunLine>(answer.body)) {
    onLine(line);
    if (line.status === "complete" || line.status === "approval") return line;
    if (line.status === "error") throw lineError(line);
  }
  throw new ApiError(
    0,
    "cut",
    "The connection dropped. What was made so far is in Runs.",
    null,
    null,
    {},
    {},
  );
}

function lineError(line: RunLine) {
  const problem = (line.error ?? {}) as Record<string, unknown>;
  return new ApiError(
    typeof problem.status === "number" ? problem.status : 500,
    String(problem.code ?? "run_failed"),
    String(problem.detail ?? line.error ?? "The run failed."),
    typeof problem.request_id === "string" ? problem.request_id : null,
    null,
    {},
    problem,
  );
}
