import type { Metadata } from "next";
import { Keys } from "@/features/settings/keys";
import { keysQuery } from "@/features/settings/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "API keys" };

export default async function KeysPage() {
  return (
    <Fetched of={[keysQuery(await serverApi())]}>
      <Keys />
    </Fetched>
  );
}
