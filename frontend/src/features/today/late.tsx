"use client";
import type { Route } from "next";
import Link from "next/link";
import { useAdapt, type Running } from "@/features/moves/queries";
import { isOpen, total } from "@/features/moves/words";
import { capital, inWords, minutes } from "@/lib/format";
import { inkLink } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Limit } from "@/ui/notes";

/** What earlier days left open, move by move, and the act that lays it out anew from today. */
export const Late = ({ moves, day }: { moves: Running[]; day: string }) =>
  moves.map((move) => <LateOf key={move.id} move={move} day={day} several={moves.length > 1} />);

function LateOf({ move, day, several }: { move: Running; day: string; several: boolean }) {
  const adapt = useAdapt(move.id);
  const left = move.tasks.filter(
    (t) => isOpen(t) && t.scheduled_date !== null && t.scheduled_date < day,
  );
  const page = `/moves/${move.id}` as Route;
  if (!left.length)
    return adapt.data ? (
      <div role="status" className="border-l-[3px] border-mor bg-mor-wash px-4 py-3 text-body">
        {adapt.data.message}{" "}
        <Link href={page} className={inkLink}>
          See the week
        </Link>
      </div>
    ) : null;
  return (
    <Limit
      act={
        <>
          <Button size="s" busy={adapt.isPending} onClick={() => adapt.mutate("keep_end")}>
            Lay {left.length === 1 ? "it" : "them"} out anew
          </Button>
          <Button
            size="s"
            kind="quiet"
            busy={adapt.isPending}
            onClick={() => adapt.mutate("extend")}
          >
            Take more days
          </Button>
        </>
      }
    >
      {capital(inWords(left.length))} {left.length === 1 ? "task" : "tasks"} of earlier days
      {several ? ` in ${move.name}` : ""} {left.length === 1 ? "is" : "are"} open,{" "}
      {minutes(total(left))} in all. Laid out anew, the move keeps its end; with more days nothing
      that matters is left out.
    </Limit>
  );
}
