"use client";
import { usePathname } from "next/navigation";
import { PageHead } from "@/ui/bits";
import { Tabs } from "@/ui/tabs";

const TABS = [
  { href: "/billing/plans", name: "Plans" },
  { href: "/billing/usage", name: "Usage" },
  { href: "/billing/invoices", name: "Invoices" },
  { href: "/billing/history", name: "History" },
];

/** The head and the views that the pages of Billing share. */
export function Frame({
  title,
  lead,
  children,
}: {
  title: React.ReactNode;
  lead?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <>
      <PageHead trail="Billing" title={title} lead={lead} />
      <Tabs label="Billing" here={usePathname()} tabs={TABS} />
      {children}
    </>
  );
}
