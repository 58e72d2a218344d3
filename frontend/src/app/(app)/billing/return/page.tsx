import type { Metadata, Route } from "next";
import { redirect } from "next/navigation";
import { Returned } from "@/features/billing/returned";

export const metadata: Metadata = { title: "Payment" };

type Props = { searchParams: Promise<{ payment_id?: string }> };

export default async function ReturnPage({ searchParams }: Props) {
  const { payment_id: id } = await searchParams;
  if (!id) redirect("/billing/plans" as Route);
  return <Returned id={id} />;
}
