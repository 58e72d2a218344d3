import type { Metadata } from "next";
import { YourData } from "@/features/settings/data";
import { calendarLinksQuery } from "@/features/settings/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Your data" };

export default async function DataPage() {
  return (
    <Fetched of={[calendarLinksQuery(await serverApi())]}>
      <YourData />
    </Fetched>
  );
}
