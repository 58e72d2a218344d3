"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { datePlain, inr } from "@/lib/format";
import { cn } from "@/lib/cn";
import { Tag } from "@/ui/bits";
import { Shown } from "@/ui/query";
import { Frame } from "./frame";
import { plansQuery, subscriptionQuery, type Offer } from "./queries";
import { PlanAct, Standing, Trial } from "./standing";
import { holds, STATES, type Cycle } from "./words";

/** What can be had and at what price, side by side; the plan in force says so. */
export function Plans({ cycle }: { cycle: Cycle }) {
  const plans = useQuery(plansQuery());
  const now = useQuery(subscriptionQuery());
  const mine = now.data?.subscription;
  const here = now.data?.plan;
  const name = plans.data?.plans.find((p) => p.id === here)?.name;
  return (
    <Frame
      title={name ? `You are on ${name}.` : "Plans"}
      lead={
        mine?.current_period_end
          ? `${STATES[mine.status] ?? mine.status} until ${datePlain(new Date(mine.current_period_end))}.${mine.autopay ? " UPI AutoPay pays what comes next." : ""}`
          : "Prices are in rupees, before GST. What a plan holds starts anew on the first of each month."
      }
    >
      {now.data ? <Standing now={now.data} /> : null}
      {plans.data && here === "free" ? <Trial terms={plans.data} /> : null}
      <Cycles cycle={cycle} />
      <Shown query={plans}>
        {(data) => (
          <>
            <ul className="grid grid-cols-1 gap-x-10 pt-6 sm:grid-cols-2 xl:grid-cols-4">
              {data.plans.map((offer) => (
                <PlanColumn
                  key={offer.id}
                  offer={offer}
                  cycle={cycle}
                  here={offer.id === here}
                  act={
                    now.data ? (
                      <PlanAct offer={offer} offers={data.plans} cycle={cycle} now={now.data} />
                    ) : null
                  }
                />
              ))}
            </ul>
            <p className="mt-10 max-w-[38rem] border-t border-rule pt-4 text-small text-ink-3">
              GST of {data.gst_rate_percent} % comes on top. An invoice with your GSTIN is made for
              every payment. Model work is counted at the provider’s own price in dollars.
            </p>
          </>
        )}
      </Shown>
    </Frame>
  );
}

const CYCLES: [Cycle, string, string][] = [
  ["monthly", "/billing/plans", "By the month"],
  ["annual", "/billing/plans?cycle=annual", "By the year, two months free"],
];

const Cycles = ({ cycle }: { cycle: Cycle }) => (
  <nav aria-label="How to pay" className="flex flex-wrap gap-x-6 pt-6 text-body">
    {CYCLES.map(([value, href, name]) => (
      <Link
        key={value}
        href={href as Route}
        scroll={false}
        aria-current={value === cycle ? "true" : undefined}
        className={cn(
          "flex min-h-9 items-center gap-2 max-lg:min-h-11",
          value === cycle ? "font-strong" : "text-ink-2 hover:text-ink",
        )}
      >
        <i
          aria-hidden
          className={cn(
            "size-2 rounded-round",
            value === cycle ? "bg-mor" : "border border-rule-2",
          )}
        />
        {name}
      </Link>
    ))}
  </nav>
);

function PlanColumn({
  offer,
  cycle,
  here,
  act,
}: {
  offer: Offer;
  cycle: Cycle;
  here: boolean;
  act: React.ReactNode;
}) {
  const annual = cycle === "annual";
  return (
    <li
      aria-current={here ? "true" : undefined}
      className={cn(
        "flex flex-col pb-9",
        here ? "border-t-[3px] border-mor pt-3.5" : "border-t border-ink pt-4",
      )}
    >
      <div className="flex min-h-6 items-baseline justify-between gap-3">
        <h2 className="text-body font-strong tracking-normal">{offer.name}</h2>
        {here ? <Tag dye="mor">Your plan</Tag> : null}
      </div>
      <p className="mt-4 font-serif text-h2 tracking-[-0.015em] figures">
        {inr(annual ? offer.price_annual_inr : offer.price_inr)}
      </p>
      <p className="mt-1 min-h-10 text-small text-ink-3">
        {offer.price_inr === 0 ? (
          "For as long as you like"
        ) : annual ? (
          <>
            a year, before GST
            <br />
            {inr(Math.round(offer.price_annual_inr / 12))} a month
          </>
        ) : (
          "a month, before GST"
        )}
      </p>
      <ul className="mt-4 mb-6 text-body text-ink-2">
        {holds(offer).map((line) => (
          <li key={line} className="border-t border-rule py-2 first:border-0">
            {line}
          </li>
        ))}
      </ul>
      <div className="mt-auto">{act}</div>
    </li>
  );
}
