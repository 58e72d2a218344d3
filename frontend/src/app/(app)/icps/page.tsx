import type { Metadata } from "next";
import { Cards } from "@/features/icps/cards";
import { icpsQuery } from "@/features/icps/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "ICPs" };

export default async function Page() {
  const api = await serverApi();
  return (
    <Fetched of={[icpsQuery(api)]}>
      <Cards />
    </Fetched>
  );
}
