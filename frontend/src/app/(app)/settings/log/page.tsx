import type { Metadata } from "next";
import { Log } from "@/features/settings/log";
import type { Actor } from "@/features/settings/queries";

export const metadata: Metadata = { title: "Log" };

type Props = { searchParams: Promise<{ actor?: string }> };

const ACTORS = ["user", "key", "agent"];

export default async function LogPage({ searchParams }: Props) {
  const { actor } = await searchParams;
  return <Log actor={ACTORS.includes(actor ?? "") ? (actor as Actor) : null} />;
}
