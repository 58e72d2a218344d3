"use client";
import { useQuery } from "@tanstack/react-query";
import { dateShort, fromDay } from "@/lib/format";
import { toast } from "@/lib/toast";
import { Section } from "@/ui/bits";
import { explain } from "@/ui/explain";
import { Check, Select } from "@/ui/field";
import { Shown } from "@/ui/query";
import { morningQuery, useMorning } from "./queries";

const HOURS = [4, 5, 6, 7, 8, 9, 10, 11];

/** Whether ideas are there before the founder asks, and from which hour of the workspace's own clock. */
export function Mornings() {
  const morning = useQuery(morningQuery());
  const set = useMorning();
  const change = (body: { is_on?: boolean; hour?: number }) =>
    set.mutate(body, {
      onSuccess: () => toast("Kept."),
      onError: (error) => toast.error(explain(error).title),
    });
  return (
    <Section id="mornings" title="Each morning">
      <Shown query={morning}>
        {(m) => (
          <div className="space-y-4 pt-1">
            <Check
              label="Three ideas wait when I come"
              hint="While you use them: after thirty days without, they stop by themselves and cost nothing."
              checked={m.is_on}
              disabled={set.isPending}
              onChange={(e) => change({ is_on: e.target.checked })}
            />
            {m.is_on ? (
              <Select
                label="From"
                value={m.hour}
                disabled={set.isPending}
                onChange={(e) => change({ hour: Number(e.target.value) })}
              >
                {HOURS.map((hour) => (
                  <option key={hour} value={hour}>
                    {hour} in the morning
                  </option>
                ))}
              </Select>
            ) : null}
            <p className="text-small text-ink-3">
              {m.last_outcome === "no_budget"
                ? "The last time, the month's budget did not allow it."
                : m.last_run_on
                  ? `The last time: ${dateShort(fromDay(m.last_run_on))}.`
                  : m.is_on && !m.in_use
                    ? "Begins once you have looked for ideas by hand."
                    : "The clock is that of your workspace."}
            </p>
          </div>
        )}
      </Shown>
    </Section>
  );
}
