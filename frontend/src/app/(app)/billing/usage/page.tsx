import type { Metadata } from "next";
import { usageQuery } from "@/features/billing/queries";
import { UsagePage } from "@/features/billing/usage";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Usage" };

export default async function Page() {
  const api = await serverApi();
  return (
    <Fetched of={[usageQuery(api)]}>
      <UsagePage />
    </Fetched>
  );
}
