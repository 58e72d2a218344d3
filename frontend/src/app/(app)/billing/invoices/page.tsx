import type { Metadata } from "next";
import { Invoices } from "@/features/billing/invoices";
import { creditNotesQuery, invoicesQuery } from "@/features/billing/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Invoices" };

type Props = { searchParams: Promise<{ page?: string; id?: string }> };

export default async function InvoicesPage({ searchParams }: Props) {
  const api = await serverApi();
  const { page, id } = await searchParams;
  const number = Math.max(1, Number.parseInt(page ?? "1", 10) || 1);
  return (
    <Fetched of={[invoicesQuery(number, api), creditNotesQuery(api)]}>
      <Invoices page={number} open={id ?? null} />
    </Fetched>
  );
}
