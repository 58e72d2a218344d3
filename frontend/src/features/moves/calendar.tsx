"use client";
import {
  DndContext,
  DragOverlay,
  KeyboardSensor,
  PointerSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
  type DragEndEvent,
  type KeyboardCoordinateGetter,
} from "@dnd-kit/core";
import { useState } from "react";
import { cn } from "@/lib/cn";
import { fromDay, minutes, weekdayShort } from "@/lib/format";
import { toast } from "@/lib/toast";
import { useTask, type Move, type Task } from "./queries";
import { Slip } from "./slip";
import { isOpen, total } from "./words";
import type { Day } from "./days";

type Props = { move: Move; days: Day[]; ceiling: number; open: (task: Task) => void };

/** Arrow keys go from day to day, not pixel by pixel. */
const dayByDay: KeyboardCoordinateGetter = (event, { context, currentCoordinates }) => {
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.code];
  if (!by) return undefined;
  event.preventDefault();
  const columns = [...context.droppableContainers.getEnabled()]
    .map((c) => ({ id: c.id, rect: context.droppableRects.get(c.id) }))
    .flatMap(({ id, rect }) => (rect ? [{ id, rect }] : []))
    .toSorted((a, b) => a.rect.left - b.rect.left);
  // Where it was said to be: a slip that is not measured yet stands at nought.
  const x = currentCoordinates.x + 20;
  const over = columns.findIndex((c) => c.id === context.over?.id);
  const at = over < 0 ? columns.findIndex((c) => x >= c.rect.left && x < c.rect.right) : over;
  const next = columns[Math.max(0, Math.min(columns.length - 1, at + by))]?.rect;
  return next ? { x: next.left + 10, y: next.top + 60 } : undefined;
};

export function Calendar({ move, days, ceiling, open }: Props) {
  const [held, setHeld] = useState<Task | null>(null);
  const today = days.find((d) => d.today) ?? days.find((d) => !d.past) ?? days[0];
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = chosen && days.some((d) => d.date === chosen) ? chosen : today?.date;
  const { mutate } = useTask();
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: dayByDay }),
  );
  const drop = ({ over, active }: DragEndEvent) => {
    setHeld(null);
    const task = move.tasks.find((t) => t.id === active.id);
    const to = over ? String(over.id) : null;
    if (!task || !to || task.scheduled_date === to) return;
    const from = task.scheduled_date;
    mutate({ task, change: { scheduled_date: to } });
    toast(`Moved to ${weekdayShort(fromDay(to))}.`, {
      action: {
        label: "Undo",
        onClick: () => from && mutate({ task, change: { scheduled_date: from } }),
      },
    });
  };
  const name = (id: unknown) => {
    const d = days.find((day) => day.date === id);
    return d ? `${weekdayShort(fromDay(d.date))} ${d.number}` : "no day";
  };
  const fixed = move.status !== "active" && move.status !== "paused";
  return (
    <DndContext
      id="move-calendar"
      sensors={sensors}
      onDragStart={(e) => setHeld(move.tasks.find((t) => t.id === e.active.id) ?? null)}
      onDragCancel={() => setHeld(null)}
      onDragEnd={drop}
      accessibility={{
        screenReaderInstructions: {
          draggable:
            "Press space to lift this task, arrow keys to choose a day, space to put it down, escape to leave it where it was. Enter opens it.",
        },
        announcements: {
          onDragStart: ({ active }) => `Lifted ${String(active.data.current?.title)}.`,
          onDragOver: ({ over }) => (over ? `Over ${name(over.id)}.` : "Not over a day."),
          onDragEnd: ({ over }) => (over ? `Put down on ${name(over.id)}.` : "Put back."),
          onDragCancel: () => "Put back.",
        },
      }}
    >
      <div
        role="group"
        aria-label="Days"
        className="sticky top-0 z-10 -mx-5 mb-4 grid grid-cols-7 border-b border-rule bg-paper/94 px-3 backdrop-blur-md sm:-mx-8 lg:hidden"
      >
        {days.map((d) => (
          <button
            key={d.date}
            type="button"
            aria-pressed={shown === d.date}
            onClick={() => setChosen(d.date)}
            className={cn(
              "relative flex h-16 flex-col items-center justify-center text-micro",
              shown === d.date ? "text-ink" : "text-ink-3",
            )}
          >
            {weekdayShort(fromDay(d.date))}
            <span className={cn("font-serif text-h4 leading-6 figures", d.today && "text-mor")}>
              {d.number}
            </span>
            <span className={cn("absolute bottom-0 h-[3px] w-7", shown === d.date && "bg-ink")} />
          </button>
        ))}
      </div>
      <div className="lg:grid lg:grid-cols-7 lg:grid-rows-[auto_minmax(17rem,1fr)_auto]">
        {days.map((d) => (
          <div key={d.date} className={cn("contents", shown !== d.date && "max-lg:hidden")}>
            <Column day={d} ceiling={ceiling}>
              {d.tasks.map((t) => (
                <Handle key={t.id} task={t} late={d.past && isOpen(t)} fixed={fixed} open={open} />
              ))}
              {d.planned.map((t, i) => (
                <Slip key={i} task={t} />
              ))}
            </Column>
          </div>
        ))}
      </div>
      <DragOverlay dropAnimation={{ duration: 180 }}>
        {held ? <Slip task={held} lifted /> : null}
      </DragOverlay>
    </DndContext>
  );
}

type HandleProps = { task: Task; late: boolean; fixed: boolean; open: (task: Task) => void };

function Handle({ task, late, fixed, open }: HandleProps) {
  const { setNodeRef, attributes, listeners, isDragging } = useDraggable({
    id: task.id,
    data: { title: task.title },
    disabled: fixed || !isOpen(task),
  });
  const drag = fixed || !isOpen(task) ? {} : { ...attributes, ...listeners };
  return (
    <button
      type="button"
      ref={setNodeRef}
      {...drag}
      aria-roledescription={fixed || !isOpen(task) ? undefined : "task that can be moved"}
      onClick={() => open(task)}
      onKeyDown={(e) => {
        if (e.key === "Enter" && !isDragging) {
          e.preventDefault();
          open(task);
        } else listeners?.onKeyDown?.(e);
      }}
      aria-label={`${task.title}, ${minutes(task.estimated_minutes)}`}
      className={cn(
        "block w-full touch-pan-y",
        fixed || !isOpen(task) ? "" : "lg:cursor-grab",
        isDragging && "opacity-35",
      )}
    >
      <Slip task={{ ...task, late }} />
    </button>
  );
}

function Column({
  day: d,
  ceiling,
  children,
}: {
  day: Day;
  ceiling: number;
  children: React.ReactNode;
}) {
  const { setNodeRef, isOver } = useDroppable({ id: d.date, disabled: d.past });
  const sum = total(d.tasks) + d.planned.reduce((n, t) => n + t.estimated_minutes, 0);
  const over = sum > ceiling;
  return (
    <section
      ref={setNodeRef}
      aria-label={`Day ${d.day}, ${weekdayShort(fromDay(d.date))} ${d.number}`}
      className={cn(
        "min-w-0 transition-colors lg:row-span-3 lg:grid lg:grid-rows-subgrid lg:gap-y-0 lg:px-2.5 lg:not-first:border-l lg:not-first:border-l-rule",
        d.today ? "border-t-[3px] border-t-ink px-3 pt-2.5" : "border-t border-t-rule-2 pt-3",
        isOver ? "bg-mor-wash" : d.today && "bg-paper-2",
      )}
    >
      <header>
        <p className="flex items-baseline justify-between text-small text-ink-3 figures">
          <span className={cn(d.today && "font-strong text-ink")}>
            {d.today ? "Today" : weekdayShort(fromDay(d.date))}
          </span>
          <span className="text-micro">day {d.day}</span>
        </p>
        <p
          className={cn(
            "hidden font-serif text-[2rem] leading-9 tracking-[-0.03em] figures lg:block",
            d.past && "text-ink-3",
          )}
        >
          {d.number}
        </p>
        <p
          className={cn(
            "mt-1 mb-4 font-serif text-h4 italic lg:text-body",
            d.past ? "text-ink-3" : "text-ink-2",
          )}
        >
          {d.theme}
        </p>
      </header>
      <div className="flex flex-col gap-2">{children}</div>
      <div className="mt-5 pb-3">
        <div className="h-[3px] bg-rule">
          <div
            className={cn("h-full", over ? "bg-genda" : d.past ? "bg-rule-2" : "bg-ink")}
            style={{ width: `${Math.min(100, (sum / ceiling) * 100)}%` }}
          />
        </div>
        <p
          className={cn(
            "mt-1.5 text-micro figures",
            over ? "font-strong text-genda" : "text-ink-3",
          )}
        >
          {over ? `${minutes(sum)}, ${minutes(sum - ceiling)} over` : sum ? minutes(sum) : "free"}
        </p>
      </div>
    </section>
  );
}
