"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Schemas } from "@/lib/api/client";
import { datePlain, fromDay, rupees } from "@/lib/format";
import { Overline } from "@/ui/bits";
import { Button } from "@/ui/button";
import {
  creditNotePdf,
  creditNotesQuery,
  invoicePdf,
  invoiceQuery,
  isGoingBack,
  paymentRowQuery,
} from "./queries";
import { Refund } from "./refund";

/** A tax invoice as it was issued. */
export function Document({ invoice: i }: { invoice: Schemas["InvoiceDetail"] }) {
  const half = i.gst_rate / 2;
  const taxes = [
    [`CGST ${half} %`, i.cgst_paise],
    [`SGST ${half} %`, i.sgst_paise],
    [`UTGST ${half} %`, i.utgst_paise],
    [`IGST ${i.gst_rate} %`, i.igst_paise],
  ].filter(([, paise]) => paise) as [string, number][];
  return (
    <div className="space-y-6">
      <p className="flex flex-wrap justify-between gap-x-4 text-body figures">
        <span className="font-strong">{i.invoice_number}</span>
        <span className="text-ink-2">{datePlain(fromDay(i.invoice_date))}</span>
      </p>
      <div className="grid gap-5 sm:grid-cols-2">
        <Party title="From" party={i.seller} />
        <Party title="To" party={i.buyer} />
      </div>
      <table className="w-full text-body figures">
        <caption className="sr-only">What was bought, and its tax</caption>
        <tbody>
          {i.items.map((item) => (
            <tr key={item.description} className="border-t border-ink align-baseline">
              <th scope="row" className="py-2.5 pr-4 text-left font-body">
                {item.description}
                <span className="block text-small text-ink-3">SAC {item.hsn_code}</span>
              </th>
              <td className="py-2.5 text-right">{rupees(item.amount_paise)}</td>
            </tr>
          ))}
          {taxes.map(([name, paise]) => (
            <tr key={name} className="border-t border-rule align-baseline text-ink-2">
              <th scope="row" className="py-2.5 text-left font-body">
                {name}
              </th>
              <td className="py-2.5 text-right">{rupees(paise)}</td>
            </tr>
          ))}
          <tr className="border-t border-ink align-baseline font-strong">
            <th scope="row" className="py-2.5 text-left">
              Total
            </th>
            <td className="py-2.5 text-right">{rupees(i.total_amount_paise)}</td>
          </tr>
        </tbody>
      </table>
      <p className="text-small text-ink-3">
        {i.paid_at ? `Paid on ${datePlain(new Date(i.paid_at))}` : "Paid"}
        {i.payment_method ? ` by ${payment(i.payment_method)}` : ""}
        {i.transaction_id ? `, transaction ${i.transaction_id}` : ""}. Place of supply{" "}
        {i.buyer.state || i.buyer.country}.
      </p>
      {i.credit_notes.map((n) => (
        <p key={n.id} className="border-l-[3px] border-genda bg-genda-wash px-4 py-3 text-body">
          Corrected by credit note{" "}
          <a
            className="underline underline-offset-3"
            href={creditNotePdf(n.id)}
            target="_blank"
            rel="noreferrer"
          >
            {n.credit_note_number}
          </a>{" "}
          of {datePlain(fromDay(n.credit_note_date))} over {rupees(n.total_amount_paise)}.
        </p>
      ))}
      <Button asChild kind="solid">
        <a href={invoicePdf(i.id)} target="_blank" rel="noreferrer">
          Open the PDF
        </a>
      </Button>
      {i.credit_notes.length ? null : <MoneyBack payment={i.payment_id} invoice={i.id} />}
    </div>
  );
}

/** While the money is on its way back its credit note is waited for. */
function MoneyBack({ payment: id, invoice }: { payment: string; invoice: string }) {
  const client = useQueryClient();
  const { data: payment } = useQuery({
    ...paymentRowQuery(id),
    refetchInterval: ({ state }) => (state.data && isGoingBack(state.data) ? 3_000 : false),
  });
  const isBack = payment?.status === "refunded";
  useEffect(() => {
    if (!isBack) return;
    void client.invalidateQueries({ queryKey: invoiceQuery(invoice).queryKey });
    void client.invalidateQueries({ queryKey: creditNotesQuery().queryKey });
  }, [client, invoice, isBack]);
  return payment ? <Refund payment={payment} /> : null;
}

/** UPI_INTENT is UPI to whoever paid by it. */
const payment = (method: string) =>
  method.startsWith("UPI") ? "UPI" : method.toLowerCase().replaceAll("_", " ");

type Who = { name: string; address: string; state: string; gstin?: string | null; pin?: string };

const Party = ({ title, party }: { title: string; party: Who }) => (
  <div className="text-body">
    <Overline>{title}</Overline>
    <p className="mt-1 font-strong">{party.name}</p>
    <p className="text-ink-2">
      {party.address}
      {party.pin ? `, ${party.pin}` : ""}
    </p>
    <p className="text-ink-2">{party.state}</p>
    {party.gstin ? <p className="text-small text-ink-3 figures">GSTIN {party.gstin}</p> : null}
  </div>
);
