import type { Route } from "next";
import { redirect } from "next/navigation";
import { sessionQuery } from "@/features/evidence/queries";
import { chapterOfStep } from "@/features/onboarding/words";
import { serverApi } from "@/lib/api/server";
import { QueryClient } from "@tanstack/react-query";

/** Where one left off: the chapter of the first step that is not done. */
export default async function Onboarding() {
  const api = await serverApi();
  const session = await new QueryClient().fetchQuery(sessionQuery(api)).catch(() => null);
  const open = session?.steps.find((s) => s.status === "not_started" || s.status === "stale");
  redirect(`/onboarding/${chapterOfStep(open?.step ?? (session ? 25 : 1)).slug}` as Route);
}
