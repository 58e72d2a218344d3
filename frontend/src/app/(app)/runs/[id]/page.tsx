import type { Metadata } from "next";
import { runQuery } from "@/features/runs/queries";
import { Trace } from "@/features/runs/trace";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Run" };

type Props = { params: Promise<{ id: string }> };

export default async function Page({ params }: Props) {
  const { id } = await params;
  const api = await serverApi();
  return (
    <Fetched of={[runQuery(id, api)]}>
      <Trace id={id} />
    </Fetched>
  );
}
