import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";
import type { paths } from "@/lib/api/schema";
import type { Period, Side } from "./words";

type Raw = Schemas["Analytics"];
/** Zeros have a default in the API's types; they are always sent. */
type Sent<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };
export type Group = Sent<Raw["by_channel"][number]>;
export type Report = Omit<Raw, "metrics" | "by_week" | `by_${Side}`> & {
  metrics: Sent<Raw["metrics"]>;
  by_week: Sent<Raw["by_week"][number]>[];
} & Record<`by_${Side}`, Group[]>;
export type Insight = Raw["insights"][number];
export type Counts = Pick<Group, "planned" | "done" | "skipped" | "missed" | "open">;
export type Reported = Schemas["ReportedTask"];

/** A period counted; both days included. */
export const reportQuery = ({ first, last }: Period, on = api) =>
  queryOptions({
    queryKey: ["analytics", first, last],
    queryFn: () =>
      take(on.GET("/api/v1/analytics", { params: { query: { first, last } } })).then(
        (r) => r.analytics as Report,
      ),
  });

type Wanted = NonNullable<paths["/api/v1/analytics/tasks"]["get"]["parameters"]["query"]>;

/** The tasks behind a figure, a page at a time; `search` is the filter as an insight gives it. */
export const behindQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ["analytics", "tasks", search],
    queryFn: ({ pageParam }) => {
      const query = Object.fromEntries(new URLSearchParams(search)) as Wanted;
      return take(
        api.GET("/api/v1/analytics/tasks", {
          params: { query: { ...query, limit: 20, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      );
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || null,
  });
