"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useEffect, useState } from "react";
import { useWatch } from "react-hook-form";
import * as v from "valibot";
import { ApiError } from "@/lib/api/errors";
import { showAtFields } from "@/lib/fields";
import { inr, rupees } from "@/lib/format";
import { useSettled } from "@/lib/settled";
import { link, PageHead, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Check } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { asSent, Details, Fields, useDetails } from "./details";
import {
  plansQuery,
  subscriptionQuery,
  useQuote,
  useSubscribe,
  type Offer,
  type Quote,
  type Subscription,
  type Wish,
} from "./queries";
import type { Cycle } from "./words";

/** Before PhonePe: who is invoiced, and the sum to the paisa. Nothing is charged on this page. */
export function Checkout({ plan, cycle }: { plan: string; cycle: Cycle }) {
  const plans = useQuery(plansQuery());
  const subscription = useQuery(subscriptionQuery());
  return (
    <Shown query={plans}>
      {(data) => {
        const offer = data.plans.find((p) => p.id === plan);
        return (
          <>
            <PageHead
              trail={
                <Link className={link} href={"/billing/plans" as Route}>
                  Plans
                </Link>
              }
              title={
                offer
                  ? `${offer.name}, by the ${cycle === "annual" ? "year" : "month"}`
                  : "No such plan"
              }
              lead="You pay on PhonePe’s own page and come back here. The plan begins when the money is there."
            />
            {offer ? (
              <Shown query={subscription}>
                {(now) => <Form offer={offer} cycle={cycle} now={now} autopay={data.autopay} />}
              </Shown>
            ) : null}
          </>
        );
      }}
    </Shown>
  );
}

function Form({
  offer,
  cycle,
  now,
  autopay,
}: {
  offer: Offer;
  cycle: Cycle;
  now: Subscription;
  autopay: boolean;
}) {
  const [byItself, setByItself] = useState(false);
  const { form, forget } = useDetails(now);
  const typed = useWatch({ control: form.control }) as Details;
  const complete = v.safeParse(Details, typed);
  const wish: Wish = {
    plan_id: offer.id,
    billing_cycle: cycle,
    autopay: autopay && byItself,
    ...(complete.success ? { billing_details: asSent(complete.output) } : {}),
  };
  const quote = useQuote(JSON.parse(useSettled(JSON.stringify(wish))) as Wish);
  const subscribe = useSubscribe();
  useEffect(() => {
    if (quote.error) showAtFields(form, quote.error, "billing_details");
  }, [form, quote.error]);
  const pay = form.handleSubmit(() =>
    subscribe.mutate(wish, {
      onSuccess: (outcome) => {
        forget();
        window.location.assign(outcome.payment_url ?? "/billing/plans");
      },
      onError: (error) => showAtFields(form, error, "billing_details"),
    }),
  );
  const refused = [subscribe.error, quote.error].find(
    (e) => e && !(e instanceof ApiError && e.status === 422 && Object.keys(e.fields).length),
  );
  return (
    <form
      onSubmit={(e) => void pay(e)}
      noValidate
      className="grid grid-cols-1 gap-x-14 gap-y-10 lg:grid-cols-[minmax(0,34rem)_22rem]"
    >
      <Section id="whom" title="Whom the invoice is for">
        <Fields form={form} />
      </Section>
      <Section id="sum" title="What you pay now">
        <Sum offer={offer} cycle={cycle} quote={complete.success ? quote.data?.quote : undefined} />
        {autopay && !now.subscription?.autopay ? (
          <div className="mt-4 border-t border-rule pt-2">
            <Check
              label="Pay the next periods by UPI AutoPay"
              hint="We say so at least a day before each debit. You can end it in your UPI app at any time."
              checked={byItself}
              onChange={(e) => setByItself(e.target.checked)}
            />
          </div>
        ) : null}
        {refused ? (
          <div className="mt-5">
            <ErrorNote error={refused} retry={subscribe.error ? () => void pay() : undefined} />
          </div>
        ) : null}
        <div className="mt-6">
          <Button
            kind="solid"
            size="l"
            wide="always"
            type="submit"
            busy={subscribe.isPending || subscribe.isSuccess}
          >
            {subscribe.isPending || subscribe.isSuccess
              ? "Opening PhonePe"
              : quote.data?.quote && complete.success
                ? `Pay ${rupees(quote.data.quote.total_paise)} with PhonePe`
                : "Pay with PhonePe"}
          </Button>
          <p className="mt-3 text-small text-ink-3">
            UPI, card or net banking. You can cancel at any time; what is paid for stays until its
            end.
          </p>
        </div>
      </Section>
    </form>
  );
}

type Line = [name: string, paise: number, why?: string];

function Sum({
  offer,
  cycle,
  quote,
}: {
  offer: Offer;
  cycle: Cycle;
  quote: Quote | null | undefined;
}) {
  const period = cycle === "annual" ? "a year" : "a month";
  if (!quote)
    return (
      <p className="py-3 text-body text-ink-2">
        {inr(cycle === "annual" ? offer.price_annual_inr : offer.price_inr)} for {period}, and GST
        on top. Which GST depends on your state.
      </p>
    );
  const lines: Line[] = (
    [
      [`${offer.name} for ${period}`, quote.list_paise],
      ["What you have not used", -quote.credit_paise],
      ["CGST", quote.cgst_paise],
      ["SGST", quote.sgst_paise],
      ["UTGST", quote.utgst_paise],
      ["IGST", quote.igst_paise],
    ] satisfies Line[]
  ).filter(([, paise]) => paise !== 0);
  return (
    <dl aria-live="polite" className="text-body figures">
      {lines.map(([name, paise]) => (
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
        <dd className="font-serif text-h3">{rupees(quote.total_paise)}</dd>
      </div>
    </dl>
  );
}
