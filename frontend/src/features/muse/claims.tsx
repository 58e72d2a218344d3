"use client";
import { useState } from "react";
import { Source } from "@/features/evidence/source";
import { cn } from "@/lib/cn";
import { capital, inWords } from "@/lib/format";
import { Sheet } from "@/ui/layer";
import type { Claim } from "./queries";
import type { Lit } from "./text";
import { passageOf, supportOf, type Passage, type Support } from "./words";

const WORD: Record<Support, string> = {
  sourced: "Has a source",
  none: "No source",
  against: "Speaks against a source",
};

/** What each claim rests on; one click opens the document at the passage. */
export function Claims({ claims, lit, setLit }: { claims: Claim[] } & Lit) {
  const [open, setOpen] = useState<Passage | null>(null);
  return (
    <aside aria-label="Claims in this piece">
      <h2 className="border-t border-ink pt-3 text-body font-strong tracking-normal">
        {claims.length
          ? `${capital(inWords(claims.length))} ${claims.length === 1 ? "claim" : "claims"}`
          : "No claims"}
      </h2>
      {claims.length ? (
        <ol className="mt-1">
          {claims.map((claim, at) => (
            <li
              key={at}
              id={`claim-${at + 1}`}
              onMouseEnter={() => setLit(at)}
              onMouseLeave={() => setLit(null)}
              className={cn(
                "border-t border-rule py-3.5 transition-colors first:border-0 target:bg-paper-2",
                lit === at && "bg-paper-2",
              )}
            >
              <One claim={claim} at={at} show={setOpen} />
            </li>
          ))}
        </ol>
      ) : (
        <p className="mt-2 text-body text-ink-2">
          It says nothing of the company that would need a source.
        </p>
      )}
      <Sheet
        open={!!open}
        onOpenChange={(v) => !v && setOpen(null)}
        title="The source"
        lead="What the claim rests on, at its place."
      >
        {open ? <Source passage={open} /> : null}
      </Sheet>
    </aside>
  );
}

function One({ claim, at, show }: { claim: Claim; at: number; show: (p: Passage) => void }) {
  const support = supportOf(claim);
  const passage = passageOf(claim);
  return (
    <>
      <p
        className={cn("text-small font-strong", support === "sourced" ? "text-mor" : "text-madder")}
      >
        <span className="figures">{at + 1}.</span> {WORD[support]}
      </p>
      <p className="mt-0.5 font-serif text-[0.9375rem] leading-[1.4rem] text-ink-2">
        {support === "sourced" ? (passage ? `“${passage.quote}”` : "You said so yourself.") : null}
        {support === "none"
          ? "Nothing you gave us supports this. Cut it, say it otherwise, or bring a document."
          : null}
        {support === "against" ? claim.why || "A document of yours says otherwise." : null}
      </p>
      {passage ? (
        <button
          type="button"
          onClick={() => show(passage)}
          className="mt-1 inline-flex min-h-6 items-center text-small text-ink-3 underline decoration-rule-2 decoration-1 underline-offset-3 hover:text-ink"
        >
          {passage.source || "Open the source"}
        </button>
      ) : null}
    </>
  );
}
