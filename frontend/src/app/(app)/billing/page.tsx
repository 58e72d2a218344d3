import type { Route } from "next";
import { redirect } from "next/navigation";

export default function BillingPage() {
  redirect("/billing/plans" as Route);
}
