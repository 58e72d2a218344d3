"use client";
import { valibotResolver } from "@hookform/resolvers/valibot";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useEffect } from "react";
import { useForm, useWatch, type UseFormReturn } from "react-hook-form";
import * as v from "valibot";
import { ApiError } from "@/lib/api/errors";
import { showAtFields } from "@/lib/fields";
import { inr, rupees } from "@/lib/format";
import { useKept } from "@/lib/kept";
import { useSettled } from "@/lib/settled";
import { link, PageHead, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Select, TextArea, TextField } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import { Shown } from "@/ui/query";
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
import { INDIAN_STATES } from "./states";
import type { Cycle } from "./words";

const Details = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1, "Who is the invoice for?")),
  address: v.pipe(v.string(), v.trim(), v.minLength(1, "The address is printed on the invoice.")),
  pin: v.pipe(v.string(), v.trim(), v.regex(/^[1-9]\d{2} ?\d{3}$/, "A PIN has six digits.")),
  state: v.pipe(v.string(), v.minLength(1, "The state decides which tax applies.")),
  gstin: v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^(\d{2}[A-Za-z]{5}\d{4}[A-Za-z][A-Za-z\d]{3})?$/, "A GSTIN has 15 characters."),
  ),
});
type Details = v.InferOutput<typeof Details>;

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
                {(now) => <Form offer={offer} cycle={cycle} now={now} />}
              </Shown>
            ) : null}
          </>
        );
      }}
    </Shown>
  );
}

function Form({ offer, cycle, now }: { offer: Offer; cycle: Cycle; now: Subscription }) {
  const known = now.billing_details;
  const form = useForm<Details>({
    mode: "onTouched",
    resolver: valibotResolver(Details),
    defaultValues: {
      name: known?.name ?? "",
      address: known?.address ?? "",
      pin: known?.pin ?? "",
      state: known?.state_code ?? "",
      gstin: known?.gstin ?? "",
    },
  });
  const forget = useKept("billing-details", form);
  const typed = useWatch({ control: form.control }) as Details;
  const complete = v.safeParse(Details, typed);
  const wish: Wish = {
    plan_id: offer.id,
    billing_cycle: cycle,
    autopay: false,
    ...(complete.success
      ? {
          billing_details: {
            ...complete.output,
            gstin: complete.output.gstin || null,
            country: "IN",
          },
        }
      : {}),
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

function Fields({ form }: { form: UseFormReturn<Details> }) {
  const { register, formState } = form;
  const wrong = (name: keyof Details) => formState.errors[name]?.message;
  return (
    <div className="space-y-5 pt-3">
      <TextField
        label="Name of the person or company"
        autoComplete="organization"
        error={wrong("name")}
        {...register("name")}
      />
      <TextArea
        label="Address"
        rows={2}
        autoComplete="street-address"
        error={wrong("address")}
        {...register("address")}
      />
      <div className="grid gap-5 sm:grid-cols-[9rem_1fr]">
        <TextField
          label="PIN"
          inputMode="numeric"
          autoComplete="postal-code"
          error={wrong("pin")}
          {...register("pin")}
        />
        <Select label="State" error={wrong("state")} {...register("state")}>
          <option value="">Choose</option>
          {INDIAN_STATES.map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </Select>
      </div>
      <TextField
        label="GSTIN, if you have one"
        hint="With it you can claim the GST back."
        autoCapitalize="characters"
        spellCheck={false}
        error={wrong("gstin")}
        {...register("gstin")}
      />
    </div>
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
