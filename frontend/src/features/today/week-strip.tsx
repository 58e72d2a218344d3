import type { Running } from "@/features/moves/queries";
import { total } from "@/features/moves/words";
import { cn } from "@/lib/cn";
import { addDays, fromDay, minutes, weekdayShort } from "@/lib/format";

/** Seven days around today: what is planned, and how much of it is done. */
export function WeekStrip({ moves, day }: { moves: Running[]; day: string }) {
  const starts = moves.map((m) => m.start_date ?? day).toSorted();
  const first = starts[0] && starts[0] > addDays(day, -6) ? starts[0] : addDays(day, -2);
  const days = Array.from({ length: 7 }, (_, i) => addDays(first < day ? first : day, i)).map(
    (d) => {
      const tasks = moves.flatMap((m) => m.tasks.filter((t) => t.scheduled_date === d));
      return {
        day: d,
        theme: themeOf(moves, d),
        planned: total(tasks),
        done: total(tasks.filter((t) => t.status === "completed")),
      };
    },
  );
  const top = Math.max(60, ...days.map((d) => d.planned));
  return (
    <ol
      tabIndex={0}
      aria-labelledby="week"
      className="-mx-5 flex snap-x scroll-px-5 overflow-x-auto px-5 sm:mx-0 sm:grid sm:grid-cols-7 sm:overflow-visible sm:px-0"
    >
      {days.map((d) => (
        <li
          key={d.day}
          aria-current={d.day === day ? "date" : undefined}
          className={cn(
            "flex w-28 shrink-0 snap-start flex-col pr-3 sm:w-auto",
            d.day === day ? "border-t-2 border-ink pt-[7px]" : "border-t border-rule pt-2",
          )}
        >
          <p
            className={cn(
              "text-small figures",
              d.day === day ? "font-strong text-ink" : "text-ink-3",
            )}
          >
            {weekdayShort(fromDay(d.day))} {Number(d.day.slice(8))}
          </p>
          <p
            className={cn(
              "mt-0.5 mb-3 line-clamp-3 font-serif text-body italic",
              d.day === day ? "text-ink" : "text-ink-2",
            )}
          >
            {d.theme}
          </p>
          <div className="mt-auto h-[5px] bg-rule" style={{ width: `${(d.planned / top) * 100}%` }}>
            <div
              className="h-full bg-ink"
              style={{ width: `${d.planned ? (d.done / d.planned) * 100 : 0}%` }}
            />
          </div>
          <p className="mt-1.5 text-micro text-ink-3 figures">
            {d.done
              ? `${d.done} of ${minutes(d.planned)}`
              : d.planned
                ? minutes(d.planned)
                : "free"}
          </p>
        </li>
      ))}
    </ol>
  );
}

function themeOf(moves: Running[], day: string) {
  for (const move of moves) {
    if (!move.start_date) continue;
    const found = move.execution.find((p) => addDays(move.start_date!, p.day - 1) === day);
    if (found?.theme) return found.theme;
  }
  return "";
}
