import { seconds } from "@/lib/format";
import { Meter } from "@/ui/bits";
import { ErrorNote } from "@/ui/notes";
import type { Live } from "./queries";

/** What the run is at, as it says it itself. */
export function LiveStrip({ live, again }: { live: Live; again: () => void }) {
  if (live.error) return <ErrorNote error={live.error} retry={again} />;
  if (!live.running) return null;
  const left = live.secondsLeft;
  return (
    <div role="status" className="border-y border-rule py-4">
      <p className="flex items-baseline justify-between gap-4">
        <span className="font-serif text-read">{live.title ?? "Waiting for a free hand"}</span>
        <span className="text-small text-ink-3 figures">
          {live.total ? `${live.done} of ${live.total}` : ""}
          {left && left >= 1 ? `, about ${seconds(Math.ceil(left))} left` : ""}
        </span>
      </p>
      <div className="mt-3">
        <Meter
          value={live.total ? (live.done / live.total) * 100 : 0}
          label="Steps done"
          tone="mor"
        />
      </div>
    </div>
  );
}
