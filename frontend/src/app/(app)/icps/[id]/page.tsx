import type { Metadata } from "next";
import { Profile } from "@/features/icps/profile";
import { icpQuery } from "@/features/icps/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "ICP" };

type Props = { params: Promise<{ id: string }> };

export default async function Page({ params }: Props) {
  const { id } = await params;
  const api = await serverApi();
  return (
    <Fetched of={[icpQuery(id, api)]}>
      <Profile id={id} />
    </Fetched>
  );
}
