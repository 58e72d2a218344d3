import type { Metadata } from "next";
import { Campaign } from "@/features/campaigns/campaign";
import { campaignQuery, movesOfQuery } from "@/features/campaigns/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Campaign" };

type Props = { params: Promise<{ id: string }> };

export default async function CampaignPage({ params }: Props) {
  const { id } = await params;
  const api = await serverApi();
  return (
    <Fetched of={[campaignQuery(id, api), movesOfQuery(id, api)]}>
      <Campaign id={id} at={new Date().toISOString()} />
    </Fetched>
  );
}
