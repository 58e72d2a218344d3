"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { capital, datePlain, rupees, time } from "@/lib/format";
import { inkLink, link, Section, Tag, type Dye } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Frame } from "./frame";
import { historyQuery, isGoingBack, paymentsQuery, type Payment } from "./queries";
import { Refund } from "./refund";
import { because, whatFor } from "./words";

/** Every payment and what became of it; every change of the plan and why it came. */
export function History({ page }: { page: number }) {
  return (
    <Frame title="History" lead="What you paid, what came of it, and why your plan is what it is.">
      <div className="grid grid-cols-1 gap-x-14 gap-y-14 pt-10 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Payments page={page} />
        <Changes />
      </div>
    </Frame>
  );
}

function Payments({ page }: { page: number }) {
  const payments = useQuery({
    ...paymentsQuery(page),
    refetchInterval: ({ state }) => (state.data?.payments.some(isGoingBack) ? 4_000 : false),
  });
  return (
    <Section id="payments" title="Payments">
      <Shown query={payments}>
        {(data) =>
          data.payments.length ? (
            <>
              <ul>
                {data.payments.map((p, i) => (
                  <Row key={p.id} payment={p} latest={page === 1 && i === latest(data.payments)} />
                ))}
              </ul>
              <Pages page={page} more={data.offset + data.payments.length < data.total} />
            </>
          ) : (
            <Empty
              flush
              title="Nothing paid yet."
              act={
                <Button asChild>
                  <Link href={"/billing/plans" as Route}>See plans</Link>
                </Button>
              }
            >
              Each payment stands here with how it went, also one that failed.
            </Empty>
          )
        }
      </Shown>
    </Section>
  );
}

/** Only what was bought last can be taken back; a top-up stands for itself. */
const latest = (payments: Payment[]) =>
  payments.findIndex((p) => p.kind !== "topup" && p.status === "completed");

function Row({ payment: p, latest: last }: { payment: Payment; latest: boolean }) {
  const [dye, state] = stateOf(p);
  return (
    <li className="space-y-3 border-t border-rule py-3.5 first:border-0">
      <div className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1">
        <span>{capital(whatFor(p))}</span>
        <span className="text-right figures">{rupees(p.total_paise)}</span>
        <span className="flex flex-wrap items-baseline gap-x-4 text-small text-ink-3 figures">
          {datePlain(new Date(p.completed_at ?? p.created_at))},{" "}
          {time(new Date(p.completed_at ?? p.created_at))}
          <Tag dye={dye}>{state}</Tag>
        </span>
        <span className="text-right text-small">
          {p.invoice_id ? (
            <Link className={link} href={`/billing/invoices?id=${p.invoice_id}` as Route}>
              Invoice<span className="sr-only"> of this payment</span>
            </Link>
          ) : p.payment_url ? (
            <a className={link} href={p.payment_url}>
              Go on to pay
            </a>
          ) : null}
        </span>
      </div>
      {last || p.kind === "topup" || isGoingBack(p) ? <Refund payment={p} /> : null}
    </li>
  );
}

function stateOf(p: Payment): [Dye, string] {
  if (p.status === "refunded") return ["jamun", "Given back"];
  if (isGoingBack(p)) return ["genda", "On its way back"];
  if (p.refund_status === "failed") return ["madder", "Could not be given back"];
  if (p.status === "completed") return ["mor", "Paid"];
  if (p.status === "failed") return ["madder", "Did not go through"];
  return ["genda", p.payment_url ? "Waits on PhonePe’s page" : "Being asked"];
}

function Pages({ page, more }: { page: number; more: boolean }) {
  if (page === 1 && !more) return null;
  return (
    <p className="flex gap-6 border-t border-rule pt-4 text-body">
      {page > 1 ? (
        <Link className={link} href={`/billing/history?page=${page - 1}` as Route}>
          Newer
        </Link>
      ) : null}
      {more ? (
        <Link className={link} href={`/billing/history?page=${page + 1}` as Route}>
          Older
        </Link>
      ) : null}
    </p>
  );
}

function Changes() {
  return (
    <Section id="changes" title="Your plan">
      <Shown query={useQuery(historyQuery())}>
        {({ history }) =>
          history.length ? (
            <ol>
              {history.map((c) => (
                <li
                  key={c.id}
                  className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-4 border-t border-rule py-3 first:border-0"
                >
                  <span className="text-small leading-[1.375rem] text-ink-3 figures">
                    {datePlain(new Date(c.created_at))}
                  </span>
                  <span className="text-body">{because(c)}</span>
                </li>
              ))}
            </ol>
          ) : (
            <p className="py-3 text-body text-ink-2">
              You have been on Free from the start.{" "}
              <Link className={inkLink} href={"/billing/plans" as Route}>
                What the others hold
              </Link>
            </p>
          )
        }
      </Shown>
    </Section>
  );
}
