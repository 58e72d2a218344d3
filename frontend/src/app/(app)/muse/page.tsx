import type { Metadata } from "next";
import { Library } from "@/features/muse/library";
import { assetsQuery, type Filter, type Status } from "@/features/muse/queries";
import { STATUSES } from "@/features/muse/words";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Muse" };

type Props = { searchParams: Promise<{ status?: string }> };

export default async function MusePage({ searchParams }: Props) {
  const api = await serverApi();
  const { status } = await searchParams;
  const filter: Filter = status && status in STATUSES ? { status: status as Status } : {};
  return (
    <Fetched of={[assetsQuery(filter, api)]}>
      <Library filter={filter} />
    </Fetched>
  );
}
