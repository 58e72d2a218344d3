import { cn } from "@/lib/cn";
import type { Icp } from "./queries";
import { scoresOf, stageOf, STAGES } from "./words";

const AXES = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
] as const;
const R = 52;

/** The four scores as a shape, and as a list for those who read. */
export function Radar({ icp }: { icp: Icp }) {
  const scores = scoresOf(icp);
  const at = (i: number, part: number) => {
    const [x, y] = AXES[i] ?? [0, 0];
    return `${x * R * part},${y * R * part}`;
  };
  const ring = (part: number) => AXES.map((_, i) => at(i, part)).join(" ");
  return (
    <div className="flex items-center gap-5">
      <svg viewBox="-60 -60 120 120" className="size-24 shrink-0" aria-hidden>
        {[0.5, 1].map((part) => (
          <polygon key={part} points={ring(part)} className="fill-none stroke-rule" />
        ))}
        <path d={`M0 ${-R}V${R}M${-R} 0H${R}`} className="stroke-rule" />
        <polygon
          points={scores.map((s, i) => at(i, Math.max(0.04, s.value / 100))).join(" ")}
          className="fill-mor/20 stroke-mor"
          strokeWidth="1.5"
          strokeLinejoin="round"
        />
      </svg>
      <dl className="min-w-0 flex-1 text-small">
        {scores.map((s) => (
          <div key={s.key} className="flex justify-between gap-3 py-0.5">
            <dt className="truncate text-ink-3">{s.name}</dt>
            <dd className="figures">{s.value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** How much the market knows already: five marks, one of them theirs. */
export function StageRuler({ icp }: { icp: Icp }) {
  const stage = stageOf(icp);
  return (
    <div>
      <div aria-hidden className="flex items-end gap-1.5">
        {STAGES.map((s, i) => (
          <i key={s} className={cn("flex-1", i + 1 === stage ? "h-3.5 bg-mor" : "h-2 bg-rule")} />
        ))}
      </div>
      <p className="mt-1.5 text-small text-ink-2">
        <span className="figures">Stage {stage} of 5</span>: they {STAGES[stage - 1]}.
      </p>
    </div>
  );
}
