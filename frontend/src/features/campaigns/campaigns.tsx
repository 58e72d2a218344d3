"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { inr, many } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { Key, Meter, PageHead, Section, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { campaignsQuery, type Listed, type Status } from "./queries";
import { countsOf, OBJECTIVES, span, STATUSES } from "./words";

const GROUPS: { id: string; title: string; of: Status[] }[] = [
  { id: "running", title: "Running", of: ["active", "paused"] },
  { id: "to-come", title: "To come", of: ["planning", "scheduled"] },
  { id: "over", title: "Over", of: ["completed", "cancelled"] },
];

export function Campaigns() {
  const campaigns = useQuery(campaignsQuery());
  const router = useRouter();
  useKeys({ n: () => router.push("/campaigns/new" as Route) });
  return (
    <>
      <PageHead
        title="Campaigns"
        lead="Thirty to ninety days of moves, in phases, towards one thing."
        acts={
          <Button kind="solid" asChild>
            <Link href={"/campaigns/new" as Route}>
              Plan a campaign <Key>N</Key>
            </Link>
          </Button>
        }
      />
      <Shown query={campaigns}>
        {({ campaigns: all, total }) =>
          all.length ? (
            <div className="space-y-10">
              {GROUPS.map((g) => {
                const own = all.filter((c) => g.of.includes(c.status));
                return own.length ? (
                  <Section key={g.id} id={g.id} title={g.title} aside={own.length}>
                    <ul>
                      {own.map((c) => (
                        <Row key={c.id} campaign={c} />
                      ))}
                    </ul>
                  </Section>
                ) : null;
              })}
              {total > all.length ? (
                <p className="text-small text-ink-3">
                  The newest {all.length} of {many(total, "campaign")}.
                </p>
              ) : null}
            </div>
          ) : (
            <Empty
              title="Thirty to ninety days of moves."
              act={
                <Button kind="solid" asChild>
                  <Link href={"/campaigns/new" as Route}>Plan the first one</Link>
                </Button>
              }
            >
              Say what it is for, how long it may take and what it may cost. It comes back as
              phases, and every move in them with its days and tasks. Nothing starts until you say
              so.
            </Empty>
          )
        }
      </Shown>
    </>
  );
}

function Row({ campaign: c }: { campaign: Listed }) {
  const status = STATUSES[c.status];
  return (
    <li className="grid gap-x-10 gap-y-3 border-t border-rule py-5 first:border-0 lg:grid-cols-[minmax(0,1fr)_17rem]">
      <div className="min-w-0">
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-small text-ink-3">
          <Tag dye={status.dye}>{status.name}</Tag>
          {c.objective ? <span>{OBJECTIVES[c.objective].name}</span> : null}
          <span className="figures">{span(c)}</span>
        </p>
        <h3 className="mt-1.5 font-serif text-h4">
          <Link
            href={`/campaigns/${c.id}` as Route}
            className="rounded-slip hover:underline hover:decoration-1 hover:underline-offset-4"
          >
            {c.name}
          </Link>
        </h3>
        {c.goal && !c.name.includes(c.goal) ? (
          <p className="mt-1 line-clamp-2 max-w-[38rem] text-body text-ink-2">{c.goal}</p>
        ) : null}
      </div>
      <div className="space-y-2 text-small figures lg:pt-1">
        <p className="flex justify-between gap-4">
          <span>{countsOf(c.move_counts)}</span>
          <span className="text-ink-3">{c.progress}%</span>
        </p>
        <Meter value={c.progress} label={`${c.name}: ${c.progress} percent done`} />
        <Money campaign={c} />
      </div>
    </li>
  );
}

function Money({ campaign: c }: { campaign: Listed }) {
  if (!c.budget_inr && !c.spent_inr) return null;
  const over = c.budget_inr !== null && c.spent_inr > c.budget_inr;
  return (
    <p className={over ? "font-strong text-genda" : "text-ink-3"}>
      {c.budget_inr
        ? `${inr(c.spent_inr)} of ${inr(c.budget_inr)} spent`
        : `${inr(c.spent_inr)} spent`}
    </p>
  );
}
