"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Cite } from "@/features/evidence/cite";
import { useFacts } from "@/features/evidence/facts";
import type { Fact } from "@/features/evidence/queries";
import { dateShort, fromDay, isoDay, many, time } from "@/lib/format";
import { link } from "@/ui/bits";
import { Button } from "@/ui/button";
import { isEmpty, labelOf, Value, type Json } from "@/ui/doc";
import { Select } from "@/ui/field";
import { ErrorNote, Skeleton } from "@/ui/notes";
import { historyQuery, type Change } from "./queries";
import { BY, changedParts, PARTS } from "./words";

/** Every change of the foundation: who made it, from what to what, and on what ground. */
export function History({ field }: { field: string }) {
  const router = useRouter();
  const found = useInfiniteQuery(historyQuery(field));
  const facts = useFacts();
  const pages = found.data?.pages ?? [];
  const changes = pages.flatMap((p) => p.changes);
  const go = (to: string) =>
    router.replace(`/foundation?part=history${to ? `&field=${to}` : ""}` as Route, {
      scroll: false,
    });
  return (
    <>
      <div className="mb-6 grid gap-4 sm:grid-cols-[20rem_1fr] sm:items-end">
        <Select label="Changes of" value={field} onChange={(e) => go(e.target.value)}>
          <option value="">everything</option>
          {PARTS.flatMap((p) => p.fields).map((f) => (
            <option key={f} value={f}>
              {labelOf(f)}
            </option>
          ))}
        </Select>
        <p role="status" className="text-small text-ink-3 figures">
          {pages[0] ? many(pages[0].total, "change") : ""}
        </p>
      </div>
      {found.isPending ? <Skeleton lines={5} /> : null}
      {found.error ? <ErrorNote error={found.error} retry={() => void found.refetch()} /> : null}
      {pages.length && !changes.length ? (
        <p className="text-body text-ink-2">
          Nothing was changed yet.{" "}
          {field ? (
            <Link href={"/foundation?part=history" as Route} className={link}>
              See all changes
            </Link>
          ) : null}
        </p>
      ) : null}
      <ol>
        {changes.map((c, i) => (
          <One key={c.id} change={c} before={changes[i - 1]} facts={facts} />
        ))}
      </ol>
      {found.hasNextPage ? (
        <div className="mt-6">
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Earlier changes
          </Button>
        </div>
      ) : null}
    </>
  );
}

type Props = { change: Change; before: Change | undefined; facts: ReadonlyMap<string, Fact> };

function One({ change: c, before, facts }: Props) {
  const at = new Date(c.created_at);
  const day = isoDay(at);
  const fresh = !before || isoDay(new Date(before.created_at)) !== day;
  const source = c.source as { facts?: string[]; sources?: string[]; step?: number };
  const ids = source.facts ?? source.sources ?? [];
  return (
    <li className="grid gap-x-10 gap-y-3 border-t border-rule py-5 first:border-ink lg:grid-cols-[13rem_minmax(0,1fr)]">
      <div className="text-small text-ink-3 figures">
        {fresh ? <p className="font-strong text-ink">{dateShort(fromDay(day))}</p> : null}
        <p>
          {time(at)}. {BY[c.changed_by]}
          {source.step ? `, step ${source.step}` : ""}
        </p>
        {ids.length ? <Cite ids={ids} facts={facts} /> : null}
      </div>
      <div className="min-w-0">
        <h2 className="text-body font-strong tracking-normal">{labelOf(c.field)}</h2>
        {isEmpty(c.before as Json) ? (
          <details className="mt-1">
            <summary className="w-fit cursor-pointer text-body text-ink-2 underline decoration-rule-2 underline-offset-3 hover:text-ink">
              Laid for the first time
            </summary>
            <div className="mt-3 max-w-[38rem]">
              <Value value={c.after as Json} />
            </div>
          </details>
        ) : (
          <ul className="mt-2 space-y-4">
            {changedParts(c.before, c.after).map((p) => (
              <Part key={p.name} {...p} />
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

function Part({ name, was, is }: { name: string; was: unknown; is: unknown }) {
  return (
    <li>
      {name ? <p className="mb-1 text-small text-ink-3">{labelOf(name)}</p> : null}
      <div className="grid gap-x-8 gap-y-2 sm:grid-cols-2">
        <Side word="Before" value={was} />
        <Side word="After" value={is} />
      </div>
    </li>
  );
}

/** What was is struck by a rule at its side and greyer; the word says which it is. */
function Side({ word, value }: { word: "Before" | "After"; value: unknown }) {
  const was = word === "Before";
  const empty = value === undefined || value === null || isEmpty(value as Json);
  return (
    <div
      className={
        was ? "border-l-[3px] border-rule-2 pl-3 text-ink-2" : "border-l-[3px] border-mor pl-3"
      }
    >
      <p className="text-micro text-ink-3">{word}</p>

      {empty ? (
        <p className="text-body text-ink-3">{was ? "nothing" : "taken out"}</p>
      ) : typeof value === "object" ? (
        <Value value={value as Json} />
      ) : (
        <p className="font-serif text-read">{String(value)}</p>
      )}
    </div>
  );
}
