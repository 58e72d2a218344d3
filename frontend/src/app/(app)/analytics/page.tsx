import type { Metadata } from "next";
import { Analytics } from "@/features/analytics/analytics";
import { reportQuery } from "@/features/analytics/queries";
import { periodOf, sideOf, spanOf } from "@/features/analytics/words";
import { Fetched, serverApi } from "@/lib/api/server";
import { isoDay } from "@/lib/format";

export const metadata: Metadata = { title: "Analytics" };

type Props = { searchParams: Promise<{ days?: string; by?: string }> };

export default async function AnalyticsPage({ searchParams }: Props) {
  const { days, by } = await searchParams;
  const now = new Date();
  const span = spanOf(days);
  const api = await serverApi();
  return (
    <Fetched of={[reportQuery(periodOf(span, isoDay(now)), api)]}>
      <Analytics at={now.toISOString()} span={span} side={sideOf(by)} />
    </Fetched>
  );
}
