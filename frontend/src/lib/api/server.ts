import "server-only";
import {
  dehydrate,
  HydrationBoundary,
  QueryClient,
  type FetchQueryOptions,
} from "@tanstack/react-query";
import { headers } from "next/headers";
import createClient from "openapi-fetch";
import { cache, createElement } from "react";
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

/**
 * `<Fetched of={[a, b]}>`: the first data of a page, ready in its HTML. A query that fails or dawdles here is
 * asked again by the browser, which shows what went wrong.
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
  return createElement(HydrationBoundary, { state: dehydrate(client) }, children);
}
