"use client";
import { useState } from "react";
import { many } from "@/lib/format";
import { Sheet } from "@/ui/layer";
import type { Fact } from "./queries";
import { Source } from "./source";

/** "2 sources": opens the passages that a text rests on. Without any it says so. */
export function Cite({ ids, facts }: { ids: string[]; facts: ReadonlyMap<string, Fact> }) {
  const [open, setOpen] = useState(false);
  const found = ids.flatMap((id) => facts.get(id) ?? []);
  if (!found.length) return <span className="text-small text-ink-3">your own words</span>;
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="inline-flex min-h-6 items-center text-small whitespace-nowrap text-ink-3 figures underline decoration-rule-2 decoration-1 underline-offset-3 hover:text-ink"
      >
        {many(found.length, "source")}
      </button>
      <Sheet
        open={open}
        onOpenChange={setOpen}
        title={many(found.length, "source")}
        lead="What this rests on, at its place."
      >
        <div className="space-y-10">
          {found.slice(0, 8).map((fact) => (
            <Source key={fact.id} passage={fact} />
          ))}
        </div>
      </Sheet>
    </>
  );
}
