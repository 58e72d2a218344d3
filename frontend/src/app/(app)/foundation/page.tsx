import type { Metadata } from "next";
import { Foundation } from "@/features/foundation/foundation";
import { foundationQuery, truthQuery } from "@/features/foundation/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Foundation" };

type Props = { searchParams: Promise<{ part?: string; field?: string }> };

export default async function Page({ searchParams }: Props) {
  const { part, field } = await searchParams;
  const api = await serverApi();
  return (
    <Fetched of={[foundationQuery(api), ...(part === "truth" ? [truthQuery(api)] : [])]}>
      <Foundation part={part ?? "company"} field={field ?? ""} />
    </Fetched>
  );
}
