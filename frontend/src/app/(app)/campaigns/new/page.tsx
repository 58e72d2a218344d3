import type { Metadata } from "next";
import { Make } from "@/features/campaigns/make";
import { icpsQuery } from "@/features/icps/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Plan a campaign" };

export default async function NewCampaignPage() {
  const api = await serverApi();
  return (
    <Fetched of={[icpsQuery(api)]}>
      <Make at={new Date().toISOString()} />
    </Fetched>
  );
}
