import type { Metadata } from "next";
import { plansQuery, subscriptionQuery } from "@/features/billing/queries";
import { TopUp } from "@/features/billing/topup";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "More model budget" };

export default async function TopUpPage() {
  const api = await serverApi();
  return (
    <Fetched of={[plansQuery(api), subscriptionQuery(api)]}>
      <TopUp />
    </Fetched>
  );
}
