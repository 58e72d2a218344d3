"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { platform } from "@/features/moves/words";
import { dateShort, fromDay, inr, many, minutes } from "@/lib/format";
import { Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/layer";
import { ErrorNote, Skeleton } from "@/ui/notes";
import { behindQuery, type Reported } from "./queries";
import { OUTCOMES } from "./words";

type Props = { behind: { search: string; title: string } | null; close: () => void };

/** The tasks that a figure was counted from. */
export function Behind({ behind, close }: Props) {
  return (
    <Sheet open={!!behind} onOpenChange={(v) => !v && close()} title={behind?.title ?? ""}>
      {behind ? <Tasks key={behind.search} search={behind.search} /> : null}
    </Sheet>
  );
}

function Tasks({ search }: { search: string }) {
  const found = useInfiniteQuery(behindQuery(search));
  const pages = found.data?.pages ?? [];
  const tasks = pages.flatMap((p) => p.tasks);
  if (found.isPending) return <Skeleton lines={5} />;
  if (!pages.length && found.error)
    return <ErrorNote error={found.error} retry={() => void found.refetch()} />;
  return (
    <>
      <p role="status" className="text-small text-ink-3 figures">
        {many(pages[0]?.total ?? 0, "task")}
      </p>
      <ul className="mt-2">
        {tasks.map((t) => (
          <Row key={t.id} task={t} />
        ))}
      </ul>
      {found.error ? <ErrorNote error={found.error} /> : null}
      {found.hasNextPage ? (
        <div className="mt-4">
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            More of them
          </Button>
        </div>
      ) : null}
    </>
  );
}

function Row({ task: t }: { task: Reported }) {
  const outcome = OUTCOMES[t.outcome];
  return (
    <li className="border-t border-rule py-3">
      <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-small text-ink-3 figures">
        <Tag dye={outcome.dye}>{outcome.name}</Tag>
        {t.scheduled_date ? <span>{dateShort(fromDay(t.scheduled_date))}</span> : null}
        {t.platform ? <span>{platform(t.platform)}</span> : null}
        {t.actual_minutes ? <span>{minutes(t.actual_minutes)}</span> : null}
        {t.rating ? <span>{t.rating} of 5</span> : null}
        {t.spent_inr ? <span>{inr(t.spent_inr)}</span> : null}
      </p>
      <Link
        href={`/moves/${t.move_id}?task=${t.id}` as Route}
        className="mt-0.5 block font-serif text-[1.0625rem] leading-6 hover:underline hover:decoration-1 hover:underline-offset-4"
      >
        {t.title}
      </Link>
      <p className="text-small text-ink-3">{t.move_name}</p>
    </li>
  );
}
