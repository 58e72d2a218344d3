"use client";
import { useState } from "react";
import type { Fact } from "@/features/evidence/queries";
import { useKeys } from "@/lib/keys";
import { Key, Overline } from "@/ui/bits";
import { Button } from "@/ui/button";
import { TextArea } from "@/ui/field";
import type { Verdict } from "./verdicts";
import { CATEGORIES, sure } from "./words";

type Props = {
  fact: Fact;
  verdict: Verdict | null;
  say: (verdict: Verdict) => void;
};

const SAID: Record<Verdict["verdict"], string> = {
  accept: "Kept. You can change it here at any time.",
  reject: "Left out. No plan or draft will say it.",
  correct: "Corrected. Your words are the source now.",
};

/** One fact: yes, correct it, or not true. Enter, E and X do the same. */
export function FactCard({ fact, verdict, say }: Props) {
  const [writing, setWriting] = useState<string | null>(null);
  useKeys({
    Enter: () => say({ verdict: "accept" }),
    e: () => setWriting(verdict?.correction ?? fact.fact),
    x: () => say({ verdict: "reject" }),
  });
  const text = verdict?.verdict === "correct" ? (verdict.correction ?? fact.fact) : fact.fact;
  return (
    <article aria-labelledby="fact" className="settle">
      <Overline>{CATEGORIES[fact.category]}</Overline>
      <h2
        id="fact"
        className="mt-4 font-serif text-[1.75rem] leading-[1.18] tracking-[-0.018em] text-pretty sm:text-h2 sm:leading-[1.14]"
      >
        {text}
      </h2>
      <p className="mt-4 text-body text-ink-2">
        {fact.speaker ? `In the words of ${fact.speaker}. ` : ""}From{" "}
        <span className="font-strong">{fact.source}</span>
        {fact.section ? `, under “${fact.section}”` : ""}
        {fact.page ? `, page ${fact.page}` : ""}. We are {sure(fact)}.
      </p>
      {writing === null ? (
        <div className="mt-6 flex flex-wrap items-center gap-2">
          <Button kind="solid" size="l" wide="phone" onClick={() => say({ verdict: "accept" })}>
            Yes, this is true <Key>↵</Key>
          </Button>
          <Button size="l" onClick={() => setWriting(text)}>
            Correct it <Key>E</Key>
          </Button>
          <Button kind="quiet" size="l" onClick={() => say({ verdict: "reject" })}>
            Not true <Key>X</Key>
          </Button>
        </div>
      ) : (
        <form
          className="mt-6"
          onSubmit={(e) => {
            e.preventDefault();
            if (!writing.trim()) return;
            say({ verdict: "correct", correction: writing.trim() });
            setWriting(null);
          }}
          onKeyDown={(e) => {
            if (e.key === "Escape") setWriting(null);
            if (e.key === "Enter" && (e.metaKey || e.ctrlKey)) e.currentTarget.requestSubmit();
          }}
        >
          <TextArea
            serif
            autoFocus
            label="What is right instead"
            value={writing}
            maxLength={2000}
            onChange={(e) => setWriting(e.target.value)}
          />
          <div className="mt-3 flex gap-2">
            <Button kind="solid" type="submit">
              Use my words
            </Button>
            <Button kind="quiet" onClick={() => setWriting(null)}>
              Leave it <Key>esc</Key>
            </Button>
          </div>
        </form>
      )}
      <p role="status" className="mt-4 text-small text-ink-3">
        {verdict ? SAID[verdict.verdict] : "Say nothing, and it is used as it stands."}
      </p>
    </article>
  );
}
