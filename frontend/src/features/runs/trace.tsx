"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { cn } from "@/lib/cn";
import { capital, count, many, seconds, time } from "@/lib/format";
import { inkLink, PageHead, Section, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Finds } from "@/ui/finds";
import { ErrorNote, Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { isLive, runQuery, traceQuery, useCancelRun, type Trace as TraceData } from "./queries";
import { GATES, nodeOf, STATES, TOOLS, typeOf, usdFine } from "./words";

export function Trace({ id }: { id: string }) {
  const run = useQuery({
    ...runQuery(id),
    refetchInterval: (q) => (q.state.data && isLive(q.state.data.status) ? 1_000 : false),
  });
  return <Shown query={run}>{(r) => <Run run={r} />}</Shown>;
}

function Run({ run }: { run: TraceData }) {
  const state = STATES[run.status];
  const cancel = useCancelRun(run.trace_id);
  return (
    <>
      <PageHead
        trail={
          <Link href={"/runs" as Route} className="hover:text-ink hover:underline">
            Runs
          </Link>
        }
        title={typeOf(run.request_type)}
        lead={run.asked ? `“${run.asked}”` : null}
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
          <LookedUp run={run} />
          <Calls run={run} />
          <Quality run={run} />
        </div>
      </div>
      <Raw id={run.trace_id} />
    </>
  );
}

const fine = (run: TraceData) => usdFine([run.total_cost, ...run.calls.map((c) => c.cost ?? 0)]);

function Figures({ run }: { run: TraceData }) {
  const figures: [string, string][] = [
    ["Begun", time(new Date(run.started_at))],
    ["Took", run.total_latency_ms === null ? "still at it" : seconds(run.total_latency_ms / 1000)],
    ["Tokens", count(run.total_tokens)],
    ["Cost", fine(run)(run.total_cost)],
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
  return (
    <Section id="steps" title="What was done" aside={many(run.steps.length, "step")}>
      <ol aria-busy={isLive(run.status)}>
        {run.steps.map((s) => (
          <li
            key={s.id}
            className="grid grid-cols-[1fr_auto] gap-4 border-t border-rule py-2.5 first:border-0"
          >
            <div>
              <p>{nodeOf(s.action)}</p>
              {s.skill || s.title ? (
                <p className="text-small text-ink-3">
                  {[s.title, s.skill.replaceAll("_", " "), s.model].filter(Boolean).join(", ")}
                </p>
              ) : null}
            </div>
            <p className="text-small text-ink-3 figures">
              {s.ms && s.ms >= 50 ? seconds(s.ms / 1000) : time(new Date(s.at))}
            </p>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** What was found outside: it is quoted, and never taken for a fact of the company. */
function LookedUp({ run }: { run: TraceData }) {
  if (!run.looked.length) return null;
  const total = run.looked.reduce((sum, l) => sum + l.finds.length, 0);
  return (
    <Section id="looked" title="What was looked up" aside={many(total, "find")}>
      <p className="py-2.5 text-body text-ink-2">
        Written by others. It is quoted with its address, and none of it becomes a fact of yours.
      </p>
      {run.looked.map((l, i) => (
        <div key={i} className="border-t border-rule pt-2.5">
          <h3 className="text-small font-strong tracking-normal">
            {TOOLS[l.tool] ?? capital(l.tool.replaceAll("_", " "))}
            {l.asked ? <span className="font-body text-ink-2">: {l.asked}</span> : null}
          </h3>
          <Finds finds={l.finds} />
        </div>
      ))}
    </Section>
  );
}

function Calls({ run }: { run: TraceData }) {
  const { calls } = run;
  const money = fine(run);
  return (
    <Section id="calls" title="What was paid for" aside={money(run.total_cost)}>
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
                    {TOOLS[c.name] ?? capital(c.name.replaceAll("_", " "))}
                    <span
                      className={cn("block text-small", c.error ? "text-madder" : "text-ink-3")}
                    >
                      {c.error || c.by}
                    </span>
                  </th>
                  <td className="py-2 text-right figures">
                    {c.by === "tool" ? "" : count(c.tokens)}
                  </td>
                  <td className="py-2 pl-4 text-right figures">
                    {c.cost === null ? "" : money(c.cost)}
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
  const { judged, gate } = run;
  if (!judged && !gate) return null;
  return (
    <Section id="quality" title="How it was judged">
      {judged && judged.score !== null ? (
        <p className="py-2.5">
          <span className="font-serif text-h3 figures">{judged.score}</span>{" "}
          <span className="text-ink-2">of 100</span>
          {run.corrections_made ? `, after ${many(run.corrections_made, "revision")}` : ""}
        </p>
      ) : null}
      {judged?.issues.length ? (
        <ul className="text-body text-ink-2">
          {judged.issues.map((issue, i) => (
            <li key={i} className="border-t border-rule py-2">
              {issue}
            </li>
          ))}
        </ul>
      ) : null}
      {gate?.id ? (
        <p className="border-t border-rule py-2.5">
          <Link className={inkLink} href={`/approvals?id=${gate.id}` as Route}>
            {gate.status === "pending"
              ? "It waits for your word"
              : `You were asked, and ${GATES[gate.status] ?? gate.status}`}
          </Link>
        </p>
      ) : null}
    </Section>
  );
}

function Raw({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="mt-14 border-t border-rule pt-4"
      onToggle={(e) => setOpen(e.currentTarget.open)}
    >
      <summary className="cursor-pointer text-small text-ink-2">The whole trace, as data</summary>
      {open ? <Whole id={id} /> : null}
    </details>
  );
}

function Whole({ id }: { id: string }) {
  return (
    <Shown query={useQuery(traceQuery(id))}>
      {(trace) => (
        <pre
          tabIndex={0}
          className="mt-3 max-h-[32rem] overflow-auto border border-rule bg-sheet p-4 text-micro whitespace-pre"
        >
          {JSON.stringify(trace, null, 2)}
        </pre>
      )}
    </Shown>
  );
}
