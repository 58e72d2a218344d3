import type { Metadata } from "next";
import { Plans } from "@/features/billing/plans";
import { plansQuery, subscriptionQuery } from "@/features/billing/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Plans" };

type Props = { searchParams: Promise<{ cycle?: string }> };

export default async function PlansPage({ searchParams }: Props) {
  const api = await serverApi();
  const { cycle } = await searchParams;
  return (
    <Fetched of={[plansQuery(api), subscriptionQuery(api)]}>
      <Plans cycle={cycle === "annual" ? "annual" : "monthly"} />
    </Fetched>
  );
}
