"use client";
import { usePathname } from "next/navigation";
import { PageHead } from "@/ui/bits";
import { Tabs } from "@/ui/tabs";

const TABS = [
  { href: "/settings", name: "You" },
  { href: "/settings/feeds", name: "Feeds" },
  { href: "/settings/keys", name: "API keys" },
  { href: "/settings/webhooks", name: "Webhooks" },
  { href: "/settings/data", name: "Your data" },
  { href: "/settings/log", name: "Log" },
];

/** The head and the views that the pages of Settings share. */
export function Frame({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <>
      <PageHead trail="Settings" title={title} lead={lead} />
      <Tabs label="Settings" here={usePathname()} tabs={TABS} />
      <div className="pt-10">{children}</div>
    </>
  );
}
