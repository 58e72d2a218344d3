"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { cn } from "@/lib/cn";
import { link, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { ErrorNote, Limit, Skeleton } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { useFindWins, winsQuery, type Win } from "./queries";
import { WinSheet } from "./win-sheet";
import { about, chosen } from "./words";

/** Ideas for ten minutes, each resting on what the documents say. */
export function Wins() {
  const wins = useQuery(winsQuery());
  const find = useFindWins();
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const there = wins.data?.wins ?? [];
  const missing = find.data?.missing ?? [];
  return (
    <Section
      id="wins"
      title="If you have ten minutes"
      aside={
        there.length ? (
          <button
            type="button"
            className={cn(link, "min-h-6")}
            aria-disabled={find.isPending}
            onClick={() => !find.isPending && find.mutate()}
          >
            {find.isPending ? "Looking" : "Find three more"}
          </button>
        ) : null
      }
    >
      <Shown query={wins} wait={<Skeleton lines={2} />}>
        {(page) => {
          const { shown, more } = chosen(page.wins, all);
          if (!page.wins.length)
            return (
              <Nothing busy={find.isPending} find={() => find.mutate()} failed={!!find.error} />
            );
          return (
            <>
              {shown.length ? (
                <ul className="grid gap-y-6 pt-2 sm:grid-cols-3">
                  {shown.map((w, i) => (
                    <Card key={w.id} win={w} at={i} open={() => setOpen(w.id)} />
                  ))}
                </ul>
              ) : (
                <p className="py-3.5 text-body text-ink-2">All of them skipped.</p>
              )}
              {more ? (
                <p className="mt-4">
                  <Button size="s" kind="quiet" onClick={() => setAll(true)}>
                    {more} earlier today
                  </Button>
                </p>
              ) : null}
            </>
          );
        }}
      </Shown>
      {find.error ? (
        <div className="mt-4">
          <Refused error={find.error} again={() => find.mutate()} />
        </div>
      ) : null}
      {missing[0] && typeof missing[0].question === "string" ? (
        <p className="mt-5 max-w-[38rem] text-small text-ink-3">
          For better ones: {missing[0].question}{" "}
          <Link href={"/onboarding/pile" as Route} className={link}>
            Bring it
          </Link>
        </p>
      ) : null}
      <WinSheet win={there.find((w) => w.id === open)} close={() => setOpen(null)} />
    </Section>
  );
}

function Nothing({ busy, find, failed }: { busy: boolean; find: () => void; failed: boolean }) {
  return (
    <div className="pt-2 pb-3">
      <p className="max-w-[38rem] text-body text-ink-2">
        Three posts you could write today, from the calendar, your documents and what went well
        before. None comes twice in thirty days.
      </p>
      {failed ? null : (
        <div className="mt-4">
          <Button busy={busy} onClick={find}>
            {busy ? "Looking" : "Find three"}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Nothing left to say is no failure. */
function Refused({ error, again }: { error: unknown; again: () => void }) {
  if (!(error instanceof ApiError)) return <ErrorNote error={error} retry={again} />;
  if (error.code === "nothing_new" || error.code === "nothing_to_build_on")
    return (
      <Limit
        act={
          <Button size="s" asChild>
            <Link href={"/onboarding/pile" as Route}>Bring more</Link>
          </Button>
        }
      >
        {error.detail}
      </Limit>
    );
  return <ErrorNote error={error} retry={again} />;
}

const SAYS: Partial<Record<Win["status"], string>> = { saved: "Kept", posted: "Posted" };

function Card({ win, at, open }: { win: Win; at: number; open: () => void }) {
  return (
    <li
      className="settle sm:px-5 sm:not-[:nth-child(3n+1)]:border-l sm:[&:nth-child(3n+1)]:pl-0"
      style={{ animationDelay: `${(at % 3) * 60}ms` }}
    >
      <button type="button" onClick={open} className="group block w-full text-left">
        <span className="block font-serif text-h4 text-balance group-hover:underline group-hover:decoration-1 group-hover:underline-offset-4">
          {win.hook}
        </span>
        <span className="mt-2 block text-small text-ink-3 figures">
          {SAYS[win.status] ? (
            <span className="mr-3 font-strong text-mor">{SAYS[win.status]}</span>
          ) : null}
          {about(win)}
        </span>
      </button>
    </li>
  );
}
