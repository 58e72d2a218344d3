"use client";
import {
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useDraggable,
  useSensor,
  useSensors,
  type DragMoveEvent,
  type KeyboardCoordinateGetter,
  type Modifier,
} from "@dnd-kit/core";
import type { Route } from "next";
import Link from "next/link";
import { useRef, useState } from "react";
import { CATEGORIES, STATUSES as MOVE_STATUSES } from "@/features/moves/words";
import { cn } from "@/lib/cn";
import { addDays, dateShort, fromDay, many, month } from "@/lib/format";
import { daysBetween, lanes, placed, room, shortName, type Phase, type Placed } from "./plan";
import type { Campaign, Move } from "./queries";

const ALL = "the-whole";
const LANE_PX = 46;
const AHEAD_DAYS = 14;
const BEHIND_DAYS = 14;
/** The share of the width that the name of a month needs. */
const MONTH_SHARE = 0.1;

type Props = {
  campaign: Campaign;
  phases: Phase[];
  today: string;
  /** Where it begins, or would if it were started today. */
  start: string;
  end: string;
  /** Whole campaign and single moves that may take other days. */
  whole: boolean;
  loose: (move: Move) => boolean;
  shiftAll: (days: number) => void;
  shift: (move: Move, start: string) => void;
};

type Held = { id: string; days: number } | null;

/** Phases down, days across; what has not begun is dragged sideways, a day at a time. */
export function Timeline(props: Props) {
  const { campaign, phases, today, start, end, whole } = props;
  const track = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Held>(null);
  const all = phases.flatMap((p) => p.moves.map((m) => placed(m, start)));
  const ahead = whole ? Math.max(0, Math.min(AHEAD_DAYS, daysBetween(today, start))) : 0;
  const from = addDays([start, ...all.map((p) => p.start)].toSorted()[0]!, -ahead);
  const last = [end, ...all.map((p) => p.end)].toSorted().at(-1)!;
  const days = daysBetween(from, last) + 1 + (whole ? BEHIND_DAYS : 0);
  const dayPx = () => (track.current?.clientWidth ?? days) / days;
  const inDays = (x: number) => Math.round(x / dayPx());

  /** Sideways, by whole days, and not out of what is allowed. */
  const byDay: Modifier = ({ transform, active }) => {
    const [least, most] = (active?.data.current?.reach as [number, number] | undefined) ?? [0, 0];
    const by = Math.max(least, Math.min(most, inDays(transform.x)));
    return { ...transform, x: by * dayPx(), y: 0 };
  };
  const keys: KeyboardCoordinateGetter = (event, { currentCoordinates }) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7 }[event.code];
    if (!by) return undefined;
    event.preventDefault();
    return { ...currentCoordinates, x: currentCoordinates.x + by * dayPx() };
  };
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: keys }),
  );
  const firstOf = (id: string) => (id === ALL ? start : all.find((p) => p.move.id === id)?.start);
  const drop = (id: string, by: number) => {
    setHeld(null);
    if (!by) return;
    if (id === ALL) return props.shiftAll(by);
    const found = all.find((p) => p.move.id === id);
    if (found) props.shift(found.move, addDays(found.start, by));
  };
  const said = (id: string, rect: Rect) => {
    const x = (rect.translated?.left ?? 0) - (rect.initial?.left ?? 0);
    return `First day ${dateShort(fromDay(addDays(firstOf(id) ?? start, inDays(x))))}.`;
  };
  const at = (day: string) => `${(daysBetween(from, day) / days) * 100}%`;
  const wide = (a: string, b: string) => `${((daysBetween(a, b) + 1) / days) * 100}%`;
  const geometry = { at, wide, held, today };
  return (
    <DndContext
      id="campaign-timeline"
      sensors={sensors}
      modifiers={[byDay]}
      autoScroll={false}
      onDragMove={({ active, delta }: DragMoveEvent) =>
        setHeld({ id: String(active.id), days: inDays(delta.x) })
      }
      onDragCancel={() => setHeld(null)}
      onDragEnd={({ active, delta }) => drop(String(active.id), inDays(delta.x))}
      accessibility={{
        screenReaderInstructions: {
          draggable:
            "Press space to lift it, left and right for a day, up and down for a week, space to put it down, escape to leave it where it was.",
        },
        announcements: {
          onDragStart: ({ active }) => `Lifted ${String(active.data.current?.title)}.`,
          onDragMove: ({ active }) => said(String(active.id), active.rect.current),
          onDragOver: () => undefined,
          onDragEnd: ({ active }) => `Put down. ${said(String(active.id), active.rect.current)}`,
          onDragCancel: () => "Put back.",
        },
      }}
    >
      <div className="hidden grid-cols-[10.5rem_minmax(0,1fr)] lg:grid">
        <div />
        <Scale from={from} days={days} at={at} />
        <Label title={campaign.start_date ? "The whole" : "If it began today"} />
        <div ref={track} className="relative border-t border-ink">
          <Ground from={from} days={days} at={at} today={today} />
          <div className="relative h-[2.875rem]">
            <Whole {...geometry} {...props} />
          </div>
        </div>
        {phases.map((phase) => (
          <PhaseRow
            key={phase.number}
            phase={phase}
            {...geometry}
            start={start}
            from={from}
            days={days}
            reach={(move) => {
              const own = placed(move, start);
              const free = room(move, campaign, today);
              return props.loose(move)
                ? [
                    Math.min(0, daysBetween(own.start, free.from)),
                    Math.max(0, daysBetween(own.start, free.to)),
                  ]
                : null;
            }}
          />
        ))}
      </div>
    </DndContext>
  );
}

type Rect = { initial: { left: number } | null; translated: { left: number } | null };
type Geometry = {
  at: (day: string) => string;
  wide: (from: string, to: string) => string;
  held: Held;
  today: string;
};

function Label({ title, note }: { title: string; note?: string }) {
  return (
    <div className="border-t border-rule py-2.5 pr-4">
      <p className="text-small font-strong">{title}</p>
      {note ? <p className="text-micro text-ink-3 figures">{note}</p> : null}
    </div>
  );
}

type Ruled = { from: string; days: number; at: (day: string) => string };

/** The Mondays of a stretch of days. */
function mondays({ from, days }: Pick<Ruled, "from" | "days">) {
  return Array.from({ length: days }, (_, i) => addDays(from, i)).filter(
    (d) => fromDay(d).getUTCDay() === 1,
  );
}

function Scale({ from, days, at }: Ruled) {
  const months = [
    from,
    ...Array.from({ length: days }, (_, i) => addDays(from, i)).filter(
      (d) => d.endsWith("-01") && d !== from,
    ),
  ];
  const weeks = mondays({ from, days });
  const every = Math.ceil(weeks.length / 12);
  return (
    <div aria-hidden className="relative h-11 text-micro text-ink-3 figures">
      {months.map((d, i) =>
        // A month of which only a few days are shown has no room for its name.
        daysBetween(d, months[i + 1] ?? addDays(from, days)) >= MONTH_SHARE * days ? (
          <span
            key={d}
            className="absolute top-0 font-serif text-body text-ink"
            style={{ left: at(d) }}
          >
            {month(fromDay(d))}
          </span>
        ) : null,
      )}
      {weeks.map((d, i) =>
        i % every === 0 ? (
          <span key={d} className="absolute bottom-1" style={{ left: at(d) }}>
            {Number(d.slice(8))}
          </span>
        ) : null,
      )}
    </div>
  );
}

/** Hairlines at the Mondays, and today. */
function Ground({ from, days, at, today }: Ruled & { today: string }) {
  const shown = today >= from && daysBetween(from, today) < days;
  return (
    <div aria-hidden className="pointer-events-none absolute inset-0">
      {mondays({ from, days }).map((d) => (
        <i key={d} className="absolute inset-y-0 w-px bg-rule/60" style={{ left: at(d) }} />
      ))}
      {shown ? (
        <i className="absolute inset-y-0 w-[2px] bg-mor" style={{ left: at(today) }} />
      ) : null}
    </div>
  );
}

function Whole({ campaign, start, end, whole, at, wide, held, today }: Props & Geometry) {
  const { setNodeRef, attributes, listeners, transform, isDragging } = useDraggable({
    id: ALL,
    disabled: !whole,
    data: {
      title: campaign.name,
      reach: [-Math.max(0, daysBetween(today, start)), BEHIND_DAYS],
    },
  });
  const by = held?.id === ALL ? held.days : 0;
  const words = `${dateShort(fromDay(addDays(start, by)))} to ${dateShort(fromDay(addDays(end, by)))}`;
  return (
    <div
      ref={setNodeRef}
      {...(whole ? { ...attributes, ...listeners } : {})}
      {...(whole ? { "aria-label": `${campaign.name}, ${words}` } : {})}
      style={{
        left: at(start),
        width: wide(start, end),
        ...(transform ? { transform: `translateX(${transform.x}px)` } : {}),
      }}
      className={cn(
        "absolute inset-y-2 flex items-center justify-between gap-3 overflow-hidden rounded-slip px-2.5 text-small whitespace-nowrap text-on-ink figures",
        campaign.start_date ? "bg-ink" : "bg-ink/72",
        whole && "touch-none",
        isDragging ? "z-10 cursor-grabbing shadow-lift" : whole && "cursor-grab",
      )}
    >
      <span>{words}</span>
      {whole ? <span aria-hidden>⠿</span> : null}
    </div>
  );
}

type RowProps = Geometry & {
  phase: Phase;
  start: string;
  from: string;
  days: number;
  reach: (move: Move) => [number, number] | null;
};

function PhaseRow({ phase, start, from, days, reach, ...geometry }: RowProps) {
  const all = phase.moves.map((m) => placed(m, start));
  const { lane, count } = lanes(all);
  return (
    <>
      <Label
        title={phase.number ? `${phase.number}. ${phase.name}` : phase.name}
        note={many(phase.moves.length, "move")}
      />
      <div className="relative border-t border-rule py-1.5">
        <Ground from={from} days={days} at={geometry.at} today={geometry.today} />
        <ul className="relative" style={{ height: count * LANE_PX }}>
          {all.map((p) => (
            <Block
              key={p.move.id}
              placed={p}
              name={shortName(p.move.name, phase.name)}
              phase={phase.name}
              top={(lane.get(p.move.id) ?? 0) * LANE_PX}
              reach={reach(p.move)}
              {...geometry}
            />
          ))}
        </ul>
      </div>
    </>
  );
}

const LOOK: Record<Move["status"], string> = {
  draft: "border-dashed border-rule-2 bg-sheet",
  scheduled: "border-rule-2 bg-sheet",
  active: "border-mor bg-mor-wash",
  paused: "border-genda bg-genda-wash",
  completed: "border-rule bg-paper-2 text-ink-2",
  cancelled: "border-dashed border-rule bg-paper text-ink-3 line-through",
};

type BlockProps = Geometry & {
  placed: Placed;
  name: string;
  phase: string;
  top: number;
  reach: [number, number] | null;
};

function Block({
  placed: { move, start, end },
  name,
  phase,
  top,
  reach,
  at,
  wide,
  held,
}: BlockProps) {
  const { setNodeRef, attributes, listeners, transform, isDragging } = useDraggable({
    id: move.id,
    disabled: !reach,
    data: { title: move.name, reach: reach ?? [0, 0] },
  });
  const by = held?.id === move.id ? held.days : 0;
  // The only move of a phase bears its name, which stands beside the row already.
  const own = name !== phase;
  const category = CATEGORIES[move.category].name;
  const words = `${dateShort(fromDay(addDays(start, by)))} to ${dateShort(fromDay(addDays(end, by)))}`;
  return (
    <li
      ref={setNodeRef}
      {...(reach ? listeners : {})}
      title={`${move.name}: ${words}`}
      style={{
        top,
        left: at(start),
        width: `calc(${wide(start, end)} - 2px)`,
        ...(transform ? { transform: `translateX(${transform.x}px)` } : {}),
      }}
      className={cn(
        "absolute flex h-[2.625rem] items-center gap-1 overflow-hidden rounded-slip border px-2",
        LOOK[move.status],
        reach && "touch-none",
        isDragging
          ? "z-10 w-auto! cursor-grabbing overflow-visible! shadow-lift"
          : reach && "cursor-grab",
      )}
    >
      <span className="min-w-0 flex-1 leading-4">
        <Link
          href={`/moves/${move.id}` as Route}
          draggable={false}
          onPointerDown={reach ? undefined : (e) => e.stopPropagation()}
          onKeyDown={(e) => e.stopPropagation()}
          className="block truncate text-small hover:underline"
        >
          {own ? name : <span className="sr-only">{name}, </span>}
          {own ? "" : category}
        </Link>
        <span
          className={cn(
            "block text-micro text-ink-3 figures",
            by ? "font-strong whitespace-nowrap" : "truncate",
          )}
        >
          {by ? words : own ? category : MOVE_STATUSES[move.status]}
        </span>
      </span>
      {reach ? (
        <span
          {...attributes}
          aria-label={`Move ${move.name} to other days, now ${words}`}
          onKeyDown={listeners?.onKeyDown as React.KeyboardEventHandler}
          className="-mr-1.5 grid size-6 shrink-0 place-items-center text-ink-3"
        >
          ⠿
        </span>
      ) : null}
    </li>
  );
}
