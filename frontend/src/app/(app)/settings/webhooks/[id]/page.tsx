import type { Metadata } from "next";
import { OneEndpoint } from "@/features/settings/endpoint";
import { deliveriesQuery, endpointQuery, type Delivery } from "@/features/settings/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Webhook" };

type Props = { params: Promise<{ id: string }>; searchParams: Promise<{ status?: string }> };

const STATES = ["pending", "delivered", "failed"];

export default async function WebhookPage({ params, searchParams }: Props) {
  const api = await serverApi();
  const [{ id }, { status }] = await Promise.all([params, searchParams]);
  const only = STATES.includes(status ?? "") ? (status as Delivery["status"]) : null;
  return (
    <Fetched of={[endpointQuery(id, api), deliveriesQuery(id, only, api)]}>
      <OneEndpoint id={id} status={only} />
    </Fetched>
  );
}
