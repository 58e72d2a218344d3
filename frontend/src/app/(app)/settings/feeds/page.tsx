import type { Metadata } from "next";
import { Feeds } from "@/features/settings/feeds";
import { feedsQuery, morningQuery } from "@/features/settings/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Feeds" };

export default async function FeedsPage() {
  const api = await serverApi();
  return (
    <Fetched of={[feedsQuery(api), morningQuery(api)]}>
      <Feeds />
    </Fetched>
  );
}
