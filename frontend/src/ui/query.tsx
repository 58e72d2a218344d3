"use client";
import type { UseQueryResult } from "@tanstack/react-query";
import { ErrorNote, Skeleton } from "./notes";

/** The four states of a read in one place: waiting, failed, there; `children` decides what empty means. */
export function Shown<T>({
  query,
  wait,
  children,
}: {
  query: UseQueryResult<T>;
  wait?: React.ReactNode;
  children: (data: T) => React.ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorNote error={query.error} retry={() => void query.refetch()} />;
  return <>{wait ?? <Skeleton />}</>;
}
