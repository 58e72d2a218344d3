"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import { refused, type Schemas } from "./api/client";
import { ApiError } from "./api/errors";
import { readLines } from "./ndjson";

/** A line of a run, as the API streams it. */
export type RunLine = { seq?: number; status: string; node?: string } & Record<string, unknown>;
export type RunState = "still" | "running" | "stopped" | "failed" | "done";
type Request = Pick<Schemas["AgentRequest"], "request_type" | "request_data">;

/**
 * Ask the agents and read the answer as it comes. `onLine` gets every line; the last one is returned
 * (`complete`, or `approval` with its `approval_gate_id` when a person has to decide first), null when it was
 * stopped or failed. Ends with Stop, Esc, or when the page is left.
 */
export function useRun(onLine: (line: RunLine) => void) {
  const [state, setState] = useState<RunState>("still");
  const [error, setError] = useState<unknown>(null);
  const control = useRef<AbortController | null>(null);
  const latest = useRef(onLine);
  useEffect(() => {
    latest.current = onLine;
  });
  const stop = useCallback(() => control.current?.abort(), []);
  useEffect(() => {
    const esc = (e: KeyboardEvent) => e.key === "Escape" && stop();
    window.addEventListener("keydown", esc);
    return () => {
      window.removeEventListener("keydown", esc);
      stop();
    };
  }, [stop]);

  const run = useCallback(async (request: Request): Promise<RunLine | null> => {
    const own = (control.current = new AbortController());
    setState("running");
    setError(null);
    try {
      const last = await read(request, own.signal, (line) => latest.current(line));
      setState("done");
      return last;
    } catch (failure) {
      setState(own.signal.aborted ? "stopped" : "failed");
      if (!own.signal.aborted) setError(failure);
      return null;
    }
  }, []);
  return { state, error, run, stop };
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
