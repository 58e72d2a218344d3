import { cn } from "@/lib/cn";
import type { StepSummary } from "./queries";
import { CHAPTERS } from "./words";

const TALL: Record<string, string> = {
  completed: "h-2.5 bg-ink",
  skipped: "h-1 bg-ink",
  stale: "h-2.5 bg-genda",
  not_started: "h-2.5 bg-rule-2/60",
};

/** 25 marks in six chapters: done, left out, made from older answers, here, to come. */
export function ProgressRuler({ steps, at }: { steps: StepSummary[]; at: number }) {
  const done = steps.filter((s) => s.status === "completed" || s.status === "skipped").length;
  const byNumber = new Map(steps.map((s) => [s.step, s.status]));
  return (
    <div
      role="img"
      aria-label={`${done} of ${steps.length} steps done`}
      className="flex h-5 items-end gap-3"
    >
      {CHAPTERS.map((c) => (
        <span key={c.slug} className="flex items-end gap-[5px]">
          {c.steps
            .filter((s) => byNumber.has(s))
            .map((s) => (
              <i
                key={s}
                className={cn(
                  "block w-[2px]",
                  s === at ? "h-5 bg-mor" : TALL[byNumber.get(s) ?? ""],
                )}
              />
            ))}
        </span>
      ))}
    </div>
  );
}
