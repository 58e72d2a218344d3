"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { datePlain, fromDay, many, rupees } from "@/lib/format";
import { inkLink, link, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/layer";
import { Empty, Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Frame } from "./frame";
import { Document } from "./document";
import {
  creditNotePdf,
  creditNotesQuery,
  invoicePdf,
  invoiceQuery,
  invoicesQuery,
  type Invoice,
} from "./queries";

/** Tax invoices and the credit notes that correct them; one of them open beside the list. */
export function Invoices({ page, open }: { page: number; open: string | null }) {
  const invoices = useQuery(invoicesQuery(page));
  const router = useRouter();
  const at = (id?: string) =>
    `/billing/invoices?${new URLSearchParams({ ...(page > 1 ? { page: String(page) } : {}), ...(id ? { id } : {}) })}` as Route;
  return (
    <Frame title="Invoices" lead="One for every payment, as the GST law asks, to read or to file.">
      <Shown query={invoices}>
        {(data) => (
          <>
            {data.held ? <Held held={data.held} /> : null}
            {data.invoices.length ? (
              <List invoices={data.invoices} at={at} />
            ) : (
              <Empty
                flush
                title="No invoice yet."
                act={
                  <Button asChild>
                    <Link href={"/billing/plans" as Route}>See plans</Link>
                  </Button>
                }
              >
                The free plan costs nothing, so there is nothing to invoice. After a payment its
                invoice is here at once, with your GSTIN where you gave one.
              </Empty>
            )}
            <Pages page={page} more={data.offset + data.invoices.length < data.total} />
          </>
        )}
      </Shown>
      <CreditNotes />
      <Sheet
        open={!!open}
        onOpenChange={(v) => !v && router.push(at(), { scroll: false })}
        title="Tax invoice"
      >
        {open ? <One id={open} /> : null}
      </Sheet>
    </Frame>
  );
}

const Held = ({ held }: { held: number }) => (
  <div className="mt-8">
    <Limit>
      {many(held, "payment")} of yours {held === 1 ? "has" : "have"} no invoice yet: our GST
      registration is not entered here. {held === 1 ? "It is" : "They are"} issued by{" "}
      {held === 1 ? "itself" : "themselves"} once it is.
    </Limit>
  </div>
);

function List({ invoices, at }: { invoices: Invoice[]; at: (id: string) => Route }) {
  return (
    <table className="mt-4 w-full text-body">
      <thead className="text-left text-small text-ink-3 max-sm:sr-only">
        <tr>
          <th className="py-2.5 pr-4 font-body">Number</th>
          <th className="py-2.5 pr-4 font-body max-sm:hidden">Date</th>
          <th className="py-2.5 pr-4 font-body max-lg:hidden">For</th>
          <th className="py-2.5 pr-4 text-right font-body max-sm:hidden">Of which GST</th>
          <th className="py-2.5 text-right font-body">Total</th>
          <th className="w-16 py-2.5">
            <span className="sr-only">File</span>
          </th>
        </tr>
      </thead>
      <tbody className="figures">
        {invoices.map((i) => (
          <tr key={i.id} className="border-t border-rule align-baseline hover:bg-paper-2">
            <td className="py-3 pr-4">
              <Link href={at(i.id)} scroll={false} className={`${inkLink} whitespace-nowrap`}>
                {i.invoice_number}
              </Link>
              <span className="mt-1 block text-small text-ink-3 sm:hidden">
                {datePlain(fromDay(i.invoice_date))}
              </span>
            </td>
            <td className="py-3 pr-4 whitespace-nowrap text-ink-2 max-sm:hidden">
              {datePlain(fromDay(i.invoice_date))}
            </td>
            <td className="py-3 pr-4 text-ink-2 max-lg:hidden">{i.items[0]?.description}</td>
            <td className="py-3 pr-4 text-right text-ink-2 max-sm:hidden">
              {rupees(i.total_gst_paise)}
            </td>
            <td className="py-3 text-right">{rupees(i.total_amount_paise)}</td>
            <td className="py-3 pl-4 text-right text-small">
              <a href={invoicePdf(i.id)} target="_blank" rel="noreferrer" className={link}>
                PDF<span className="sr-only"> of {i.invoice_number}, opens anew</span>
              </a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Pages({ page, more }: { page: number; more: boolean }) {
  if (page === 1 && !more) return null;
  return (
    <p className="mt-6 flex gap-6 text-body">
      {page > 1 ? (
        <Link className={link} href={`/billing/invoices?page=${page - 1}` as Route}>
          Newer
        </Link>
      ) : null}
      {more ? (
        <Link className={link} href={`/billing/invoices?page=${page + 1}` as Route}>
          Older
        </Link>
      ) : null}
    </p>
  );
}

/** Only where there are any: most never see one. */
function CreditNotes() {
  const { data } = useQuery(creditNotesQuery());
  if (!data?.credit_notes.length) return null;
  return (
    <div className="mt-14">
      <Section id="credit-notes" title="Credit notes" aside="For what was given back">
        <ul className="figures">
          {data.credit_notes.map((n) => (
            <li
              key={n.id}
              className="grid grid-cols-[1fr_auto] items-baseline gap-x-4 border-t border-rule py-3 sm:grid-cols-[10rem_9rem_1fr_auto_3rem]"
            >
              <span>{n.credit_note_number}</span>
              <span className="text-ink-2 max-sm:text-right">
                {datePlain(fromDay(n.credit_note_date))}
              </span>
              <span className="text-small text-ink-2">
                {n.reason}, invoice {n.invoice_number}
              </span>
              <span className="text-right">{rupees(n.total_amount_paise)}</span>
              <a
                href={creditNotePdf(n.id)}
                target="_blank"
                rel="noreferrer"
                className={`${link} text-right text-small max-sm:col-start-2`}
              >
                PDF<span className="sr-only"> of {n.credit_note_number}, opens anew</span>
              </a>
            </li>
          ))}
        </ul>
      </Section>
    </div>
  );
}

function One({ id }: { id: string }) {
  return (
    <Shown query={useQuery(invoiceQuery(id))}>{(invoice) => <Document invoice={invoice} />}</Shown>
  );
}
