"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { count, many } from "@/lib/format";
import { toast } from "@/lib/toast";
import { link } from "@/ui/bits";
import { explain } from "@/ui/explain";
import { Skeleton } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { itemQuery, originalOf, sessionQuery, type Passage } from "./queries";
import { windowOf } from "./window";

/** The very passage a fact came from, marked on its page. */
export function Source({ passage, sticky = false }: { passage: Passage; sticky?: boolean }) {
  const session = useQuery(sessionQuery());
  const id = session.data?.id;
  const item = useQuery({ ...itemQuery(id ?? "", passage.evidence_id), enabled: !!id });
  return (
    <Shown query={item} wait={<Skeleton lines={3} />}>
      {(evidence) => {
        const w = windowOf(evidence.text ?? "", evidence.page_starts, passage.start, passage.end);
        return (
          <figure className={sticky ? "lg:sticky lg:top-24" : ""}>
            <figcaption className="mb-3 flex items-baseline justify-between gap-4 text-small text-ink-2">
              <span className="min-w-0 truncate font-strong text-ink">{evidence.source_name}</span>
              <span className="shrink-0 text-ink-3 figures">
                {w.pages > 1 ? `page ${w.page} of ${w.pages}` : many(evidence.word_count, "word")}
              </span>
            </figcaption>
            <Page before={w.before} marked={w.marked} after={w.after} />
            <p className="mt-3 flex justify-between gap-4 text-small text-ink-3">
              <span className="figures">
                Read {many(evidence.pages, "page")}, {count(evidence.word_count)} words
              </span>
              <button
                type="button"
                className={link}
                onClick={() => void open(id ?? "", passage.evidence_id)}
              >
                Open the whole file
              </button>
            </p>
          </figure>
        );
      }}
    </Shown>
  );
}

async function open(sessionId: string, id: string) {
  try {
    const { url } = await originalOf(sessionId, id);
    window.open(url, "_blank", "noopener");
  } catch (error) {
    const { title, text } = explain(error);
    toast.error(`${title}. ${text}`);
  }
}

type PageProps = { before: string; marked: string; after: string };

function Page({ before, marked, after }: PageProps) {
  const frame = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLElement>(null);
  useEffect(() => {
    const box = frame.current;
    const at = mark.current;
    if (box && at) box.scrollTop = at.offsetTop - box.clientHeight / 3;
  }, [marked, before]);
  return (
    <div
      ref={frame}
      tabIndex={0}
      role="region"
      aria-label={`The page around “${marked.slice(0, 80)}”`}
      className="relative max-h-[28rem] overflow-y-auto border border-rule bg-sheet px-6 py-7 font-serif text-[0.9375rem] leading-6 whitespace-pre-line text-ink-2 shadow-lift sm:px-9"
    >
      {tidy(before)}
      <mark ref={mark} className="bg-genda-mark box-decoration-clone px-0.5 py-[3px] text-ink">
        {marked}
      </mark>
      {tidy(after)}
    </div>
  );
}

/** Runs of blank lines take one line; the characters of the passage itself are never touched. */
const tidy = (text: string) => text.replace(/\n{3,}/g, "\n\n");
