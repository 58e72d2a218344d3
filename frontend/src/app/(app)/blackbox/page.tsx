import type { Metadata } from "next";
import { Plays } from "@/features/blackbox/list";
import { strategiesQuery } from "@/features/blackbox/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Blackbox" };

export default async function BlackboxPage() {
  const api = await serverApi();
  return (
    <Fetched of={[strategiesQuery(api)]}>
      <Plays />
    </Fetched>
  );
}
