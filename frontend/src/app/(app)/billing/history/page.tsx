import type { Metadata } from "next";
import { History } from "@/features/billing/history";
import { historyQuery, paymentsQuery, plansQuery } from "@/features/billing/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Billing history" };

type Props = { searchParams: Promise<{ page?: string }> };

export default async function HistoryPage({ searchParams }: Props) {
  const api = await serverApi();
  const { page } = await searchParams;
  const number = Math.max(1, Number.parseInt(page ?? "1", 10) || 1);
  return (
    <Fetched of={[paymentsQuery(number, api), historyQuery(api), plansQuery(api)]}>
      <History page={number} />
    </Fetched>
  );
}
