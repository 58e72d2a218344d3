"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { showAtFields } from "@/lib/fields";
import { rupees, usd } from "@/lib/format";
import { link, PageHead, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { ErrorNote, Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { asSent, Fields, useDetails } from "./details";
import { plansQuery, subscriptionQuery, useTopUp, type Subscription, type Terms } from "./queries";

const LEAST_USD = 5;
const MOST_USD = 500;
const USUAL_USD = [5, 10, 25, 50];

/** Model budget on top of the plan's. Nothing is charged on this page. */
export function TopUp() {
  const terms = useQuery(plansQuery());
  const now = useQuery(subscriptionQuery());
  return (
    <>
      <PageHead
        trail={
          <Link className={link} href={"/billing/usage" as Route}>
            Usage
          </Link>
        }
        title="More model budget"
        lead="It comes on top of what your plan holds, and lasts until it is spent."
      />
      <Shown query={terms}>
        {(t) =>
          t.payments ? (
            <Shown query={now}>{(n) => <Form terms={t} now={n} />}</Shown>
          ) : (
            <Limit>Nothing can be bought here: no payment gateway is set up.</Limit>
          )
        }
      </Shown>
    </>
  );
}

function Form({ terms, now }: { terms: Terms; now: Subscription }) {
  const { form, forget } = useDetails(now);
  const [typed, setTyped] = useState("10");
  const [wrong, setWrong] = useState("");
  const topUp = useTopUp();
  const amount = /^\d{1,3}$/.test(typed.trim()) ? Number(typed) : NaN;
  const isRight = amount >= LEAST_USD && amount <= MOST_USD;
  const net = isRight ? amount * terms.topup_inr_per_usd * 100 : 0;
  const gst = Math.round((net * terms.gst_rate_percent) / 100);
  const pay = form.handleSubmit((details) => {
    if (!isRight) return setWrong(`Between $${LEAST_USD} and $${MOST_USD}, in whole dollars.`);
    topUp.mutate(
      { amount_usd: amount, billing_details: asSent(details) },
      {
        onSuccess: (outcome) => {
          forget();
          window.location.assign(outcome.payment_url ?? "/billing/usage");
        },
        onError: (error) => showAtFields(form, error, "billing_details"),
      },
    );
  });
  const { error } = topUp;
  const shown = error instanceof ApiError && Object.keys(error.fields).length ? null : error;
  return (
    <form
      onSubmit={(e) => void pay(e)}
      noValidate
      className="grid grid-cols-1 gap-x-14 gap-y-10 lg:grid-cols-[minmax(0,34rem)_22rem]"
    >
      <div className="space-y-10">
        <Section id="how-much" title="How much">
          <div className="max-w-60 pt-3">
            <TextField
              label="Dollars of model budget"
              inputMode="numeric"
              value={typed}
              error={wrong}
              onChange={(e) => {
                setTyped(e.target.value);
                setWrong("");
              }}
            />
          </div>
          <div className="mt-3 flex flex-wrap gap-2">
            {USUAL_USD.map((n) => (
              <Button key={n} size="s" aria-pressed={n === amount} onClick={() => setTyped(`${n}`)}>
                ${n}
              </Button>
            ))}
          </div>
        </Section>
        <Section id="whom" title="Whom the invoice is for">
          <Fields form={form} />
        </Section>
      </div>
      <Section id="sum" title="What you pay now">
        <dl aria-live="polite" className="text-body figures">
          {(
            [
              [isRight ? `${usd(amount)} of budget` : "Budget", net],
              [`GST of ${terms.gst_rate_percent} %`, gst],
            ] as const
          ).map(([name, paise]) => (
            <div
              key={name}
              className="flex justify-between gap-4 border-t border-rule py-2.5 first:border-0"
            >
              <dt className="text-ink-2">{name}</dt>
              <dd>{rupees(paise)}</dd>
            </div>
          ))}
          <div className="flex items-baseline justify-between gap-4 border-t border-ink pt-3">
            <dt className="font-strong">Total</dt>
            <dd className="font-serif text-h3">{rupees(net + gst)}</dd>
          </div>
        </dl>
        {shown ? (
          <div className="mt-5">
            <ErrorNote error={shown} retry={() => void pay()} />
          </div>
        ) : null}
        <div className="mt-6">
          <Button
            kind="solid"
            size="l"
            wide="always"
            type="submit"
            busy={topUp.isPending || topUp.isSuccess}
          >
            {topUp.isPending || topUp.isSuccess
              ? "Opening PhonePe"
              : isRight
                ? `Pay ${rupees(net + gst)} with PhonePe`
                : "Pay with PhonePe"}
          </Button>
          <p className="mt-3 text-small text-ink-3">
            What you have not spent of it can be taken back for {terms.refund_days} days.
          </p>
        </div>
      </Section>
    </form>
  );
}
