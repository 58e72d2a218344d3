import type { Metadata } from "next";
import { Campaigns } from "@/features/campaigns/campaigns";
import { campaignsQuery } from "@/features/campaigns/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Campaigns" };

export default async function CampaignsPage() {
  const api = await serverApi();
  return (
    <Fetched of={[campaignsQuery(api)]}>
      <Campaigns />
    </Fetched>
  );
}
