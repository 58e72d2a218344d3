"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import {
  addDays,
  count,
  dateDay,
  dateShort,
  fromDay,
  inr,
  isoDay,
  many,
  minutes,
  usd,
} from "@/lib/format";
import { useNow } from "@/lib/now";
import { Bars, Figures, Stacks } from "@/ui/bars";
import { PageHead, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Tabs } from "@/ui/tabs";
import { Behind } from "./behind";
import { Insights } from "./insights";
import { reportQuery, type Counts, type Report } from "./queries";
import { Sides } from "./sides";
import { periodOf, SPANS, type Side, type Span } from "./words";

/** `behind`: whose tasks are open beside the page, as a filter and what it is called. */
export type Open = (behind: { search: string; title: string }) => void;

export function Analytics({ at, span, side }: { at: string; span: Span; side: Side }) {
  const today = isoDay(useNow(at));
  const report = useQuery(reportQuery(periodOf(span, today)));
  const [behind, open] = useState<{ search: string; title: string } | null>(null);
  return (
    <>
      <PageHead
        title="What came of it"
        lead="Counted from your own tasks and posts. Press a figure to see the tasks behind it."
      />
      <Tabs
        label="How far back"
        here={`/analytics?days=${span}&by=${side}`}
        tabs={SPANS.map((s) => ({ href: `/analytics?days=${s.key}&by=${side}`, name: s.name }))}
      />
      <div className="mt-8">
        <Shown query={report}>
          {(r) =>
            r.note ? (
              <Empty
                flush
                title="There is nothing to count yet."
                act={
                  <Button kind="solid" asChild>
                    <Link href={"/moves" as Route}>See the moves</Link>
                  </Button>
                }
              >
                {r.note}
              </Empty>
            ) : (
              <Whole report={r} span={span} side={side} open={open} />
            )
          }
        </Shown>
      </div>
      <Behind behind={behind} close={() => open(null)} />
    </>
  );
}

type Props = { report: Report; span: Span; side: Side; open: Open };

function Whole({ report: r, span, side, open }: Props) {
  const m = r.metrics;
  return (
    <div className="space-y-14">
      <Numbers report={r} open={open} />
      <Insights insights={r.insights} open={open} />
      <Weeks report={r} />
      <Sides report={r} span={span} side={side} open={open} />
      <p className="border-t border-rule pt-4 text-small text-ink-3 figures">
        {dateDay(fromDay(r.first))} to {dateDay(fromDay(r.last))}: {many(m.moves_made, "move")}{" "}
        made, {many(m.ideas_found, "idea")} found, {many(m.copy_made, "piece")} written,{" "}
        {count(m.copy_published)} of them published, {many(m.runs, "run")} of the engine for{" "}
        {usd(m.models_usd)}.
      </p>
    </div>
  );
}

/** The period in a few figures. */
function Numbers({ report: { metrics: m, first, last }, open }: Pick<Props, "report" | "open">) {
  const search = (more: Record<string, string>) =>
    new URLSearchParams({ first, last, ...more }).toString();
  const best = m.results[0];
  const all: { name: string; value: string; of?: string; search?: string; title?: string }[] = [
    {
      name: "Tasks done",
      value: count(m.done),
      of: `of ${count(m.planned)} planned`,
      search: search({ outcome: "done" }),
      title: "Done",
    },
    {
      name: "Missed",
      value: count(m.missed),
      of: m.skipped ? `and ${count(m.skipped)} skipped` : "",
      search: search({ outcome: "missed" }),
      title: "Missed",
    },
    { name: "Went out", value: count(m.posted), of: m.posted === 1 ? "post" : "posts" },
    {
      name: best ? `Counted: ${best.name}` : "Your rating",
      value: best ? count(best.total) : (m.average_rating?.toFixed(1) ?? "none"),
      of: best
        ? `from ${many(best.tasks, "task")}`
        : m.rated
          ? `of 5, ${count(m.rated)} rated`
          : "",
      ...(best
        ? { search: search({ result: best.name }), title: best.name }
        : m.rated
          ? { search: search({ rated: "true" }), title: "Rated" }
          : {}),
    },
    {
      name: "Spent on tasks",
      value: inr(m.spent_inr),
      of: m.timed ? `${minutes(m.minutes_taken)} of work timed` : "",
    },
  ];
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-6 sm:grid-cols-3 lg:grid-cols-5">
      {all.map((n) => (
        <div key={n.name} className="border-t border-ink pt-2.5">
          <dt className="text-small text-ink-3">{n.name}</dt>
          <dd className="mt-1 font-serif text-h2 tracking-[-0.02em] figures">
            {n.search && n.value !== "0" ? (
              <button
                type="button"
                onClick={() => open({ search: n.search!, title: n.title ?? n.name })}
                className="underline decoration-rule-2 decoration-1 underline-offset-6 hover:decoration-ink"
              >
                {n.value}
              </button>
            ) : (
              n.value
            )}
          </dd>
          <dd className="text-small text-ink-3 figures">{n.of}</dd>
        </div>
      ))}
    </dl>
  );
}

const partsOf = (c: Counts) => [
  { name: "Done", value: c.done, tone: "ink" as const },
  { name: "Skipped", value: c.skipped, tone: "rule" as const },
  { name: "Missed", value: c.missed, tone: "genda" as const },
  { name: "To come", value: c.open, tone: "ahead" as const },
];

function Weeks({ report: r }: { report: Report }) {
  const weeks = r.by_week.map((w) => ({
    ...w,
    label: dateShort(fromDay(w.starts_on)).replace(/^\S+ /, ""),
    now: r.today >= w.starts_on && r.today <= addDays(w.starts_on, 6),
  }));
  const spent = weeks.some((w) => w.spent_inr);
  return (
    <div className="grid grid-cols-1 gap-x-14 gap-y-14 lg:grid-cols-2">
      <div className={spent ? "lg:col-span-2" : ""}>
        <Section id="weeks" title="Did the weeks happen?" aside="tasks, by the week from Monday">
          <div className="pt-4">
            <Stacks
              title="Tasks by week"
              stacks={weeks.map((w) => ({
                key: w.starts_on,
                label: w.label,
                now: w.now,
                parts: partsOf(w),
              }))}
            >
              <Figures
                caption="Tasks by week"
                head={["Week from", "Planned", "Done", "Skipped", "Missed", "To come"]}
                rows={weeks.map((w) => ({
                  key: w.starts_on,
                  cells: [
                    dateShort(fromDay(w.starts_on)),
                    ...[w.planned, w.done, w.skipped, w.missed, w.open].map(count),
                  ],
                }))}
              />
            </Stacks>
          </div>
        </Section>
      </div>
      <Section id="posted" title="What went out?" aside="posts and links">
        <div className="pt-4">
          <Bars
            title="Posted by week"
            bars={weeks.map((w) => ({
              key: w.starts_on,
              label: w.label,
              value: w.posted,
              said: count(w.posted),
              now: w.now,
            }))}
          >
            <Figures
              caption="Posted by week"
              head={["Week from", "Posted"]}
              rows={weeks.map((w) => ({
                key: w.starts_on,
                cells: [dateShort(fromDay(w.starts_on)), count(w.posted)],
              }))}
            />
          </Bars>
        </div>
      </Section>
      {spent ? (
        <Section id="spent" title="What did it cost?" aside="rupees noted on tasks">
          <div className="pt-4">
            <Bars
              title="Spent by week"
              bars={weeks.map((w) => ({
                key: w.starts_on,
                label: w.label,
                value: w.spent_inr,
                said: inr(w.spent_inr),
                now: w.now,
              }))}
            >
              <Figures
                caption="Spent by week"
                head={["Week from", "Spent"]}
                rows={weeks.map((w) => ({
                  key: w.starts_on,
                  cells: [dateShort(fromDay(w.starts_on)), inr(w.spent_inr)],
                }))}
              />
            </Bars>
          </div>
        </Section>
      ) : null}
    </div>
  );
}
