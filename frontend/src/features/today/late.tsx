"use client";
import { useTask, type Move } from "@/features/moves/queries";
import { isOpen, total } from "@/features/moves/words";
import { capital, inWords, minutes } from "@/lib/format";
import { Button } from "@/ui/button";
import { Limit } from "@/ui/notes";

/** What earlier days left open, and the one act that takes it into today. */
export function Late({ moves, day }: { moves: Move[]; day: string }) {
  const { mutate } = useTask();
  const left = moves.flatMap((m) =>
    m.tasks.filter((t) => isOpen(t) && t.scheduled_date !== null && t.scheduled_date < day),
  );
  if (!left.length) return null;
  return (
    <Limit
      act={
        <Button
          size="s"
          onClick={() => left.forEach((task) => mutate({ task, change: { scheduled_date: day } }))}
        >
          Take {left.length === 1 ? "it" : "them"} into today
        </Button>
      }
    >
      {capital(inWords(left.length))} {left.length === 1 ? "task" : "tasks"} of earlier days{" "}
      {left.length === 1 ? "is" : "are"} open, {minutes(total(left))} in all.
    </Limit>
  );
}
