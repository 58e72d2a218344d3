"use client";
import type { Route } from "next";
import Link from "next/link";
import { useEffect, useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { cn } from "@/lib/cn";
import { Button } from "./button";
import { explain } from "./explain";

/** A page or block that has nothing yet: what it will hold, and the first step towards it. */
export function Empty({
  title,
  children,
  act,
  flush,
}: {
  title: string;
  children?: React.ReactNode;
  act?: React.ReactNode;
  /** Directly under a rule that is there already. */
  flush?: boolean;
}) {
  return (
    <div className={cn("py-10", !flush && "border-t border-rule")}>
      <p className="max-w-[30ch] font-serif text-h3 tracking-[-0.012em] text-balance">{title}</p>
      {children ? <div className="mt-3 max-w-[38rem] text-body text-ink-2">{children}</div> : null}
      {act ? <div className="mt-5 flex flex-wrap gap-2">{act}</div> : null}
    </div>
  );
}

/** The plan or its budget is what stands in the way, and a larger one lifts it. */
export const isLimit = (error: unknown) =>
  error instanceof ApiError &&
  (error.status === 402 || ["plan_limit_reached", "plan_required"].includes(error.code));

/** A block that could not be read or made, with one thing to do about it. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const { title, text, id } = explain(error);
  const wait = error instanceof ApiError ? error.retryAfterSeconds : null;
  if (isLimit(error))
    return (
      <div role="alert">
        <Limit
          act={
            <Button size="s" asChild>
              <Link href={"/billing/plans" as Route}>See plans</Link>
            </Button>
          }
        >
          <b>{title}.</b> {text}
        </Limit>
      </div>
    );
  const mayAgain = !(error instanceof ApiError && error.status === 403);
  return (
    <div role="alert" className="border-l-[3px] border-madder bg-madder-wash px-4 py-3.5">
      <p className="font-strong">{title}</p>
      <p className="mt-1 max-w-[38rem] text-body text-ink-2">{text}</p>
      {retry && mayAgain ? (
        <div className="mt-3">
          <Retry again={retry} seconds={wait} />
        </div>
      ) : null}
      {id ? <p className="mt-2 text-micro text-ink-2 figures">Request {id}</p> : null}
    </div>
  );
}

function Retry({ again, seconds }: { again: () => void; seconds: number | null }) {
  const left = useCountdown(seconds ?? 0);
  return (
    <Button size="s" disabled={left > 0} onClick={again}>
      {left > 0 ? `Try again in ${left} s` : "Try again"}
    </Button>
  );
}

/** Whole seconds left, counting down from `seconds` once. */
export function useCountdown(seconds: number) {
  const [left, setLeft] = useState(Math.ceil(seconds));
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return left;
}

/** Where a control would stand that the plan or the budget does not allow: the reason, and what lifts it. */
export function Limit({ children, act }: { children: React.ReactNode; act?: React.ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-l-[3px] border-genda bg-genda-wash px-4 py-3 text-body">
      <p className="min-w-0 flex-1 basis-60">{children}</p>
      {act}
    </div>
  );
}

/** Bars where text will stand; shown only after 200 ms, so that fast answers do not flash. */
export function Skeleton({ lines = 4, label = "Reading" }: { lines?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="late space-y-4 py-2">
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} aria-hidden className="space-y-2 border-t border-rule pt-4 first:border-0">
          <div className="h-4 rounded-slip bg-rule" style={{ width: `${62 - ((i * 17) % 34)}%` }} />
          <div
            className="h-3 rounded-slip bg-paper-2"
            style={{ width: `${84 - ((i * 11) % 30)}%` }}
          />
        </div>
      ))}
    </div>
  );
}
