import type { Metadata } from "next";
import { runningQuery } from "@/features/moves/queries";
import { winsQuery } from "@/features/today/queries";
import { Today } from "@/features/today/today";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Today" };

export default async function TodayPage() {
  const api = await serverApi();
  return (
    <Fetched of={[runningQuery(api), winsQuery(api)]}>
      <Today at={new Date().toISOString()} />
    </Fetched>
  );
}
