"use client";
import { useQueries, useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Cite } from "@/features/evidence/cite";
import { factsQuery, sessionQuery } from "@/features/evidence/queries";
import { ApiError } from "@/lib/api/errors";
import { many } from "@/lib/format";
import { without } from "@/lib/without";
import { toast } from "@/lib/toast";
import { link, Section, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Doc, isEmpty, type Json } from "@/ui/doc";
import { DocEditor } from "@/ui/doc-editor";
import { ErrorNote, Limit, Skeleton } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { ChapterHead } from "./frame";
import { LiveStrip } from "./live-strip";
import {
  stepQuery,
  useComplete,
  useEditStep,
  useRunStep,
  useRunSteps,
  useSkip,
  type StepSummary,
} from "./queries";
import { Heard, HEARD } from "./heard";
import { Review } from "./review";
import { CHAPTERS, chapterOf, chapterOfStep, unlocksOf } from "./words";

type Data = { [key: string]: Json };
type Missing = { slot: string; question: string; unlocks: string };

/** Chapters three to six: what each step wrote, with its sources, to be mended or left out. */
export function Steps({ slug }: { slug: string }) {
  const chapter = chapterOf(slug) ?? CHAPTERS[0];
  const session = useQuery(sessionQuery());
  const id = session.data?.id ?? "";
  const { live, run } = useRunSteps(id);
  const at = CHAPTERS.indexOf(chapter);
  const next = CHAPTERS[at + 1];
  const closed = session.data?.status === "completed";
  const own = session.data?.steps.filter((s) => s.chapter === at + 1) ?? [];
  const facts = useQuery(factsQuery(id));
  const written = useQueries({ queries: own.map((s) => stepQuery(id, s.step)) });
  // Shown together: one that came later would push what is being read.
  if (session.data && (facts.isPending || written.some((w) => w.isPending)))
    return (
      <div className="mx-auto max-w-[60rem]">
        <ChapterHead chapter={chapter} />
        <div className="mt-8">
          <Skeleton lines={8} />
        </div>
      </div>
    );
  return (
    <div className="mx-auto max-w-[60rem]">
      <ChapterHead chapter={chapter} />
      <div className="mt-8 space-y-14">
        <LiveStrip live={live} again={() => void run(25)} />
        <Shown query={session}>
          {({ steps }) => (
            <>
              {!closed && !live.running && steps.some((s) => s.status === "stale") ? (
                <Limit
                  act={
                    <Button size="s" onClick={() => void run(25)}>
                      Bring them up to date
                    </Button>
                  }
                >
                  Some steps were made from older answers. What you wrote yourself is kept.
                </Limit>
              ) : null}
              {own.map((s) => (
                <StepSection
                  key={s.step}
                  id={id}
                  step={s}
                  closed={closed}
                  waiting={live.running}
                  make={() => void run(s.step)}
                />
              ))}
            </>
          )}
        </Shown>
        {next ? (
          <div className="border-t border-ink pt-5">
            <Button kind="solid" size="l" asChild>
              <Link href={`/onboarding/${next.slug}` as Route}>
                Chapter {next.numeral}: {next.title}
              </Link>
            </Button>
          </div>
        ) : (
          <Finish id={id} closed={closed} />
        )}
      </div>
    </div>
  );
}

type StepProps = {
  id: string;
  step: StepSummary;
  closed: boolean;
  waiting: boolean;
  make: () => void;
};

function StepSection({ id, step, closed, waiting, make }: StepProps) {
  const result = useQuery(stepQuery(id, step.step));
  const { data: facts = new Map() } = useQuery(factsQuery(id));
  const [editing, setEditing] = useState<Data | null>(null);
  const edit = useEditStep(id, step.step);
  const again = useRunStep(id);
  const skip = useSkip(id);
  const data = result.data?.data as Data | null | undefined;
  const acts =
    closed || editing || waiting ? null : (
      <span className="flex gap-1">
        {step.editable && data ? (
          <Button kind="quiet" size="s" onClick={() => setEditing(without(data, ...HEARD))}>
            Mend it
          </Button>
        ) : null}
        {step.skippable && step.status !== "skipped" ? (
          <Button
            kind="quiet"
            size="s"
            busy={skip.isPending}
            onClick={() => skip.mutate(step.step)}
          >
            Leave out
          </Button>
        ) : null}
      </span>
    );
  return (
    <Section
      id={`step-${step.step}`}
      title={
        <>
          <span className="mr-2 text-ink-3 figures">{step.step}</span>
          {step.name}
        </>
      }
      aside={acts}
    >
      <div className="pt-2">
        {step.by_hand ? <Tag dye="mor">In your words</Tag> : null}
        {step.status === "stale" ? (
          <div className="mb-5">
            <Limit
              act={
                closed ? null : (
                  <Button
                    size="s"
                    busy={again.isPending}
                    onClick={() => again.mutate({ step: step.step })}
                  >
                    Make it again
                  </Button>
                )
              }
            >
              Made from older answers.
            </Limit>
          </div>
        ) : null}
        <Failed error={again.error ?? skip.error} />
        <Shown query={result}>
          {() =>
            editing ? (
              <form
                className="mt-2"
                onSubmit={(e) => {
                  e.preventDefault();
                  edit.mutate(editing, {
                    onSuccess: () => {
                      setEditing(null);
                      toast("Kept in your words. Later steps are marked as older.");
                    },
                  });
                }}
              >
                <DocEditor value={editing} onChange={setEditing} />
                <Failed error={edit.error} />
                <div className="mt-5 flex gap-2">
                  <Button kind="solid" type="submit" busy={edit.isPending}>
                    Keep it
                  </Button>
                  <Button kind="quiet" onClick={() => setEditing(null)}>
                    Leave it as it was
                  </Button>
                </div>
              </form>
            ) : step.status === "skipped" ? (
              <p className="text-body text-ink-2">
                Left out.{" "}
                {closed ? null : (
                  <button
                    type="button"
                    className={link}
                    onClick={() => again.mutate({ step: step.step })}
                  >
                    Make it after all
                  </button>
                )}
              </p>
            ) : !data ? (
              <p className="text-body text-ink-2">
                {waiting ? "It comes in its turn." : "Not made yet. "}
                {waiting || closed ? null : (
                  <button type="button" className={link} onClick={make}>
                    Make it
                  </button>
                )}
              </p>
            ) : step.step === 25 ? (
              <Review data={data} />
            ) : (
              <>
                {isEmpty(data) ? (
                  <p className="text-body text-ink-2">Your documents say nothing on this.</p>
                ) : (
                  <Doc value={data} cite={(ids) => <Cite ids={ids} facts={facts} />} />
                )}
                <Heard data={data} />
                <Questions missing={(data.missing ?? []) as unknown as Missing[]} />
              </>
            )
          }
        </Shown>
      </div>
    </Section>
  );
}

const Failed = ({ error }: { error: unknown }) =>
  error ? (
    <div className="my-4">
      <ErrorNote error={error} />
    </div>
  ) : null;

/** What the evidence does not say, as a question. A guess would stand here in other tools. */
function Questions({ missing }: { missing: Missing[] }) {
  if (!missing.length) return null;
  return (
    <div className="mt-6 border-l-[3px] border-genda pl-4">
      <p className="text-small font-strong">Still open: {many(missing.length, "question")}</p>
      <ul className="mt-1">
        {missing.map((m) => (
          <li key={m.slot} className="py-1.5">
            <p className="font-serif text-read">{m.question}</p>
            <p className="text-small text-ink-3">It would give: {unlocksOf(m.unlocks)}.</p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Finish({ id, closed }: { id: string; closed: boolean }) {
  const complete = useComplete(id);
  const router = useRouter();
  const missing =
    complete.error instanceof ApiError
      ? (complete.error.extra.missing_steps as number[] | undefined)
      : undefined;
  if (closed)
    return (
      <div className="border-t border-ink pt-5">
        <Button kind="solid" size="l" asChild>
          <Link href="/today">Go to Today</Link>
        </Button>
      </div>
    );
  return (
    <div className="border-t border-ink pt-5">
      <p className="max-w-[38rem] font-serif text-read text-ink-2">
        This becomes your foundation: every plan and draft starts from it. Facts stay open to
        correction.
      </p>
      {missing ? (
        <div className="mt-4">
          <Limit>
            Some steps are missing:{" "}
            {missing.map((n, i) => (
              <span key={n}>
                {i ? ", " : ""}
                <Link
                  className={link}
                  href={`/onboarding/${chapterOfStep(n).slug}#step-${n}` as Route}
                >
                  step {n}
                </Link>
              </span>
            ))}
            .
          </Limit>
        </div>
      ) : (
        <Failed error={complete.error} />
      )}
      <div className="mt-5">
        <Button
          kind="solid"
          size="l"
          busy={complete.isPending}
          onClick={() => complete.mutate(undefined, { onSuccess: () => router.push("/today") })}
        >
          Make it my foundation
        </Button>
      </div>
    </div>
  );
}
