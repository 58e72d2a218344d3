"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { cn } from "@/lib/cn";
import { dateShort, isoDay, seconds, time, usd } from "@/lib/format";
import { PageHead, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty, ErrorNote, Skeleton } from "@/ui/notes";
import { isLive, runsQuery, type Run } from "./queries";
import { STATES, typeOf } from "./words";

const LOOK_MS = 2_000;

export function Runs() {
  const runs = useInfiniteQuery({
    ...runsQuery(),
    refetchOnWindowFocus: true,
    refetchInterval: (q) =>
      q.state.data?.pages.some((p) => p.runs.some((r) => isLive(r.status))) ? LOOK_MS : false,
  });
  const all = runs.data?.pages.flatMap((p) => p.runs);
  return (
    <>
      <PageHead
        title="Runs"
        lead="Everything the agents did for you: step by step, with what it cost."
      />
      {!all ? (
        runs.error ? (
          <ErrorNote error={runs.error} retry={() => void runs.refetch()} />
        ) : (
          <Skeleton lines={6} />
        )
      ) : all.length ? (
        <>
          <List runs={all} />
          {runs.hasNextPage ? (
            <div className="mt-6">
              <Button busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
                Earlier ones
              </Button>
            </div>
          ) : null}
        </>
      ) : (
        <Empty title="Nothing was asked of the agents yet.">
          Planning a move or reading your documents is a run. Each stands here with its steps.
        </Empty>
      )}
    </>
  );
}

function List({ runs }: { runs: Run[] }) {
  const days = new Map<string, Run[]>();
  for (const run of runs) {
    const day = isoDay(new Date(run.started_at));
    days.set(day, [...(days.get(day) ?? []), run]);
  }
  return (
    <div className="space-y-10">
      {[...days].map(([day, own]) => (
        <section key={day} aria-label={dateShort(new Date(own[0]!.started_at))}>
          <h2 className="border-t border-ink pt-3 text-body font-strong tracking-normal">
            {dateShort(new Date(own[0]!.started_at))}
          </h2>
          <ul>
            {own.map((r) => (
              <Row key={r.id} run={r} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Row({ run: r }: { run: Run }) {
  const state = STATES[r.status];
  return (
    <li className="border-t border-rule first:border-0">
      <Link
        href={`/runs/${r.id}` as Route}
        className="grid grid-cols-[4.5rem_minmax(0,1fr)_auto] items-baseline gap-x-4 py-3 hover:bg-paper-2 sm:grid-cols-[5rem_minmax(0,1fr)_5.5rem_5.5rem_9rem]"
      >
        <span className="text-small text-ink-3 figures">{time(new Date(r.started_at))}</span>
        <span className="min-w-0">
          <span className="font-serif text-read">{typeOf(r.request_type)}</span>
          {r.error ? (
            <span className="block truncate text-small text-madder">{r.error}</span>
          ) : null}
        </span>
        <span className="text-right text-small text-ink-2 figures max-sm:hidden">
          {r.latency_ms === null ? "" : seconds(r.latency_ms / 1000)}
        </span>
        <span className="text-right text-small text-ink-2 figures max-sm:hidden">
          {usd(r.cost)}
        </span>
        <span className={cn("justify-self-end text-right")}>
          <Tag dye={state.dye}>{state.name}</Tag>
        </span>
      </Link>
    </li>
  );
}
