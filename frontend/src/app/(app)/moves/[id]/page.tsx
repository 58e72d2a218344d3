import type { Metadata } from "next";
import { Move } from "@/features/moves/move";
import { moveQuery } from "@/features/moves/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Move" };

type Props = { params: Promise<{ id: string }> };

export default async function MovePage({ params }: Props) {
  const { id } = await params;
  const api = await serverApi();
  return (
    <Fetched of={[moveQuery(id, api)]}>
      <Move id={id} at={new Date().toISOString()} />
    </Fetched>
  );
}
