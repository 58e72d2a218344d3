"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { usageQuery } from "@/features/billing/queries";
import { dateDay, fromDay, usd } from "@/lib/format";
import { link, Meter, Section } from "@/ui/bits";
import { Shown } from "@/ui/query";
import { Skeleton } from "@/ui/notes";

/** What may still be spent on drafts and plans until the budget is new. */
export function BudgetLeft() {
  const usage = useQuery({ ...usageQuery(), refetchOnWindowFocus: true });
  return (
    <Section
      id="budget"
      title="Left for drafts and plans"
      aside={
        <Link href={"/billing/usage" as Route} className={link}>
          Usage
        </Link>
      }
    >
      <Shown query={usage} wait={<Skeleton lines={1} />}>
        {({ budget: b }) => {
          const low = b.remaining <= b.limit * 0.2;
          return (
            <div className="space-y-2 pt-1">
              <p className="font-serif text-h4 figures">
                {b.remaining <= 0 ? "Nothing" : usd(b.remaining)}{" "}
                <span className="text-body text-ink-3">of {usd(b.limit)}</span>
              </p>
              <Meter
                value={b.limit ? (b.remaining / b.limit) * 100 : 0}
                tone={low ? "genda" : "mor"}
                label="Budget left"
              />
              <p className="text-small text-ink-3">
                {b.remaining <= 0 ? "Drafts and plans return" : "New"} on{" "}
                {dateDay(fromDay(b.resets_on))}.
                {b.remaining <= 0 ? " Reading and editing go on." : ""}
              </p>
            </div>
          );
        }}
      </Shown>
    </Section>
  );
}
