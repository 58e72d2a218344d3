"use client";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { datePlain, many, rupees } from "@/lib/format";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { explain } from "@/ui/explain";
import { Limit } from "@/ui/notes";
import {
  useCancel,
  useResume,
  useSubscribe,
  useTrial,
  type Offer,
  type Subscription,
  type Terms,
} from "./queries";
import { planName, type Cycle } from "./words";

const failed = (error: unknown) => {
  const { title, text } = explain(error);
  toast.error(`${title}. ${text}`);
};

/** What waits: a page to pay on, a payment that is due, an end or a change that is set. */
export function Standing({ now }: { now: Subscription }) {
  const resume = useResume();
  const sub = now.subscription;
  const ends = sub?.current_period_end
    ? datePlain(new Date(sub.current_period_end))
    : "the period’s end";
  const keep = (
    <Button
      size="s"
      busy={resume.isPending}
      onClick={() =>
        resume.mutate(undefined, { onSuccess: () => toast("Your plan goes on."), onError: failed })
      }
    >
      Keep {planName(now.plan)}
    </Button>
  );
  return (
    <div className="space-y-3 empty:hidden [&:not(:empty)]:pt-8">
      {now.pending_payment?.payment_url ? (
        <Limit
          act={
            <Button size="s" asChild>
              <a href={now.pending_payment.payment_url}>Go on to pay</a>
            </Button>
          }
        >
          A payment of {rupees(now.pending_payment.total_paise)} waits on PhonePe’s page.
        </Limit>
      ) : null}
      {sub?.status === "past_due" ? (
        <Limit
          act={
            <Button size="s" asChild>
              <Link
                href={
                  `/billing/subscribe?plan=${now.plan}&cycle=${sub.billing_cycle ?? "monthly"}` as Route
                }
              >
                Pay for the next period
              </Link>
            </Button>
          }
        >
          The period is over and not paid for. The plan stays
          {sub.grace_ends_at
            ? ` until ${datePlain(new Date(sub.grace_ends_at))}`
            : " for a few days"}
          , then you are on Free. Nothing of yours is deleted.
        </Limit>
      ) : null}
      {sub?.cancel_at_period_end ? (
        <Limit act={keep}>
          You have cancelled. Everything stays until {ends}, then you are on Free.
        </Limit>
      ) : sub?.next_plan ? (
        <Limit act={keep}>
          On {ends} you move to {planName(sub.next_plan)}.
        </Limit>
      ) : null}
    </div>
  );
}

/** Where trials are offered. Whether it was had before, the server knows. */
export function Trial({ terms }: { terms: Terms }) {
  const trial = useTrial();
  const plan = planName(terms.trial_plan);
  if (!terms.trial_days) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pt-8">
      <Button
        busy={trial.isPending}
        onClick={() =>
          trial.mutate(undefined, {
            onSuccess: () => toast(`Your trial of ${plan} has begun.`),
            onError: failed,
          })
        }
      >
        Try {plan} for {many(terms.trial_days, "day")}
      </Button>
      <span className="text-small text-ink-3">Once, without a payment.</span>
    </div>
  );
}

/** The one act of a plan's column: buy it, move to it, leave it. */
export function PlanAct({
  offer,
  offers,
  cycle,
  now,
}: {
  offer: Offer;
  offers: Offer[];
  cycle: Cycle;
  now: Subscription;
}) {
  const rank = (id: string) => offers.findIndex((o) => o.id === id);
  const sub = now.subscription;
  const here = offer.id === now.plan;
  const same = here && (now.plan === "free" || sub?.billing_cycle === cycle);
  const dearer = rank(offer.id) > rank(now.plan) || (here && cycle === "annual");
  if (same) return here && sub && !sub.cancel_at_period_end ? <Leave now={now} /> : null;
  if (offer.id === "free") return null;
  if (dearer || sub?.status === "past_due")
    return (
      <Button kind={rank(offer.id) === rank(now.plan) + 1 ? "solid" : "line"} wide="always" asChild>
        <Link href={`/billing/subscribe?plan=${offer.id}&cycle=${cycle}` as Route}>
          {here
            ? "Pay by the year"
            : now.plan === "free"
              ? `Take ${offer.name}`
              : `Move up to ${offer.name}`}
        </Link>
      </Button>
    );
  return <MoveDown offer={offer} cycle={cycle} now={now} />;
}

function MoveDown({ offer, cycle, now }: { offer: Offer; cycle: Cycle; now: Subscription }) {
  const [open, setOpen] = useState(false);
  const subscribe = useSubscribe();
  const sub = now.subscription;
  if (sub?.next_plan === offer.id && sub.next_billing_cycle === cycle)
    return <p className="text-small text-ink-3">Set for the end of the period.</p>;
  const ends = sub?.current_period_end ? datePlain(new Date(sub.current_period_end)) : "";
  const what = offer.id === now.plan ? "Pay by the month" : `Move down to ${offer.name}`;
  return (
    <>
      <Button kind="quiet" wide="always" onClick={() => setOpen(true)}>
        {what}
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`${what}?`}
        lead={`It begins on ${ends}, when what you have paid for ends. Until then nothing changes, and nothing is charged now.`}
        yes={what}
        busy={subscribe.isPending}
        act={() =>
          subscribe.mutate(
            { plan_id: offer.id, billing_cycle: cycle, autopay: false },
            { onSuccess: () => setOpen(false), onError: failed },
          )
        }
      />
    </>
  );
}

function Leave({ now }: { now: Subscription }) {
  const [open, setOpen] = useState(false);
  const cancel = useCancel();
  const end = now.subscription?.trial_end ?? now.subscription?.current_period_end;
  return (
    <>
      <Button kind="quiet" wide="always" onClick={() => setOpen(true)}>
        Cancel the plan
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`Cancel ${planName(now.plan)}?`}
        lead={`What you have paid for stays until ${end ? datePlain(new Date(end)) : "its end"}. After that you are on Free: you keep everything you made, and make less of it.`}
        yes="Cancel the plan"
        busy={cancel.isPending}
        act={() => cancel.mutate(undefined, { onSuccess: () => setOpen(false), onError: failed })}
      />
    </>
  );
}
