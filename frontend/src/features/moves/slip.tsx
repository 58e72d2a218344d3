import { Check } from "lucide-react";
import { cn } from "@/lib/cn";
import { minutes } from "@/lib/format";
import type { Dye } from "@/ui/bits";
import { kindOf, platform } from "./words";
import type { Task } from "./queries";
import type { PlannedTask } from "./shape";

const DOT: Record<Dye, string> = {
  mor: "bg-mor",
  jamun: "bg-jamun",
  neel: "bg-neel",
  genda: "bg-genda",
  rule: "bg-rule-2",
  madder: "bg-madder",
  ink: "bg-ink",
};

export type SlipTask = PlannedTask & {
  status: Task["status"];
  late?: boolean;
};

/** A task as a slip of paper on its day. */
export function Slip({ task: t, lifted }: { task: SlipTask; lifted?: boolean }) {
  const over = t.status === "completed" || t.status === "skipped";
  const kind = kindOf(t);
  return (
    <div
      className={cn(
        "relative text-left",
        over ? "py-1.5" : "rounded-slip border bg-sheet px-3 py-2.5 transition-shadow",
        !over && t.late && "border-dashed",
        lifted
          ? "rotate-[0.6deg] border-rule-2 shadow-lift"
          : !over && (t.late ? "border-genda" : "border-rule hover:border-rule-2"),
      )}
    >
      <p className="flex items-center gap-1.5 text-micro text-ink-3">
        {t.status === "completed" ? (
          <Check className="size-3 text-mor" strokeWidth={2.5} aria-label="Done" />
        ) : (
          <i aria-hidden className={cn("size-[7px] rounded-round", DOT[kind.dye])} />
        )}
        {t.status === "skipped" ? "Skipped" : kind.name}
        {t.late ? (
          <span className="ml-auto text-genda">open</span>
        ) : t.priority === "must-do" && !over ? (
          <span className="ml-auto text-ink-2">must</span>
        ) : null}
      </p>
      <p
        className={cn(
          "mt-1 text-[0.9375rem] leading-[1.2rem] text-pretty",
          over ? "text-ink-3" : "text-ink",
          t.priority === "must-do" && !over && "font-strong",
        )}
      >
        {t.title}
      </p>
      {over ? null : (
        <p className="mt-2 flex justify-between gap-2 text-micro text-ink-3 figures">
          <span className="truncate">{platform(t.platform)}</span>
          <span className="shrink-0">{minutes(t.estimated_minutes)}</span>
        </p>
      )}
    </div>
  );
}
