import type { Metadata } from "next";
import { Approvals } from "@/features/approvals/approvals";
import { gateQuery, pendingQuery } from "@/features/approvals/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Approvals" };

type Props = { searchParams: Promise<{ view?: string; id?: string }> };

export default async function Page({ searchParams }: Props) {
  const { view, id = "" } = await searchParams;
  const api = await serverApi();
  return (
    <Fetched of={[pendingQuery(api), ...(id ? [gateQuery(id, api)] : [])]}>
      <Approvals
        view={view === "decided" ? "decided" : "waiting"}
        id={id}
        at={new Date().toISOString()}
      />
    </Fetched>
  );
}
