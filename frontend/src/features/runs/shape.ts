import type { Schemas } from "@/lib/api/client";
import { isAddress, type Find } from "@/ui/finds";

type Trace = Schemas["Trace"];

/** What the page of a run shows of its trace; the whole is read when it is asked for. */
export type Shown = ReturnType<typeof shown>;

export const shown = (run: Trace) => ({
  trace_id: run.trace_id,
  request_type: run.request_type,
  status: run.status,
  error: run.error,
  asked: text(run.original_request.goal) || text(run.original_request.query),
  started_at: run.started_at,
  total_tokens: run.total_tokens,
  total_cost: run.total_cost,
  total_latency_ms: run.total_latency_ms,
  corrections_made: run.corrections_made,
  steps: run.messages.filter((m) => m.action !== "progress").map(step),
  calls: [...run.model_calls.map(modelCall), ...run.tool_calls.map(toolCall)],
  looked: run.tool_calls.flatMap(looked),
  judged: judged(run.quality_scores.at(-1)),
  gate: gate(run.approval_gates.at(-1)),
});

type Raw = Record<string, unknown>;
const text = (value: unknown) => (typeof value === "string" ? value : "");
const number = (value: unknown) => (typeof value === "number" ? value : null);
const list = (value: unknown) => (Array.isArray(value) ? (value as Raw[]) : []);

const step = (m: Trace["messages"][number]) => ({
  id: m.message_id,
  action: m.action,
  at: m.at,
  title: text(m.parameters.title),
  skill: text(m.parameters.skill),
  model: text(m.parameters.model),
  ms: number(m.parameters.ms),
});

export type Call = {
  name: string;
  by: string;
  tokens: number;
  /** USD; null for what costs nothing by itself. */
  cost: number | null;
  error: string;
};

const modelCall = (c: Raw): Call => ({
  name: text(c.name),
  by: text(c.model),
  tokens: (number(c.tokens_input) ?? 0) + (number(c.tokens_output) ?? 0),
  cost: number(c.charged_usd),
  error: text(c.error),
});

const toolCall = (c: Raw): Call => ({
  name: text(c.tool_name),
  by: "tool",
  tokens: 0,
  cost: null,
  error: text(c.error),
});

export type Looked = { tool: string; asked: string; finds: Find[] };

const MOST_FINDS = 10;

/** What a search or a reading of somebody else's pages brought; nothing of tools that stay at home. */
function looked(call: Raw): Looked[] {
  const asked = (call.parameters ?? {}) as Raw;
  const gave = (call.result ?? {}) as Raw;
  const found = list(gave.results ?? gave.entries).map((item) => ({
    title: text(item.title) || text(item.url),
    url: item.url,
    quote: text(item.snippet) || text(item.summary),
  }));
  const page =
    isAddress(asked.url) && !("entries" in gave)
      ? [{ title: text(gave.title) || text(gave.name) || asked.url, url: asked.url, quote: "" }]
      : [];
  const finds = [...found, ...page].filter((f): f is Find & { quote: string } => isAddress(f.url));
  return finds.length
    ? [
        {
          tool: text(call.tool_name),
          asked: text(asked.query) || text(gave.title) || text(asked.url),
          finds: finds.slice(0, MOST_FINDS),
        },
      ]
    : [];
}

function judged(score: Raw | undefined) {
  if (!score) return null;
  const issues = Array.isArray(score.issues) ? (score.issues as (string | Raw)[]) : [];
  return {
    score: number(score.overall_score),
    issues: issues.map((i) => (typeof i === "string" ? i : text(i.message))).filter(Boolean),
  };
}

const gate = (g: Raw | undefined) => (g ? { id: text(g.id), status: text(g.status) } : null);
