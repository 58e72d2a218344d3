"use client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { datePlain, time } from "@/lib/format";
import { inkLink } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty, ErrorNote, Skeleton } from "@/ui/notes";
import { cn } from "@/lib/cn";
import { Frame } from "./frame";
import { keysQuery, logQuery, type Actor, type Entry } from "./queries";
import { ACTORS, CHANNELS, eventInWords } from "./words";

const WHO: [Actor | null, string][] = [
  [null, "Everybody"],
  ["user", "You"],
  ["key", "Keys"],
  ["agent", "Agents"],
];

/** Who did what, newest first. Nobody can change it. */
export function Log({ actor }: { actor: Actor | null }) {
  const log = useInfiniteQuery(logQuery(actor));
  const entries = log.data?.pages.flatMap((p) => p.entries) ?? [];
  return (
    <Frame title="Log" lead="Who did what here: you, your keys, and the agents in their runs.">
      <nav aria-label="Whose" className="flex flex-wrap gap-x-6 pb-4 text-body">
        {WHO.map(([value, name]) => (
          <Link
            key={name}
            href={`/settings/log${value ? `?actor=${value}` : ""}` as Route}
            scroll={false}
            aria-current={value === actor ? "true" : undefined}
            className={cn(
              "flex min-h-9 items-center max-lg:min-h-11",
              value === actor ? "font-strong" : "text-ink-2 hover:text-ink",
            )}
          >
            {name}
          </Link>
        ))}
      </nav>
      <div className="max-w-[56rem]">
        {log.error && !entries.length ? (
          <ErrorNote error={log.error} retry={() => void log.refetch()} />
        ) : log.isPending ? (
          <Skeleton />
        ) : entries.length ? (
          <ol className="border-t border-ink">
            {entries.map((e) => (
              <Line key={e.id} of={e} />
            ))}
          </ol>
        ) : (
          <Empty title="Nothing was done yet.">
            What you, a key of yours or an agent changes stands here.
          </Empty>
        )}
        {log.hasNextPage ? (
          <div className="border-t border-rule pt-5">
            <Button busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
              Older
            </Button>
          </div>
        ) : null}
      </div>
    </Frame>
  );
}

function Line({ of: e }: { of: Entry }) {
  const { data } = useQuery({ ...keysQuery(), enabled: e.actor === "key" });
  const key = data?.api_keys.find((k) => k.id === e.key_id)?.name;
  const who = e.actor === "key" && key ? key : (ACTORS[e.actor] ?? e.actor);
  const over = CHANNELS[e.channel];
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 border-t border-rule py-2.5 first:border-0 sm:grid-cols-[minmax(0,1fr)_12rem_11rem]">
      <span>
        {e.run_id ? (
          <Link className={inkLink} href={`/runs/${e.run_id}` as Route}>
            {eventInWords(e.event)}
          </Link>
        ) : (
          eventInWords(e.event)
        )}
      </span>
      <span className="text-small leading-[1.375rem] text-ink-2 max-sm:text-right">
        {who}
        {over ? `, ${over}` : ""}
      </span>
      <span className="text-small leading-[1.375rem] text-ink-3 figures max-sm:col-span-2 sm:text-right">
        {datePlain(new Date(e.created_at))}, {time(new Date(e.created_at))}
      </span>
    </li>
  );
}
