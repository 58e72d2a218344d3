import type { Metadata } from "next";
import { endpointsQuery } from "@/features/settings/queries";
import { Webhooks } from "@/features/settings/webhooks";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Webhooks" };

export default async function WebhooksPage() {
  return (
    <Fetched of={[endpointsQuery(await serverApi())]}>
      <Webhooks />
    </Fetched>
  );
}
