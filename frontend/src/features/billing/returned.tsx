"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useEffect, useState } from "react";
import { capital, datePlain, rupees } from "@/lib/format";
import { link, PageHead } from "@/ui/bits";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/notes";
import { invoicePdf, isSettled, paymentQuery, subscriptionQuery, type Payment } from "./queries";
import { planName, whatFor } from "./words";

const EVERY_MS = 3_000;
const LONGEST_MS = 120_000;

/** Back from PhonePe. Its address says nothing: what happened is asked of the gateway until it is known. */
export function Returned({ id }: { id: string }) {
  const [late, setLate] = useState(false);
  const payment = useQuery({
    ...paymentQuery(id),
    refetchInterval: ({ state }) =>
      late || (state.data && isSettled(state.data.status)) ? false : EVERY_MS,
  });
  const client = useQueryClient();
  const status = payment.data?.status;
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LONGEST_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (status !== "completed") return;
    void client.invalidateQueries({ queryKey: ["me"] });
    void client.invalidateQueries({
      queryKey: ["billing"],
      predicate: (q) => q.queryKey[1] !== "payments",
    });
  }, [client, status]);
  if (payment.error && !payment.data)
    return (
      <>
        <PageHead trail="Payment" title="We could not ask PhonePe just now." />
        <ErrorNote error={payment.error} retry={() => void payment.refetch()} />
      </>
    );
  if (status === "completed" || status === "refunded") return <Paid payment={payment.data!} />;
  if (status === "failed") return <Failed payment={payment.data!} />;
  return <Checking payment={payment.data} late={late} />;
}

function Paid({ payment: p }: { payment: Payment }) {
  const { data } = useQuery(subscriptionQuery());
  const until = data?.subscription?.current_period_end;
  return (
    <div role="status">
      <PageHead
        trail="Payment"
        title={
          p.kind === "topup"
            ? `Paid. ${capital(whatFor(p))} more.`
            : `Paid. ${p.plan ? `You are on ${planName(p.plan)}.` : ""}`
        }
        lead={
          <>
            {rupees(p.total_paise)} arrived
            {p.completed_at ? ` on ${datePlain(new Date(p.completed_at))}` : ""}.
            {until && p.kind !== "topup"
              ? ` The plan holds until ${datePlain(new Date(until))}.`
              : ""}
          </>
        }
      />
      <div className="flex flex-wrap gap-2">
        {p.invoice_id ? (
          <Button kind="solid" asChild>
            <a href={invoicePdf(p.invoice_id)} target="_blank" rel="noreferrer">
              Open the invoice
            </a>
          </Button>
        ) : null}
        <Button asChild>
          <Link href="/today">Go to Today</Link>
        </Button>
      </div>
      {p.invoice_id ? null : (
        <p className="mt-5 max-w-[38rem] text-body text-ink-2">
          The invoice follows by itself. It will stand under{" "}
          <Link className={link} href={"/billing/invoices" as Route}>
            Invoices
          </Link>
          .
        </p>
      )}
    </div>
  );
}

const Failed = ({ payment: p }: { payment: Payment }) => (
  <div role="status">
    <PageHead
      trail="Payment"
      title="The payment did not go through."
      lead="Nothing was charged, and your plan is as it was. Should money have left your account all the same, PhonePe sends it back by itself."
    />
    <div className="flex flex-wrap gap-2">
      <Button kind="solid" asChild>
        <Link
          href={
            (p.kind === "topup"
              ? "/billing/topup"
              : p.plan
                ? `/billing/subscribe?plan=${p.plan}&cycle=${p.billing_cycle ?? "monthly"}`
                : "/billing/plans") as Route
          }
        >
          Try again
        </Link>
      </Button>
      <Button asChild>
        <Link href={"/billing/plans" as Route}>See plans</Link>
      </Button>
    </div>
    {p.failure_code ? (
      <p className="mt-5 text-micro text-ink-3">PhonePe says {p.failure_code}</p>
    ) : null}
  </div>
);

const Checking = ({ payment: p, late }: { payment: Payment | undefined; late: boolean }) => (
  <div role="status" aria-busy={!late}>
    <PageHead
      trail="Payment"
      title={late ? "PhonePe has not decided yet." : "Asking PhonePe whether the money came."}
      lead={
        late
          ? "We go on asking. You can leave this page: the plan begins by itself when the money is there, and the invoice with it."
          : "This takes a few seconds as a rule, two minutes at most. You can leave this page open."
      }
    />
    {p?.payment_url ? (
      <p className="text-body">
        <a className={link} href={p.payment_url}>
          Go back to PhonePe’s page
        </a>{" "}
        if you have not paid yet.
      </p>
    ) : null}
  </div>
);
