"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { count, many, seconds, time, usd } from "@/lib/format";
import { inkLink, PageHead, Section, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { ErrorNote, Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { isLive, runQuery, useCancelRun, type Trace as TraceData } from "./queries";
import { nodeOf, STATES, typeOf } from "./words";

export function Trace({ id }: { id: string }) {
  const run = useQuery({
    ...runQuery(id),
    refetchInterval: (q) => (q.state.data && isLive(q.state.data.status) ? 1_000 : false),
  });
  return <Shown query={run}>{(r) => <Whole run={r} />}</Shown>;
}

function Whole({ run }: { run: TraceData }) {
  const state = STATES[run.status];
  const cancel = useCancelRun(run.trace_id);
  const goal = run.original_request.goal ?? run.original_request.query;
  return (
    <>
      <PageHead
        trail={
          <Link href={"/runs" as Route} className="hover:text-ink hover:underline">
            Runs
          </Link>
        }
        title={typeOf(run.request_type)}
        lead={typeof goal === "string" ? `“${goal}”` : null}
        acts={
          <>
            <Tag dye={state.dye}>{state.name}</Tag>
            {isLive(run.status) ? (
              <Button size="s" busy={cancel.isPending} onClick={() => cancel.mutate()}>
                Call it off
              </Button>
            ) : null}
          </>
        }
      />
      {run.error ? (
        <div className="mb-8">
          <Limit>
            {run.error} What was paid for is kept, and asking again takes it from there.
          </Limit>
        </div>
      ) : null}
      {cancel.error ? <ErrorNote error={cancel.error} /> : null}
      <Figures run={run} />
      <div className="mt-12 grid gap-x-14 gap-y-12 lg:grid-cols-2">
        <Steps run={run} />
        <div className="space-y-12">
          <Calls run={run} />
          <Quality run={run} />
        </div>
      </div>
      <Raw run={run} />
    </>
  );
}

function Figures({ run }: { run: TraceData }) {
  const figures: [string, string][] = [
    ["Begun", time(new Date(run.started_at))],
    ["Took", run.total_latency_ms === null ? "still at it" : seconds(run.total_latency_ms / 1000)],
    ["Tokens", count(run.total_tokens)],
    ["Cost", usd(run.total_cost)],
  ];
  return (
    <dl className="grid grid-cols-2 gap-y-6 border-y border-rule py-5 sm:grid-cols-4">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt className="text-small text-ink-3">{name}</dt>
          <dd className="font-serif text-h3 figures">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** In the order they were done; a run at work grows here. */
function Steps({ run }: { run: TraceData }) {
  const steps = run.messages.filter((m) => m.action !== "progress");
  return (
    <Section id="steps" title="What was done" aside={many(steps.length, "step")}>
      <ol aria-busy={isLive(run.status)}>
        {steps.map((m) => {
          const p = m.parameters as { title?: string; skill?: string; model?: string; ms?: number };
          return (
            <li
              key={m.message_id}
              className="grid grid-cols-[1fr_auto] gap-4 border-t border-rule py-2.5 first:border-0"
            >
              <div>
                <p>{nodeOf(m.action)}</p>
                {p.skill || p.title ? (
                  <p className="text-small text-ink-3">
                    {[p.title, p.skill?.replaceAll("_", " "), p.model].filter(Boolean).join(", ")}
                  </p>
                ) : null}
              </div>
              <p className="text-small text-ink-3 figures">
                {p.ms ? seconds(p.ms / 1000) : time(new Date(m.at))}
              </p>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

type Call = {
  name?: string;
  tool_name?: string;
  model?: string;
  tokens_input?: number;
  tokens_output?: number;
  charged_usd?: number | null;
  latency_ms?: number | null;
  error?: string | null;
};

function Calls({ run }: { run: TraceData }) {
  const calls = [...run.model_calls, ...run.tool_calls] as Call[];
  return (
    <Section id="calls" title="What was paid for" aside={usd(run.total_cost)}>
      {calls.length ? (
        <div className="overflow-x-auto" tabIndex={0} role="group" aria-labelledby="calls">
          <table className="w-full text-body">
            <thead className="text-left text-small text-ink-3">
              <tr>
                <th scope="col" className="py-2 font-body">
                  Call
                </th>
                <th scope="col" className="py-2 text-right font-body">
                  Tokens
                </th>
                <th scope="col" className="py-2 text-right font-body">
                  Cost
                </th>
              </tr>
            </thead>
            <tbody>
              {calls.map((c, i) => (
                <tr key={i} className="border-t border-rule">
                  <th scope="row" className="py-2 pr-4 text-left font-body">
                    {(c.name ?? c.tool_name ?? "").replaceAll("_", " ")}
                    <span className="block text-small text-ink-3">
                      {c.error ?? c.model ?? "tool"}
                    </span>
                  </th>
                  <td className="py-2 text-right figures">
                    {count((c.tokens_input ?? 0) + (c.tokens_output ?? 0))}
                  </td>
                  <td className="py-2 pl-4 text-right figures">
                    {c.charged_usd === null || c.charged_usd === undefined
                      ? ""
                      : usd(c.charged_usd)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="py-2.5 text-body text-ink-2">No model and no tool was called.</p>
      )}
    </Section>
  );
}

function Quality({ run }: { run: TraceData }) {
  const last = run.quality_scores.at(-1) as
    { overall_score?: number; issues?: (string | { message?: string })[] } | undefined;
  const gate = run.approval_gates.at(-1) as { id?: string; status?: string } | undefined;
  if (!last && !gate) return null;
  return (
    <Section id="quality" title="How it was judged">
      {last ? (
        <p className="py-2.5">
          <span className="font-serif text-h3 figures">{last.overall_score}</span>{" "}
          <span className="text-ink-2">of 100</span>
          {run.corrections_made ? `, after ${many(run.corrections_made, "revision")}` : ""}
        </p>
      ) : null}
      {last?.issues?.length ? (
        <ul className="text-body text-ink-2">
          {last.issues.map((issue, i) => (
            <li key={i} className="border-t border-rule py-2">
              {typeof issue === "string" ? issue : (issue.message ?? JSON.stringify(issue))}
            </li>
          ))}
        </ul>
      ) : null}
      {gate?.id ? (
        <p className="border-t border-rule py-2.5">
          <Link className={inkLink} href={`/approvals?id=${gate.id}` as Route}>
            {gate.status === "pending"
              ? "It waits for your word"
              : `You were asked: ${gate.status}`}
          </Link>
        </p>
      ) : null}
    </Section>
  );
}

function Raw({ run }: { run: TraceData }) {
  return (
    <details className="mt-14 border-t border-rule pt-4">
      <summary className="cursor-pointer text-small text-ink-2">The whole trace, as data</summary>
      <pre
        tabIndex={0}
        className="mt-3 max-h-[32rem] overflow-auto border border-rule bg-sheet p-4 text-micro whitespace-pre"
      >
        {JSON.stringify(run, null, 2)}
      </pre>
    </details>
  );
}
