import type { Metadata } from "next";
import { Fill } from "@/features/muse/fill";
import { templateQuery } from "@/features/muse/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Template" };

type Props = { params: Promise<{ id: string }> };

export default async function TemplatePage({ params }: Props) {
  const { id } = await params;
  const api = await serverApi();
  return (
    <Fetched of={[templateQuery(id, api)]}>
      <Fill id={id} />
    </Fetched>
  );
}
