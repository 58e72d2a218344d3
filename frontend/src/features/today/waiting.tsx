"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { pendingQuery } from "@/features/approvals/queries";
import { headline } from "@/features/approvals/words";
import { cn } from "@/lib/cn";
import { capital, until } from "@/lib/format";
import { Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Shown } from "@/ui/query";

const SOON_MS = 6 * 3600_000;

/** Approvals, the soonest to expire first. */
export function Waiting({ now }: { now: Date }) {
  const pending = useQuery({ ...pendingQuery(), refetchOnWindowFocus: true });
  return (
    <Section
      id="wait"
      title="Waiting for you"
      aside={<span className="figures">{pending.data?.total}</span>}
    >
      <Shown query={pending}>
        {({ approvals }) =>
          approvals.length ? (
            <>
              <ul>
                {approvals
                  .toSorted((a, b) => a.expires_at.localeCompare(b.expires_at))
                  .slice(0, 4)
                  .map((a) => {
                    const ends = new Date(a.expires_at);
                    const soon = ends.getTime() - now.getTime() < SOON_MS;
                    return (
                      <li key={a.id} className="border-t border-rule py-3.5 first:border-0">
                        <Link href={`/approvals?id=${a.id}` as Route} className="group block">
                          <span className="block font-serif text-[1.0625rem] leading-6 group-hover:underline group-hover:decoration-1 group-hover:underline-offset-4">
                            {headline(a)}
                          </span>
                          {a.risk_reasons[0] ? (
                            <span className="mt-0.5 block text-small text-ink-3">
                              {capital(a.risk_reasons[0])}
                            </span>
                          ) : null}
                          <span
                            className={cn(
                              "mt-1 block text-small figures",
                              soon ? "font-strong text-genda" : "text-ink-3",
                            )}
                          >
                            {until(ends, now)}
                          </span>
                        </Link>
                      </li>
                    );
                  })}
              </ul>
              <Button size="s" wide="always" asChild>
                <Link href={"/approvals" as Route}>Read and decide</Link>
              </Button>
            </>
          ) : (
            <p className="py-3.5 text-body text-ink-2">Nothing needs your word.</p>
          )
        }
      </Shown>
    </Section>
  );
}
