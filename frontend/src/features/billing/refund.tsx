"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datePlain, rupees } from "@/lib/format";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { ErrorNote } from "@/ui/notes";
import { isGoingBack, plansQuery, useRefund, type Payment } from "./queries";
import { whatFor } from "./words";

const DAY_MS = 86_400_000;

/** Until when a payment can be taken back by its payer; null when it cannot. The server has the last word. */
export function takeBackUntil(payment: Payment, days: number, now: Date): Date | null {
  if (payment.status !== "completed" || !payment.completed_at || isGoingBack(payment)) return null;
  const until = new Date(new Date(payment.completed_at).getTime() + days * DAY_MS);
  return until > now ? until : null;
}

/** Take the whole of a payment back, while it is fresh; how a refund stands once it was asked for. */
export function Refund({ payment }: { payment: Payment }) {
  const { data: terms } = useQuery(plansQuery());
  const [now] = useState(() => new Date());
  const [open, setOpen] = useState(false);
  const refund = useRefund();
  const until = terms ? takeBackUntil(payment, terms.refund_days, now) : null;
  if (isGoingBack(payment))
    return (
      <p role="status" className="text-small text-ink-2">
        {rupees(payment.total_paise)} is on its way back. Banks take up to a week; the credit note
        comes with it.
      </p>
    );
  if (!until) return null;
  const sum = rupees(payment.total_paise);
  return (
    <div className="space-y-3">
      {refund.error ? <ErrorNote error={refund.error} /> : null}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button kind="danger" size="s" onClick={() => setOpen(true)}>
          Take the money back
        </Button>
        <span className="text-small text-ink-3">Possible until {datePlain(until)}</span>
      </div>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`Take ${sum} back?`}
        lead={
          payment.kind === "topup"
            ? `The ${whatFor(payment)} it bought goes at once. The money returns to where you paid from, with a credit note.`
            : "You are back on what you had before this payment, at once. The money returns to where you paid from, with a credit note."
        }
        yes="Take it back"
        busy={refund.isPending}
        act={() =>
          refund.mutate(payment.id, {
            onSuccess: () => toast(`${sum} is on its way back.`),
            onSettled: () => setOpen(false),
          })
        }
      />
    </div>
  );
}
