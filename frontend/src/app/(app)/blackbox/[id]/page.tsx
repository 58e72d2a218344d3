import type { Metadata } from "next";
import { Play } from "@/features/blackbox/play";
import { strategyQuery } from "@/features/blackbox/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "A play" };

type Props = { params: Promise<{ id: string }> };

export default async function PlayPage({ params }: Props) {
  const api = await serverApi();
  const { id } = await params;
  return (
    <Fetched of={[strategyQuery(id, api)]}>
      <Play id={id} />
    </Fetched>
  );
}
