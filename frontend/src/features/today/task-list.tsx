"use client";
import { Check } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useTask, type Running } from "@/features/moves/queries";
import { platform, PRIORITIES } from "@/features/moves/words";
import { cn } from "@/lib/cn";
import { minutes } from "@/lib/format";
import { toast } from "@/lib/toast";
import { link } from "@/ui/bits";

type Task = Running["tasks"][number];

export function TaskList({ tasks }: { tasks: Task[] }) {
  const { mutate } = useTask();
  const tick = (task: Task, on: boolean) => {
    mutate({ task, change: { status: on ? "completed" : "pending" } });
    if (on)
      toast("Done.", {
        action: {
          label: "Undo",
          onClick: () => mutate({ task, change: { status: "pending" } }),
        },
      });
  };
  return (
    <ol>
      {tasks.map((t, i) => (
        <Row key={t.id} task={t} at={i} tick={tick} />
      ))}
    </ol>
  );
}

type RowProps = { task: Task; at: number; tick: (task: Task, on: boolean) => void };

function Row({ task: t, at, tick }: RowProps) {
  const off = t.status === "completed" || t.status === "skipped";
  return (
    <li
      className="grid settle grid-cols-[2.75rem_1fr_auto] items-start border-t border-rule py-5 first:border-t-0"
      style={{ animationDelay: `${at * 60}ms` }}
    >
      <label className="-m-2 grid size-11 cursor-pointer place-items-center">
        <input
          type="checkbox"
          className="peer sr-only"
          checked={off}
          aria-label={`Done: ${t.title}`}
          onChange={(e) => tick(t, e.target.checked)}
        />
        <span className="grid size-[1.15rem] place-items-center rounded-slip border border-rule-2 text-on-ink transition-colors peer-checked:border-mor peer-checked:bg-mor peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-mor">
          <Check
            className={cn("size-3 transition-opacity", off ? "opacity-100" : "opacity-0")}
            strokeWidth={3}
            aria-hidden
          />
        </span>
      </label>
      <div className="min-w-0">
        <h3
          className={cn(
            "font-serif text-h4 transition-colors",
            off && "text-ink-3 line-through decoration-1",
          )}
        >
          {t.title}
        </h3>
        {t.description && !off ? (
          <p className="mt-1 max-w-[34rem] text-body text-ink-2">{t.description}</p>
        ) : null}
        <p className="mt-2 flex flex-wrap items-center gap-x-3 text-small text-ink-3">
          <span className={t.priority === "must-do" && !off ? "font-strong text-ink" : ""}>
            {t.status === "skipped" ? "Skipped" : PRIORITIES[t.priority]}
          </span>
          {t.platform ? <span>{platform(t.platform)}</span> : null}
          <Link className={link} href={`/moves/${t.move_id}?task=${t.id}` as Route}>
            Open it
          </Link>
        </p>
      </div>
      <span className="pt-1 pl-4 text-body text-ink-2 figures">{minutes(t.estimated_minutes)}</span>
    </li>
  );
}
