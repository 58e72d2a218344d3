import type { Metadata } from "next";
import { icpsQuery } from "@/features/icps/queries";
import { Make } from "@/features/moves/make";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Plan a move" };

export default async function NewMovePage() {
  const api = await serverApi();
  return (
    <Fetched of={[icpsQuery(api)]}>
      <Make />
    </Fetched>
  );
}
