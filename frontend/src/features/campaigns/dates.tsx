"use client";
import { useState } from "react";
import { addDays, dateShort, fromDay } from "@/lib/format";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Dialog } from "@/ui/layer";

type Props = {
  title: string;
  lead: string;
  /** The first day as it is, or null. */
  start: string | null;
  days: number;
  min: string;
  max?: string;
  /** What it would share days with if it began then. */
  shares?: (start: string) => string[];
  close: () => void;
  set: (start: string) => void;
};

/** Choose a first day by date: what dragging does, without dragging. */
export function FirstDay({ title, lead, start, days, min, max, shares, close, set }: Props) {
  const [day, setDay] = useState(start && start >= min ? start : min);
  const outside = !day || day < min || (!!max && day > max);
  const clashes = outside ? [] : (shares?.(day) ?? []);
  return (
    <Dialog open onOpenChange={(v) => !v && close()} title={title} lead={lead}>
      <form
        className="space-y-5"
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          if (outside) return;
          set(day);
          close();
        }}
      >
        <TextField
          label="First day"
          type="date"
          required
          min={min}
          max={max}
          value={day}
          onChange={(e) => setDay(e.target.value)}
          {...(outside
            ? {
                error: max
                  ? `Between ${dateShort(fromDay(min))} and ${dateShort(fromDay(max))}.`
                  : `Not before ${dateShort(fromDay(min))}.`,
              }
            : {})}
        />
        {outside ? null : (
          <p aria-live="polite" className="text-body text-ink-2 figures">
            {dateShort(fromDay(day))} to {dateShort(fromDay(addDays(day, days - 1)))}.{" "}
            {clashes.length ? (
              <span className="font-strong text-genda">Shares days with {clashes.join(", ")}.</span>
            ) : null}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button kind="quiet" onClick={close}>
            Leave it
          </Button>
          <Button kind="solid" type="submit">
            Move it there
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
