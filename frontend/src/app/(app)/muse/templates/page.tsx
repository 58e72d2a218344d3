import type { Metadata } from "next";
import { templatesQuery } from "@/features/muse/queries";
import { Templates } from "@/features/muse/templates";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Templates" };

export default async function TemplatesPage() {
  const api = await serverApi();
  return (
    <Fetched of={[templatesQuery(api)]}>
      <Templates />
    </Fetched>
  );
}
