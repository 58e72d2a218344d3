"use client";
import {
  DndContext,
  PointerSensor,
  KeyboardSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
  type DragEndEvent,
} from "@dnd-kit/core";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { cn } from "@/lib/cn";
import { dateShort, fromDay, many } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { Key, Meter, PageHead } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { movesQuery, useVerbOf, type Listed, type Status, type Verb } from "./queries";
import { CATEGORIES, STATUSES } from "./words";

const COLUMNS: Status[] = ["draft", "scheduled", "active", "paused", "completed"];
/** The verb that takes a move from one column to another; what is not here is no legal drop. */
const VERBS: Partial<Record<Status, Partial<Record<Status, Verb>>>> = {
  draft: { active: "start" },
  scheduled: { active: "start" },
  paused: { active: "start", completed: "complete" },
  active: { paused: "pause", completed: "complete" },
};
const NAMES: Record<Verb, string> = { start: "Start", pause: "Pause", complete: "Complete" };

export function Board() {
  const moves = useQuery(movesQuery());
  const router = useRouter();
  useKeys({ n: () => router.push("/moves/new" as Route) });
  return (
    <>
      <PageHead
        title="Moves"
        lead="Seven days, one aim, an hour or so a day."
        acts={
          <Button kind="solid" asChild>
            <Link href={"/moves/new" as Route}>
              Plan a move <Key>N</Key>
            </Link>
          </Button>
        }
      />
      <Shown query={moves}>
        {({ moves: all, total }) =>
          all.length ? (
            <>
              <Columns moves={all} />
              {total > all.length ? (
                <p className="mt-6 text-small text-ink-3">
                  The newest {all.length} of {many(total, "move")}.
                </p>
              ) : null}
            </>
          ) : (
            <Kinds />
          )
        }
      </Shown>
    </>
  );
}

function Kinds() {
  return (
    <Empty
      title="A move is seven days with one aim."
      act={
        <Button kind="solid" asChild>
          <Link href={"/moves/new" as Route}>Plan the first one</Link>
        </Button>
      }
    >
      <dl className="mt-2 space-y-2">
        {Object.entries(CATEGORIES).map(([id, c]) => (
          <div key={id} className="grid grid-cols-[6.5rem_1fr]">
            <dt className="font-strong text-ink">{c.name}</dt>
            <dd>{c.text}</dd>
          </div>
        ))}
      </dl>
    </Empty>
  );
}

function Columns({ moves }: { moves: Listed[] }) {
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor),
  );
  const [held, setHeld] = useState<Listed | null>(null);
  const act = useVerbOf();
  const drop = ({ over, active }: DragEndEvent) => {
    setHeld(null);
    const move = moves.find((m) => m.id === active.id);
    const verb = move && over ? VERBS[move.status]?.[over.id as Status] : undefined;
    if (move && verb) act.mutate({ id: move.id, verb });
  };
  return (
    <DndContext
      id="moves-board"
      sensors={sensors}
      onDragStart={(e) => setHeld(moves.find((m) => m.id === e.active.id) ?? null)}
      onDragCancel={() => setHeld(null)}
      onDragEnd={drop}
      accessibility={{
        screenReaderInstructions: {
          draggable:
            "Press space to lift this move, arrow keys to choose a column, space to put it down, escape to leave it.",
        },
        announcements: {
          onDragStart: () => "Lifted.",
          onDragOver: ({ over }) =>
            over ? `Over ${STATUSES[over.id as Status]}.` : "Not over a column.",
          onDragEnd: ({ over }) =>
            over ? `Put down on ${STATUSES[over.id as Status]}.` : "Put back.",
          onDragCancel: () => "Put back.",
        },
      }}
    >
      <div className="gap-x-5 lg:grid lg:grid-cols-5">
        {COLUMNS.map((status) => (
          <Column
            key={status}
            status={status}
            moves={moves.filter((m) => m.status === status)}
            takes={!!held && !!VERBS[held.status]?.[status]}
            held={!!held}
            act={(id, verb) => act.mutate({ id, verb })}
          />
        ))}
      </div>
    </DndContext>
  );
}

type ColumnProps = {
  status: Status;
  moves: Listed[];
  takes: boolean;
  held: boolean;
  act: (id: string, verb: Verb) => void;
};

function Column({ status, moves, takes, held, act }: ColumnProps) {
  const { setNodeRef, isOver } = useDroppable({ id: status, disabled: held && !takes });
  return (
    <section
      ref={setNodeRef}
      aria-label={STATUSES[status]}
      className={cn(
        "min-w-0 border-t border-ink pt-3 pb-8 transition-colors lg:min-h-72",
        !moves.length && "max-lg:hidden",
        held && !takes && "opacity-55",
        isOver && takes && "bg-mor-wash",
      )}
    >
      <h2 className="flex justify-between text-body font-strong tracking-normal">
        {STATUSES[status]}{" "}
        <span className="font-body text-ink-3 figures">{moves.length || ""}</span>
      </h2>
      <ul className="mt-3 space-y-3">
        {moves.map((move) => (
          <Card key={move.id} move={move} act={act} />
        ))}
      </ul>
    </section>
  );
}

function Card({ move, act }: { move: Listed; act: ColumnProps["act"] }) {
  const verbs = Object.values(VERBS[move.status] ?? {});
  const { setNodeRef, attributes, listeners, transform, isDragging } = useDraggable({
    id: move.id,
    disabled: !verbs.length,
  });
  return (
    <li
      ref={setNodeRef}
      {...(verbs.length ? listeners : {})}
      style={transform ? { transform: `translate(${transform.x}px, ${transform.y}px)` } : undefined}
      className={cn(
        "relative rounded-slip border bg-sheet p-3.5 transition-shadow hover:border-rule-2",
        verbs.length && "touch-pan-y lg:cursor-grab",
        isDragging ? "z-10 rotate-[0.6deg] border-rule-2 shadow-lift" : "border-rule",
      )}
    >
      <p className="flex justify-between gap-2 text-micro text-ink-3">
        <span>{CATEGORIES[move.category].name}</span>
        <span className="figures">
          {move.status === "active"
            ? `day ${Math.max(1, move.current_day)} of ${move.duration_days}`
            : move.start_date
              ? dateShort(fromDay(move.start_date))
              : many(move.duration_days, "day")}
        </span>
      </p>
      <h3 className="mt-1 font-serif text-[1.0625rem] leading-6">
        <Link
          href={`/moves/${move.id}` as Route}
          className="rounded-slip hover:underline hover:decoration-1 hover:underline-offset-4"
          onPointerDown={(e) => e.stopPropagation()}
          onKeyDown={(e) => e.stopPropagation()}
        >
          {move.name}
        </Link>
      </h3>
      {move.target_icp ? (
        <p className="mt-1 text-small text-ink-3">For {move.target_icp.name}</p>
      ) : null}
      {move.status === "active" || move.status === "paused" ? (
        <div className="mt-3">
          <Meter value={move.progress} label={`${move.progress} percent done`} />
        </div>
      ) : null}
      {verbs.length ? (
        <p className="mt-3 flex gap-3 text-small">
          {verbs.map((verb) => (
            <button
              key={verb}
              type="button"
              onPointerDown={(e) => e.stopPropagation()}
              onKeyDown={(e) => e.stopPropagation()}
              onClick={() => act(move.id, verb)}
              className="min-h-6 text-mor underline decoration-1 underline-offset-3 max-lg:min-h-11"
            >
              {NAMES[verb]}
              <span className="sr-only"> {move.name}</span>
            </button>
          ))}
          <span
            {...attributes}
            aria-label={`Move ${move.name} to another column`}
            onKeyDown={listeners?.onKeyDown as React.KeyboardEventHandler}
            className="ml-auto hidden text-ink-3 lg:inline"
          >
            ⠿
          </span>
        </p>
      ) : null}
    </li>
  );
}
