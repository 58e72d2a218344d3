import type { Metadata } from "next";
import { memoryQuery, preferencesQuery } from "@/features/settings/queries";
import { Settings } from "@/features/settings/settings";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Settings" };

export default async function Page() {
  const api = await serverApi();
  return (
    <Fetched of={[preferencesQuery(api), memoryQuery("", api)]}>
      <Settings />
    </Fetched>
  );
}
