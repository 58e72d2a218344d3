"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import {
  addDays,
  count,
  dateDay,
  dateShort,
  fromDay,
  isoDay,
  many,
  month,
  usd,
} from "@/lib/format";
import { Bars, Figures } from "@/ui/bars";
import { link, Meter, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Frame } from "./frame";
import { ledgerOf, usageQuery, type Usage } from "./queries";
import { AGENTS } from "./words";

/** What the models cost this month, day by day and by kind of work, against what the plan holds. */
export function UsagePage() {
  const usage = useQuery({ ...usageQuery(), refetchOnWindowFocus: true });
  const b = usage.data?.budget;
  return (
    <Frame
      title={b ? `${usd(b.used)} of ${usd(b.limit)} is used.` : "Usage"}
      lead={
        b
          ? `${usd(b.remaining)} is left until ${dateDay(fromDay(b.resets_on))}. Reading and editing cost nothing.`
          : "What the models cost, in the provider’s own dollars."
      }
    >
      <Shown query={usage}>{(data) => <Whole usage={data} />}</Shown>
    </Frame>
  );
}

function Whole({ usage }: { usage: Usage }) {
  const { budget } = usage;
  return (
    <div className="space-y-12 pt-8">
      <div className="max-w-[38rem] space-y-4">
        <Meter
          value={budget.limit ? (budget.used / budget.limit) * 100 : 0}
          tone={budget.used >= budget.limit * 0.8 ? "genda" : "mor"}
          label={`${usd(budget.used)} of ${usd(budget.limit)} used`}
        />
        <p className="flex flex-wrap gap-x-6 text-small text-ink-3 figures">
          <span>{usd(budget.plan)} from the plan</span>
          {budget.top_ups ? <span>{usd(budget.top_ups)} topped up</span> : null}
          {budget.reserved ? <span>{usd(budget.reserved)} held for runs under way</span> : null}
        </p>
        {budget.remaining < 0.01 ? (
          <Limit
            act={
              <>
                <Button size="s" kind="solid" asChild>
                  <Link href={"/billing/topup" as Route}>Add to it</Link>
                </Button>
                <Button size="s" asChild>
                  <Link href={"/billing/plans" as Route}>See plans</Link>
                </Button>
              </>
            }
          >
            The budget of this month is used up. What you have stays open to read and edit; the next
            run waits until {dateDay(fromDay(budget.resets_on))}, for more budget, or for a larger
            plan.
          </Limit>
        ) : (
          <Button size="s" asChild>
            <Link href={"/billing/topup" as Route}>Add to the budget</Link>
          </Button>
        )}
      </div>
      <Days usage={usage} />
      <div className="grid grid-cols-1 gap-x-14 gap-y-12 lg:grid-cols-2">
        <Section id="by-agent" title="What it went to">
          {usage.by_agent.length ? (
            <Figures
              caption="Cost by kind of work"
              head={["Work", "Runs", "Tokens", "Cost"]}
              rows={usage.by_agent.map((a) => ({
                key: a.agent,
                cells: [
                  AGENTS[a.agent] ?? a.agent,
                  count(a.runs),
                  count(a.tokens_input + a.tokens_output),
                  usd(a.cost_usd),
                ],
              }))}
            />
          ) : (
            <p className="py-3 text-body text-ink-2">No run of a model yet this month.</p>
          )}
        </Section>
        <Section id="typical" title="What a run costs as a rule">
          <Figures
            caption="Typical cost of a run"
            head={["Work", "Known from", "Cost"]}
            rows={usage.typical_runs.map((t) => ({
              key: t.agent,
              cells: [
                AGENTS[t.agent] ?? t.agent,
                t.from_own_runs ? "your own runs" : "everyone’s",
                usd(t.cost_usd),
              ],
            }))}
          />
        </Section>
      </div>
      <p className="max-w-[38rem] border-t border-rule pt-4 text-body text-ink-2">
        {usage.alerts.length
          ? `We wrote to you at ${usage.alerts.map((a) => `${a.percent} %`).join(", ")}. `
          : "We write to you at 50, 80 and 100 %. "}
        <a className={link} href={ledgerOf(usage.monthly.month)}>
          Every charge of {month(fromDay(`${usage.monthly.month}-01`))} as a CSV
        </a>
        .
      </p>
    </div>
  );
}

function Days({ usage }: { usage: Usage }) {
  const first = `${usage.monthly.month}-01`;
  const known = new Map(usage.by_day.map((d) => [d.date, d]));
  const days: string[] = [];
  for (let d = first; d.startsWith(usage.monthly.month); d = addDays(d, 1)) days.push(d);
  const today = isoDay(fromDay(usage.daily.date));
  const name = month(fromDay(first));
  return (
    <Section
      id="by-day"
      title={`${name} by day`}
      aside={<span className="figures">{many(usage.monthly.requests, "call")} to models</span>}
    >
      {usage.monthly.cost_usd > 0 ? (
        <div className="pt-4">
          <Bars
            title={`Cost of each day of ${name}`}
            bars={days.map((d) => ({
              key: d,
              label: String(Number(d.slice(8))),
              value: known.get(d)?.cost_usd ?? 0,
              said: usd(known.get(d)?.cost_usd ?? 0),
              now: d === today,
            }))}
          >
            <Figures
              caption={`Cost of each day of ${name}`}
              head={["Day", "Calls", "Tokens", "Cost"]}
              rows={usage.by_day.map((d) => ({
                key: d.date,
                cells: [
                  dateShort(fromDay(d.date)),
                  count(d.requests),
                  count(d.tokens_input + d.tokens_output),
                  usd(d.cost_usd),
                ],
              }))}
            />
          </Bars>
        </div>
      ) : (
        <p className="py-3 text-body text-ink-2">
          Nothing was spent in {name}. What is made without a model costs nothing.
        </p>
      )}
    </Section>
  );
}
