"use client";
import { useQuery } from "@tanstack/react-query";
import { pendingQuery } from "@/features/approvals/queries";

/** What stands beside the names of places. */
export function useCounts() {
  const { data } = useQuery({ ...pendingQuery(), refetchOnWindowFocus: true });
  return { approvals: data?.total ?? 0 };
}
