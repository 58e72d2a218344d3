"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { usageQuery } from "@/features/billing/queries";
import { fromDay, month, usd } from "@/lib/format";
import { Meter } from "@/ui/bits";

/** What is left of the month's model budget; its place is kept while it is read. */
export function Budget() {
  const { data } = useQuery({ ...usageQuery(), refetchOnWindowFocus: true });
  if (!data) return <div className="mt-5 h-[3.25rem]" />;
  const { used, limit } = data.budget;
  return (
    <Link
      href={"/billing/usage" as Route}
      prefetch={false}
      className="group mt-5 block h-[3.25rem] text-small"
    >
      <span className="mb-1.5 block text-ink-2 group-hover:text-ink">
        {month(fromDay(`${data.monthly.month}-01`))} budget
      </span>
      <Meter
        value={limit ? (used / limit) * 100 : 0}
        tone={used >= limit * 0.8 ? "genda" : "mor"}
        label="Budget used"
      />
      <span className="mt-1.5 block text-ink-3 figures">
        {usd(used)} of {usd(limit)}
      </span>
    </Link>
  );
}
