"use client";
import { RadioGroup } from "radix-ui";
import { type ReactNode, useState } from "react";
import { cn } from "@/lib/cn";
import { capital } from "@/lib/format";
import { Button } from "@/ui/button";
import { TextArea } from "@/ui/field";
import type { Conflict } from "./queries";

type Props = {
  conflict: Conflict;
  busy: boolean;
  settle: (keep: string, note?: string) => void;
  show: (factId: string) => void;
};

/** Characters; a longer value is a sentence and is set smaller. */
const LONG = 32;

/** Two sources that disagree, side by side; no side is chosen beforehand. */
export function Contradiction({ conflict, busy, settle, show }: Props) {
  const [pick, setPick] = useState("");
  const [why, setWhy] = useState<string | null>(null);
  const id = `clash-${conflict.id}`;
  return (
    <section aria-labelledby={id}>
      <div className="border-t border-ink pt-3">
        <h3 id={id} className="text-body font-strong tracking-normal">
          {conflict.sides.length === 2 ? "Two sources disagree on" : "Sources disagree on"}{" "}
          {conflict.subject}
        </h3>
      </div>
      <RadioGroup.Root
        value={pick}
        onValueChange={setPick}
        aria-labelledby={id}
        className={cn("mt-5 grid", conflict.sides.length === 2 && "sm:grid-cols-[1fr_auto_1fr]")}
      >
        {conflict.sides.map((side, i) => (
          <div key={side.fact_id} className="contents">
            {i ? (
              <div className="my-4 flex items-center gap-3 font-serif text-body text-ink-3 italic sm:mx-7 sm:my-0 sm:flex-col">
                <i className="h-px flex-1 bg-rule sm:h-auto sm:w-px" />
                or
                <i className="h-px flex-1 bg-rule sm:h-auto sm:w-px" />
              </div>
            ) : null}
            <div className="-mx-3">
              <RadioGroup.Item
                value={side.fact_id}
                className="group relative block w-full rounded-control p-3 text-left transition-colors hover:bg-paper-2 data-[state=checked]:bg-mor-wash"
              >
                <span className="flex items-baseline justify-between gap-3">
                  <span className="text-small text-ink-2">
                    <span className="font-strong text-ink">{side.source}</span>
                    {at(side)}
                  </span>
                  <span className="size-3.5 shrink-0 self-center rounded-round border border-rule-2 transition-all group-data-[state=checked]:border-[4.5px] group-data-[state=checked]:border-mor" />
                </span>
                <span
                  className={cn(
                    "mt-3 block font-serif figures",
                    side.value.length > LONG
                      ? "text-[1.375rem] leading-7"
                      : "text-[2.25rem] leading-none tracking-[-0.025em]",
                  )}
                >
                  {side.value}
                </span>
                <span className="mt-3 block font-serif text-[0.9375rem] leading-6 text-ink-2">
                  “<Marked text={side.quote} part={side.value} />”
                </span>
              </RadioGroup.Item>
              <p className="ml-3 flex flex-wrap gap-x-4">
                <Look onClick={() => show(side.fact_id)}>Look at the page</Look>
                {(side.again ?? []).map((place) => (
                  <Look key={place.fact_id} onClick={() => show(place.fact_id)}>
                    Again in {place.source}
                    {at(place)}
                  </Look>
                ))}
              </p>
            </div>
          </div>
        ))}
      </RadioGroup.Root>
      {why === null ? (
        <div className="mt-5 flex flex-wrap items-center gap-2">
          <Button kind="solid" size="s" disabled={!pick} busy={busy} onClick={() => settle(pick)}>
            Use this one
          </Button>
          <Button size="s" onClick={() => setWhy("")}>
            Both are right, here is why
          </Button>
        </div>
      ) : (
        <form
          className="mt-5"
          onSubmit={(e) => {
            e.preventDefault();
            settle("both", why.trim());
          }}
        >
          <TextArea
            autoFocus
            label={`Why both are right for ${conflict.subject}`}
            hint="One sentence, such as: the lower price is for members."
            value={why}
            maxLength={1000}
            required
            onChange={(e) => setWhy(e.target.value)}
          />
          <div className="mt-3 flex gap-2">
            <Button kind="solid" size="s" type="submit" disabled={!why.trim()} busy={busy}>
              {capital("keep both")}
            </Button>
            <Button kind="quiet" size="s" onClick={() => setWhy(null)}>
              Back
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}

function Look({ children, onClick }: { children: ReactNode; onClick: () => void }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="min-h-6 text-left text-small text-ink-3 underline decoration-rule-2 decoration-1 underline-offset-3 hover:text-ink"
    >
      {children}
    </button>
  );
}

function at({ page, line }: { page?: number | null; line?: number | null }) {
  return page ? `, page ${page}` : line ? `, line ${line}` : "";
}

function Marked({ text, part }: { text: string; part: string }) {
  const at = text.indexOf(part);
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark className="bg-genda-mark px-0.5 text-ink">{part}</mark>
      {text.slice(at + part.length)}
    </>
  );
}
