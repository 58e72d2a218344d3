import "server-only";
import {
  dehydrate,
  HydrationBoundary,
  QueryClient,
  type FetchQueryOptions,
  type QueryKey,
} from "@tanstack/react-query";
import { headers } from "next/headers";
import createClient from "openapi-fetch";
import { cache, createElement } from "react";
import { gzipSync } from "node:zlib";
import { apiUrl } from "@/lib/env";
import { accessToken } from "@/lib/supabase/server";
import type { Api, Read } from "./client";
import type { paths } from "@/lib/api/schema";

/** The API as the person who asks for the page; one for each request. */
export const serverApi = cache(async (): Promise<Api> => {
  const token = await accessToken();
  await headers();
  return createClient<paths, Read>({
    baseUrl: apiUrl(),
    cache: "no-store",
    ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}),
  });
});

const LONGEST_MS = 4_000;
/** Gzip. Data stands twice in a page, as text and as what the browser goes on with; a page has 15 KB in all. */
const MOST_BYTES = 5_000;

/**
 * `<Fetched of={[a, b]}>`: the first data of a page, ready in its HTML. A query that fails, dawdles or is too
 * heavy here is asked again by the browser, which shows what went wrong.
 */
export async function Fetched({
  of,
  children,
}: {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- queries of any data side by side
  of: FetchQueryOptions<any, any, any, any>[];
  children: React.ReactNode;
}) {
  const client = new QueryClient();
  const all = Promise.all(of.map((query) => client.prefetchQuery({ ...query, retry: false })));
  await Promise.race([all, new Promise((done) => setTimeout(done, LONGEST_MS))]);
  return createElement(HydrationBoundary, { state: dehydrate(light(client, of)) }, children);
}

/** Without the queries that come after the page is full; those named first stay. */
function light(client: QueryClient, of: { queryKey: QueryKey }[]) {
  let room = MOST_BYTES;
  for (const { queryKey } of of) {
    const data = client.getQueryData(queryKey);
    if (data === undefined) continue;
    const bytes = gzipSync(JSON.stringify(data)).length;
    if (bytes > room) client.removeQueries({ queryKey, exact: true });
    else room -= bytes;
  }
  return client;
}
