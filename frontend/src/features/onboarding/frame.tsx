"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { sessionQuery } from "@/features/evidence/queries";
import { cn } from "@/lib/cn";
import { time } from "@/lib/format";
import { Talon } from "@/ui/bits";
import { ProgressRuler } from "./progress-ruler";
import { CHAPTERS, chapterOf, type Chapter } from "./words";

/** The onboarding's own shell: how far it is, and the way out. */
export function Frame({
  slug,
  tools,
  children,
}: {
  slug: string;
  tools: React.ReactNode;
  children: React.ReactNode;
}) {
  const chapter = chapterOf(slug) ?? CHAPTERS[0];
  const { data: session } = useQuery(sessionQuery());
  const steps = session?.steps ?? [];
  const here = steps.find(
    (s) => s.chapter === CHAPTERS.indexOf(chapter) + 1 && s.status !== "completed",
  );
  const done = steps.filter((s) => s.status === "completed" || s.status === "skipped").length;
  return (
    <div className="min-h-dvh">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50 focus:bg-ink focus:px-4 focus:py-2 focus:text-on-ink"
      >
        Skip to the page
      </a>
      <header className="sticky top-0 z-20 border-b border-rule bg-paper/94 backdrop-blur-md">
        <div className="mx-auto flex h-16 max-w-[88rem] items-center gap-4 px-5 sm:gap-6 sm:px-8 lg:px-12">
          <span className="flex items-center gap-2 font-serif text-[1.3125rem] leading-none tracking-[-0.02em]">
            <Talon className="size-[1.05rem] text-mor" />
            <span className="hidden sm:inline">Raptorflow</span>
          </span>
          <div className="mx-auto hidden items-center gap-5 md:flex">
            <ProgressRuler steps={steps} at={here?.step ?? 0} />
            <span className="text-small text-ink-2 figures">
              {done} of {steps.length} steps
            </span>
          </div>
          <p className="ml-auto text-small text-ink-2 figures md:ml-0" suppressHydrationWarning>
            {session ? `Saved ${time(new Date(session.updated_at))}` : ""}
          </p>
          <Link
            href="/today"
            className="text-small text-ink-2 underline decoration-rule-2 decoration-1 underline-offset-4 hover:text-ink"
          >
            Finish later
          </Link>
          {tools}
        </div>
      </header>
      <div className="mx-auto max-w-[88rem] px-5 pt-6 pb-24 sm:px-8 lg:px-12 lg:pt-10">
        <nav
          aria-label="Chapters"
          className="-mx-5 mb-8 overflow-x-auto px-5 sm:mx-0 sm:px-0 lg:mb-10"
        >
          <ol className="flex gap-6 border-b border-rule text-small">
            {CHAPTERS.map((c, i) => {
              const own = steps.filter((s) => s.chapter === i + 1);
              const reached =
                own.some((s) => s.status !== "not_started") || i === 0 || c === chapter;
              return (
                <li key={c.slug} className="shrink-0">
                  {reached ? (
                    <Link
                      href={`/onboarding/${c.slug}` as Route}
                      aria-current={c === chapter ? "page" : undefined}
                      className={cn(
                        "-mb-px flex h-10 items-center",
                        c === chapter
                          ? "border-b-2 border-ink font-strong"
                          : "text-ink-2 hover:text-ink",
                      )}
                    >
                      {c.title}
                      {own.some((s) => s.status === "stale") ? (
                        <span className="ml-1.5 text-genda">older answers</span>
                      ) : null}
                    </Link>
                  ) : (
                    <span className="flex h-10 items-center text-ink-3">{c.title}</span>
                  )}
                </li>
              );
            })}
          </ol>
        </nav>
        <main id="main" tabIndex={-1} className="outline-none">
          {children}
        </main>
      </div>
    </div>
  );
}

export function ChapterHead({
  chapter,
  children,
}: {
  chapter: Chapter;
  children?: React.ReactNode;
}) {
  return (
    <div>
      <p className="font-serif text-read text-ink-3 italic">Chapter {chapter.numeral}</p>
      <h1 className="mt-1 font-serif text-h2">{chapter.title}</h1>
      <p className="mt-3 max-w-[38rem] text-body text-ink-2">{children ?? chapter.lead}</p>
    </div>
  );
}
