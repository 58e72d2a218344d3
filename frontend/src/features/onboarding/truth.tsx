"use client";
import { useQuery } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { sessionQuery, type Fact } from "@/features/evidence/queries";
import { Source } from "@/features/evidence/source";
import type { Schemas } from "@/lib/api/client";
import { cn } from "@/lib/cn";
import { capital, inWords, many } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { Key, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/layer";
import { Empty, ErrorNote, Skeleton } from "@/ui/notes";
import { Contradiction } from "./contradiction";
import { FactCard } from "./fact-card";
import { ChapterHead } from "./frame";
import { LiveStrip } from "./live-strip";
import { stepQuery, useRunSteps, type Conflict } from "./queries";
import { useVerdicts } from "./verdicts";
import { CHAPTERS } from "./words";

const CHAPTER = CHAPTERS[1];

export function Truth() {
  const session = useQuery(sessionQuery());
  const id = session.data?.id ?? "";
  const found = useQuery(stepQuery(id, 2));
  const clashes = useQuery(stepQuery(id, 3));
  const failed = session.error ?? found.error ?? clashes.error;
  if (failed) return <ErrorNote error={failed} retry={() => void session.refetch()} />;
  if (!found.data || !clashes.data) return <Skeleton lines={5} />;
  const facts = (found.data.data as Schemas["Extraction"] | null)?.facts ?? [];
  const conflicts = (clashes.data.data as Schemas["Contradictions"] | null)?.conflicts ?? [];
  if (!facts.length || clashes.data.status === "not_started")
    return (
      <>
        <ChapterHead chapter={CHAPTER} />
        <div className="mt-8">
          <Empty
            title="Nothing has been read yet."
            act={
              <Button kind="solid" asChild>
                <Link href={"/onboarding/pile" as Route}>Go to the pile</Link>
              </Button>
            }
          >
            Bring a document or a page first. What it says stands here, one fact at a time.
          </Empty>
        </div>
      </>
    );
  const isClosed = session.data?.status === "completed";
  return <Facts id={id} facts={facts} conflicts={conflicts} closed={isClosed} />;
}

type FactsProps = { id: string; facts: Fact[]; conflicts: Conflict[]; closed: boolean };

function Facts({ id, facts: all, conflicts, closed }: FactsProps) {
  const verdicts = useVerdicts(id);
  const disputed = new Set(
    conflicts.flatMap((c) => c.sides.flatMap((s) => [s, ...(s.again ?? [])].map((p) => p.fact_id))),
  );
  const facts = all.filter((f) => !disputed.has(f.id));
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      facts.findIndex((f) => !verdicts.of(f)),
    ),
  );
  const [shown, setShown] = useState<string | null>(null);
  const fact = facts[Math.min(at, facts.length - 1)];
  const said = facts.filter((f) => verdicts.of(f)).length;
  const open = verdicts.truth
    ? conflicts.filter((c) => verdicts.truth?.open_conflicts?.includes(c.id))
    : conflicts;
  const step = (by: number) => setAt((i) => Math.max(0, Math.min(facts.length - 1, i + by)));
  useKeys({ j: () => step(1), k: () => step(-1) });
  const passage = all.find((f) => f.id === shown);
  return (
    <div className="grid gap-x-14 gap-y-10 lg:grid-cols-[13.5rem_minmax(0,1fr)_minmax(0,1fr)]">
      <aside aria-label="Facts">
        <ChapterHead chapter={CHAPTER}>
          We found {many(all.length, "claim")}
          {open.length
            ? `, and ${inWords(open.length)} ${open.length === 1 ? "contradiction" : "contradictions"}`
            : ""}
          . Keep the true ones.
        </ChapterHead>
        <FactNav facts={facts} here={fact?.id} of={verdicts.of} go={setAt} />
      </aside>
      <div className="lg:pt-1">
        {fact ? (
          <>
            <p className="mb-6 flex items-center justify-between gap-4 text-small text-ink-3 figures">
              <span>
                Fact {Math.min(at, facts.length - 1) + 1} of {facts.length}, {said} answered
              </span>
              <span className="flex gap-1">
                <Button kind="quiet" size="s" disabled={at === 0} onClick={() => step(-1)}>
                  Back <Key>K</Key>
                </Button>
                <Button
                  kind="quiet"
                  size="s"
                  disabled={at >= facts.length - 1}
                  onClick={() => step(1)}
                >
                  Next <Key>J</Key>
                </Button>
              </span>
            </p>
            {closed ? (
              <p className="font-serif text-h2">{fact.fact}</p>
            ) : (
              <FactCard
                key={fact.id}
                fact={fact}
                verdict={verdicts.of(fact)}
                say={(verdict) => {
                  verdicts.say(fact, verdict);
                  if (at < facts.length - 1) step(1);
                }}
              />
            )}
          </>
        ) : null}
      </div>
      {fact ? <Source passage={fact} sticky /> : <span />}
      <div className="space-y-12 lg:col-span-2 lg:col-start-2 lg:mt-6">
        {closed
          ? null
          : open.map((c) => (
              <Contradiction
                key={c.id}
                conflict={c}
                busy={verdicts.saving}
                show={setShown}
                settle={(keep, note) =>
                  void verdicts.send({
                    resolutions: [{ conflict_id: c.id, keep, ...(note ? { note } : {}) }],
                  })
                }
              />
            ))}
        {closed ? null : (
          <GoOn id={id} open={open.length} verdicts={verdicts} left={facts.length - said} />
        )}
      </div>
      <Sheet
        open={!!passage}
        onOpenChange={() => setShown(null)}
        title={passage?.source ?? ""}
        lead="The passage, at its place."
      >
        {passage ? <Source passage={passage} /> : null}
      </Sheet>
    </div>
  );
}

type NavProps = {
  facts: Fact[];
  here: string | undefined;
  of: ReturnType<typeof useVerdicts>["of"];
  go: (at: number) => void;
};

function FactNav({ facts, here, of, go }: NavProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const row = box.current?.querySelector<HTMLElement>("[aria-current]");
    if (row && box.current) box.current.scrollTop = row.offsetTop - box.current.clientHeight / 2;
  }, [here]);
  return (
    <nav aria-label="Facts in this chapter" className="mt-6 hidden lg:block">
      <div ref={box} className="relative -ml-4 max-h-[56vh] overflow-y-auto pl-4">
        <ol className="text-small">
          {facts.map((f, i) => {
            const verdict = of(f);
            return (
              <li key={f.id}>
                <button
                  type="button"
                  onClick={() => go(i)}
                  aria-current={f.id === here ? "step" : undefined}
                  className={cn(
                    "relative flex w-full gap-2 border-t border-rule py-2 text-left",
                    f.id === here
                      ? "font-strong text-ink before:absolute before:inset-y-0 before:-left-4 before:w-[3px] before:bg-mor"
                      : verdict
                        ? "text-ink-3 hover:text-ink"
                        : "text-ink-2 hover:text-ink",
                  )}
                >
                  <span className="w-4 shrink-0 text-ink-3 figures">
                    {verdict?.verdict === "reject" ? (
                      <X
                        className="mt-[3px] size-3 text-madder"
                        strokeWidth={2.5}
                        aria-label="Left out"
                      />
                    ) : verdict ? (
                      <Check
                        className="mt-[3px] size-3 text-mor"
                        strokeWidth={2.5}
                        aria-label="Kept"
                      />
                    ) : (
                      i + 1
                    )}
                  </span>
                  <span className="line-clamp-2 min-w-0">
                    {f.fact}
                    {f.needs_verification ? (
                      <span className="block text-genda">one weak source</span>
                    ) : null}
                  </span>
                </button>
              </li>
            );
          })}
        </ol>
      </div>
    </nav>
  );
}

type GoOnProps = {
  id: string;
  open: number;
  left: number;
  verdicts: ReturnType<typeof useVerdicts>;
};

function GoOn({ id, open, left, verdicts }: GoOnProps) {
  const router = useRouter();
  const { live, run } = useRunSteps(id);
  const [going, setGoing] = useState(false);
  const go = async () => {
    setGoing(true);
    const saved = verdicts.ready && !verdicts.unsent ? true : await verdicts.send();
    if (saved && (await run(25))) router.push("/onboarding/market" as Route);
    setGoing(false);
  };
  return (
    <Section id="go-on" title="When this is what is true">
      <p className="max-w-[38rem] text-body text-ink-2">
        {left
          ? `${capital(inWords(left))} ${left === 1 ? "fact is" : "facts are"} unanswered and used as they stand. `
          : "Every fact is answered. "}
        {open
          ? `${capital(inWords(open))} ${open === 1 ? "contradiction is" : "contradictions are"} open; what is disputed stays out of every plan until you settle it.`
          : ""}
      </p>
      <div className="mt-5 space-y-4">
        <LiveStrip live={live} again={() => void go()} />
        <Button kind="solid" size="l" wide="phone" busy={going} onClick={() => void go()}>
          {going ? "Writing the next chapters" : "Write the next chapters"}
        </Button>
        <p role="status" className="text-small text-ink-3 figures">
          {verdicts.saving
            ? "Saving"
            : verdicts.unsent
              ? `${capital(many(verdicts.unsent, "answer"))} to be saved`
              : "All answers are saved."}
        </p>
      </div>
    </Section>
  );
}
