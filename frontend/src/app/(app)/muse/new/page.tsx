import type { Metadata } from "next";
import { icpsQuery } from "@/features/icps/queries";
import { Make } from "@/features/muse/make";
import type { Type } from "@/features/muse/queries";
import { TYPES } from "@/features/muse/words";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Write something" };

type Props = {
  searchParams: Promise<{ about?: string; type?: string; on?: string; move?: string }>;
};

export default async function WritePage({ searchParams }: Props) {
  const api = await serverApi();
  const { about, type, on, move } = await searchParams;
  return (
    <Fetched of={[icpsQuery(api)]}>
      <Make
        about={about ?? ""}
        type={type && type in TYPES ? (type as Type) : "social"}
        on={on ?? ""}
        move={move ?? ""}
      />
    </Fetched>
  );
}
