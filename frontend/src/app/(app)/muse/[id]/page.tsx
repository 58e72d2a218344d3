import type { Metadata } from "next";
import { Draft } from "@/features/muse/draft";
import { assetQuery } from "@/features/muse/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "A piece" };

type Props = {
  params: Promise<{ id: string }>;
  searchParams: Promise<{ with?: string; view?: string }>;
};

export default async function PiecePage({ params, searchParams }: Props) {
  const api = await serverApi();
  const { id } = await params;
  const { with: others, view } = await searchParams;
  return (
    <Fetched of={[assetQuery(id, api)]}>
      <Draft
        id={id}
        beside={others ? others.split(",").slice(0, 2) : []}
        view={view === "changes" ? "changes" : "text"}
      />
    </Fetched>
  );
}
