import type { Metadata } from "next";
import { Checkout } from "@/features/billing/checkout";
import { plansQuery, subscriptionQuery } from "@/features/billing/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Subscribe" };

type Props = { searchParams: Promise<{ plan?: string; cycle?: string }> };

export default async function SubscribePage({ searchParams }: Props) {
  const api = await serverApi();
  const { plan, cycle } = await searchParams;
  return (
    <Fetched of={[plansQuery(api), subscriptionQuery(api)]}>
      <Checkout plan={plan ?? ""} cycle={cycle === "annual" ? "annual" : "monthly"} />
    </Fetched>
  );
}
