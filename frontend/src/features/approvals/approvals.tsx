"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { cn } from "@/lib/cn";
import { ago, dateShort, time, until } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { useNow } from "@/lib/now";
import { PageHead } from "@/ui/bits";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Tabs } from "@/ui/tabs";
import { Decide } from "./decide";
import { allGatesQuery, pendingQuery, type ListedGate } from "./queries";
import { headline, STATES } from "./words";

type Props = { view: "waiting" | "decided"; id: string; at: string };

export function Approvals({ view, id, at }: Props) {
  const now = useNow(at);
  const pending = useQuery({ ...pendingQuery(), refetchOnWindowFocus: true });
  const all = useQuery({ ...allGatesQuery(), enabled: view === "decided" });
  return (
    <>
      <PageHead
        title="Approvals"
        lead="What could cost you money or face waits here for your word, a day at most."
      />
      <Tabs
        label="Approvals"
        here={view === "decided" ? "/approvals?view=decided" : "/approvals"}
        tabs={[
          { href: "/approvals", name: "Waiting", count: pending.data?.total ?? 0 },
          { href: "/approvals?view=decided", name: "Decided" },
        ]}
      />
      <div className="mt-6">
        {view === "waiting" ? (
          <Shown query={pending}>
            {({ approvals }) =>
              approvals.length || id ? (
                <Desk
                  gates={approvals.toSorted((a, b) => a.expires_at.localeCompare(b.expires_at))}
                  id={id}
                  now={now}
                  view={view}
                />
              ) : (
                <Empty title="Nothing needs you.">
                  Advertisements, cold letters and plays of high risk come here before they go on.
                </Empty>
              )
            }
          </Shown>
        ) : (
          <Shown query={all}>
            {({ approvals }) => {
              const decided = approvals.filter((a) => a.status !== "pending");
              return decided.length ? (
                <Desk gates={decided} id={id} now={now} view={view} />
              ) : (
                <Empty title="You have decided nothing yet.">
                  Each verdict stays here with its reason.
                </Empty>
              );
            }}
          </Shown>
        )}
      </div>
    </>
  );
}

type DeskProps = { gates: ListedGate[]; id: string; now: Date; view: Props["view"] };

function Desk({ gates, id, now, view }: DeskProps) {
  const router = useRouter();
  const here = id || gates[0]?.id || "";
  const href = (to: string) =>
    `/approvals?${view === "decided" ? "view=decided&" : ""}id=${to}` as Route;
  const step = (by: number) => {
    const next = gates[gates.findIndex((g) => g.id === here) + by];
    if (next) router.replace(href(next.id), { scroll: false });
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <div className="grid gap-x-14 gap-y-10 lg:grid-cols-[17rem_minmax(0,1fr)]">
      <nav aria-label="In the queue">
        <ul>
          {gates.map((g) => {
            const soon = new Date(g.expires_at).getTime() - now.getTime() < 6 * 3600_000;
            return (
              <li key={g.id} className="border-t border-rule first:border-0">
                <Link
                  href={href(g.id)}
                  scroll={false}
                  aria-current={g.id === here ? "true" : undefined}
                  className={cn(
                    "relative block py-3",
                    g.id === here &&
                      "before:absolute before:inset-y-0 before:-left-4 before:w-[3px] before:bg-mor",
                  )}
                >
                  <span className="block font-serif text-[1.0625rem] leading-6">{headline(g)}</span>
                  <span
                    className={cn(
                      "mt-0.5 block text-small figures",
                      g.status === "pending" && soon ? "font-strong text-genda" : "text-ink-3",
                    )}
                  >
                    {g.status === "pending"
                      ? until(new Date(g.expires_at), now)
                      : `${STATES[g.status]}, ${g.resolved_at ? ago(new Date(g.resolved_at), now) : `${dateShort(new Date(g.expires_at))}, ${time(new Date(g.expires_at))}`}`}
                  </span>
                </Link>
              </li>
            );
          })}
        </ul>
      </nav>
      {here ? <Decide key={here} id={here} now={now} /> : null}
    </div>
  );
}
