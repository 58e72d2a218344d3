"use client";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Passage } from "@/features/evidence/queries";
import { Source } from "@/features/evidence/source";
import { ApiError } from "@/lib/api/errors";
import { capital, dateShort, time } from "@/lib/format";
import { toast } from "@/lib/toast";
import { link, Overline } from "@/ui/bits";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Sheet } from "@/ui/layer";
import { ErrorNote } from "@/ui/notes";
import { useKeep, usePosted, useWriteOut, type Win } from "./queries";
import { about } from "./words";

/** One idea in full: how to say it, why now, and what became of it. */
export function WinSheet({ win, close }: { win: Win | undefined; close: () => void }) {
  return (
    <Sheet open={!!win} onOpenChange={(v) => !v && close()} title={win?.hook ?? ""}>
      {win ? <Body key={win.id} win={win} close={close} /> : null}
    </Sheet>
  );
}

function Body({ win, close }: { win: Win; close: () => void }) {
  return (
    <div className="space-y-6">
      <p className="text-small text-ink-2 figures">
        {win.topic}. {about(win)}
      </p>
      <ol className="space-y-2 font-serif text-read">
        {win.outline.map((line) => (
          <li key={line} className="border-t border-rule pt-2 first:border-0 first:pt-0">
            {line}
          </li>
        ))}
      </ol>
      {win.angle ? <p className="text-body text-ink-2">{win.angle}</p> : null}
      {win.reason ? (
        <div>
          <Overline>Why this, today</Overline>
          <p className="mt-1 text-body text-ink-2">{capital(win.reason)}.</p>
        </div>
      ) : null}
      <Acts win={win} close={close} />
      <Posted win={win} />
      <Sources win={win} />
    </div>
  );
}

function Acts({ win, close }: { win: Win; close: () => void }) {
  const router = useRouter();
  const keep = useKeep();
  const write = useWriteOut(win.id);
  const out = () =>
    write.mutate(undefined, {
      onSuccess: ({ asset }) => router.push(`/muse/${asset.id}` as Route),
    });
  const skip = () => {
    keep.mutate({ id: win.id, act: "skip" });
    close();
    toast("Skipped.", {
      action: { label: "Keep it", onClick: () => keep.mutate({ id: win.id, act: "save" }) },
    });
  };
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap gap-2">
        {win.muse_asset_id ? (
          <Button kind="solid" asChild>
            <Link href={`/muse/${win.muse_asset_id}` as Route}>Open the draft</Link>
          </Button>
        ) : (
          <Button kind="solid" busy={write.isPending} onClick={out}>
            {write.isPending ? "Writing" : "Write it out"}
          </Button>
        )}
        {win.status === "generated" || win.status === "skipped" ? (
          <Button onClick={() => keep.mutate({ id: win.id, act: "save" })}>Keep for later</Button>
        ) : null}
        {win.status === "generated" || win.status === "saved" ? (
          <Button kind="quiet" onClick={skip}>
            Skip it
          </Button>
        ) : null}
      </div>
      {write.error ? <ErrorNote error={write.error} retry={out} /> : null}
    </div>
  );
}

/** It went out, perhaps with an address where it can be seen. */
function Posted({ win }: { win: Win }) {
  const posted = usePosted(win.id);
  const [url, setUrl] = useState("");
  if (win.status === "posted")
    return (
      <p className="border-l-[3px] border-mor bg-mor-wash px-4 py-3 text-body">
        Posted
        {win.posted_at
          ? ` on ${dateShort(new Date(win.posted_at))}, ${time(new Date(win.posted_at))}`
          : ""}
        .{" "}
        {win.posted_url ? (
          <a href={win.posted_url} target="_blank" rel="noopener noreferrer" className={link}>
            See it
          </a>
        ) : null}
      </p>
    );
  const wrong = posted.error instanceof ApiError && posted.error.status === 422;
  return (
    <form
      noValidate
      className="space-y-3"
      onSubmit={(e) => {
        e.preventDefault();
        posted.mutate(url.trim(), { onSuccess: () => toast("Noted as posted.") });
      }}
    >
      <div className="flex items-start gap-2">
        <div className="flex-1">
          <TextField
            label="Posted already?"
            hint="Its address, if it has one."
            type="url"
            inputMode="url"
            placeholder="https://"
            value={url}
            onChange={(e) => setUrl(e.target.value)}
            {...(wrong ? { error: "A full address, beginning with https://." } : {})}
          />
        </div>
        <div className="pt-[1.625rem]">
          <Button size="l" type="submit" busy={posted.isPending}>
            Mark posted
          </Button>
        </div>
      </div>
      {posted.error && !wrong ? <ErrorNote error={posted.error} /> : null}
    </form>
  );
}

function Sources({ win }: { win: Win }) {
  const passages = (win.sources as Partial<Passage>[]).filter(
    (s): s is Passage => !!s.evidence_id && s.start !== undefined && s.end !== undefined,
  );
  if (!passages.length) return null;
  return (
    <div className="space-y-8 border-t border-ink pt-4">
      <p className="font-strong">What it rests on</p>
      {passages.slice(0, 4).map((p) => (
        <Source key={`${p.evidence_id}-${p.start}`} passage={p} />
      ))}
    </div>
  );
}
