"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { sessionQuery, type Item } from "@/features/evidence/queries";
import { ApiError } from "@/lib/api/errors";
import { upload } from "@/lib/api/upload";
import { cn } from "@/lib/cn";
import { bytes, count, many } from "@/lib/format";
import { Meter, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { explain } from "@/ui/explain";
import { TextField } from "@/ui/field";
import { Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { ChapterHead } from "./frame";
import { LiveStrip } from "./live-strip";
import { useAddUrl, useRemove, useRunSteps, vaultQuery } from "./queries";
import { ACCEPTS, CHAPTERS, MAX_FILE_MB, MAX_ITEMS, refusal } from "./words";

type Sending = { key: string; name: string; part: number; error: string | null };

export function Pile() {
  const session = useQuery(sessionQuery());
  const id = session.data?.id ?? "";
  const vault = useQuery(vaultQuery(id));
  const { live, run } = useRunSteps(id);
  const router = useRouter();
  const { sending, send, dismiss } = useSending(id);
  const over = useDrops(send);
  const items = vault.data ?? [];
  const closed = session.data?.status === "completed";
  const full = items.length >= MAX_ITEMS;
  const readAll = async () => {
    if (await run(3)) router.push("/onboarding/truth" as Route);
  };
  return (
    <div className="grid gap-x-16 gap-y-10 lg:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]">
      <div>
        <ChapterHead chapter={CHAPTERS[0]} />
        {closed ? (
          <div className="mt-8">
            <Limit>
              The onboarding is completed, and the pile with it. Facts are kept in Foundation.
            </Limit>
          </div>
        ) : full ? (
          <div className="mt-8">
            <Limit>A pile holds {MAX_ITEMS} things. Take one out to bring another.</Limit>
          </div>
        ) : (
          <>
            <Drop over={over} onFiles={send} />
            <Url id={id} />
          </>
        )}
      </div>
      <div>
        <Section
          id="pile"
          title="What is in it"
          aside={items.length ? many(items.length, "thing") : ""}
        >
          <Shown query={vault}>
            {(all) =>
              all.length || sending.length ? (
                <ul>
                  {sending.map((s) => (
                    <Coming key={s.key} sending={s} dismiss={dismiss} />
                  ))}
                  {all.map((item) => (
                    <Brought key={item.id} id={id} item={item} fixed={closed} />
                  ))}
                </ul>
              ) : (
                <p className="border-t border-rule py-5 text-body text-ink-2">
                  Nothing yet. One good document is enough to begin.
                </p>
              )
            }
          </Shown>
        </Section>
        <div className="mt-6 space-y-4">
          <LiveStrip live={live} again={() => void readAll()} />
          {closed ? null : (
            <Button
              kind="solid"
              size="l"
              wide="always"
              busy={live.running}
              disabled={!items.length || sending.some((s) => !s.error)}
              onClick={() => void readAll()}
            >
              {live.running ? "Reading" : "Read it all"}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

/** Files on their way: each goes alone, and one that fails stops no other. */
function useSending(id: string) {
  const client = useQueryClient();
  const [sending, setSending] = useState<Sending[]>([]);
  const stop = useRef(new AbortController());
  useEffect(() => {
    const control = stop.current;
    return () => control.abort();
  }, []);
  const change = (key: string, to: Partial<Sending> | null) =>
    setSending((all) =>
      to ? all.map((s) => (s.key === key ? { ...s, ...to } : s)) : all.filter((s) => s.key !== key),
    );
  const one = async (file: File) => {
    const key = crypto.randomUUID();
    const error = refusal(file);
    setSending((all) => [...all, { key, name: file.name, part: 0, error }]);
    if (error) return;
    try {
      await upload(
        `/api/v1/onboarding/${id}/vault/upload`,
        file,
        (part) => change(key, { part }),
        stop.current.signal,
      );
      await client.invalidateQueries({ queryKey: ["onboarding"] });
      change(key, null);
    } catch (failure) {
      if (failure instanceof DOMException) return;
      const text = failure instanceof ApiError && failure.status < 500 ? failure.detail : "";
      change(key, { error: text || `${explain(failure).title}. ${explain(failure).text}` });
    }
  };
  const send = async (files: Iterable<File>) => {
    const waiting = [...files];
    const next = async (): Promise<void> => {
      const file = waiting.shift();
      if (!file) return;
      await one(file);
      return next();
    };
    await Promise.all([next(), next(), next()]);
  };
  return { sending, send, dismiss: (key: string) => change(key, null) };
}

/** The whole page takes drops. */
function useDrops(send: (files: Iterable<File>) => void) {
  const [over, setOver] = useState(false);
  const latest = useRef(send);
  useEffect(() => {
    latest.current = send;
  });
  useEffect(() => {
    const has = (e: DragEvent) => e.dataTransfer?.types.includes("Files");
    const drag = (e: DragEvent) => {
      if (!has(e)) return;
      e.preventDefault();
      setOver(true);
    };
    const leave = (e: DragEvent) => e.relatedTarget === null && setOver(false);
    const drop = (e: DragEvent) => {
      if (!has(e)) return;
      e.preventDefault();
      setOver(false);
      latest.current(e.dataTransfer?.files ?? []);
    };
    window.addEventListener("dragover", drag);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", drag);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, []);
  return over;
}

function Drop({ over, onFiles }: { over: boolean; onFiles: (files: Iterable<File>) => void }) {
  return (
    <label
      className={cn(
        "mt-8 block cursor-pointer border border-dashed px-6 py-12 text-center transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-mor sm:py-16",
        over ? "border-mor bg-mor-wash" : "border-rule-2 hover:border-ink hover:bg-paper-2",
      )}
    >
      <span className="block font-serif text-h3">
        {over ? "Let go" : "Drop files anywhere on this page"}
      </span>
      <span className="mt-2 block text-body text-ink-2">
        or <span className="text-mor underline decoration-1 underline-offset-3">choose them</span>
      </span>
      <span className="mt-4 block text-small text-ink-3">
        PDF, Word, PowerPoint, Excel, CSV, text, web pages, pictures. Up to {MAX_FILE_MB} MB each.
      </span>
      <input
        type="file"
        multiple
        accept={ACCEPTS}
        className="sr-only"
        onChange={(e) => {
          onFiles(e.target.files ?? []);
          e.target.value = "";
        }}
      />
    </label>
  );
}

function Url({ id }: { id: string }) {
  const [url, setUrl] = useState("");
  const add = useAddUrl(id);
  const text = add.error instanceof ApiError && add.error.status < 500 ? add.error.detail : null;
  return (
    <form
      className="mt-6"
      onSubmit={(e) => {
        e.preventDefault();
        const full = /^https?:\/\//i.test(url.trim()) ? url.trim() : `https://${url.trim()}`;
        if (url.trim()) add.mutate(full, { onSuccess: () => setUrl("") });
      }}
    >
      <div className="flex items-end gap-2">
        <div className="flex-1">
          <TextField
            label="Or the address of a page"
            inputMode="url"
            autoComplete="url"
            placeholder="yourcompany.in/pricing"
            value={url}
            maxLength={2000}
            onChange={(e) => setUrl(e.target.value)}
          />
        </div>
        <Button size="l" type="submit" busy={add.isPending}>
          {add.isPending ? "Reading" : "Read it"}
        </Button>
      </div>
      {add.error ? (
        <p role="alert" className="mt-1.5 text-small text-madder">
          {text ?? `${explain(add.error).title}. ${explain(add.error).text}`}
        </p>
      ) : null}
    </form>
  );
}

function Coming({ sending: s, dismiss }: { sending: Sending; dismiss: (key: string) => void }) {
  return (
    <li className="border-t border-rule py-3">
      <p className="flex items-baseline gap-3">
        <span className="min-w-0 flex-1 truncate">{s.name}</span>
        {s.error ? (
          <button
            type="button"
            onClick={() => dismiss(s.key)}
            className="text-small text-ink-3 underline decoration-1 underline-offset-3 hover:text-ink"
          >
            Skip it
          </button>
        ) : (
          <span className="text-small text-ink-3 figures">
            {s.part < 1 ? `${Math.round(s.part * 100)}%` : "being read"}
          </span>
        )}
      </p>
      {s.error ? (
        <p role="alert" className="mt-1 text-small text-madder">
          {s.error}
        </p>
      ) : (
        <div className="mt-2">
          <Meter value={s.part * 100} label={`${s.name} sent`} tone="mor" />
        </div>
      )}
    </li>
  );
}

function Brought({ id, item, fixed }: { id: string; item: Item; fixed: boolean }) {
  const remove = useRemove(id);
  const failed = item.processing_status === "failed";
  return (
    <li className="flex items-baseline gap-3 border-t border-rule py-3">
      <div className="min-w-0 flex-1">
        <p className="truncate">{item.source_name}</p>
        <p className={cn("mt-0.5 text-small figures", failed ? "text-madder" : "text-ink-3")}>
          {failed
            ? (item.error ?? "Unreadable. Bring the original, or take it out.")
            : `${many(item.pages, "page")}, ${count(item.word_count)} words${item.size_bytes ? `, ${bytes(item.size_bytes)}` : ""}`}
          {item.truncated ? ", only the first part was read" : ""}
        </p>
      </div>
      {fixed ? null : (
        <button
          type="button"
          disabled={remove.isPending}
          aria-label={`Take out ${item.source_name}`}
          onClick={() => remove.mutate(item.id)}
          className="min-h-6 text-small text-ink-3 underline decoration-1 underline-offset-3 hover:text-madder disabled:opacity-45"
        >
          Take out
        </button>
      )}
    </li>
  );
}
