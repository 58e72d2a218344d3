import "server-only";
import { createServerClient } from "@supabase/ssr";
import { cookies, headers } from "next/headers";
import { supabaseKey, supabaseUrl } from "@/lib/env";
import { isSecure, safe } from "./cookies";
import { sharedRefresh } from "./shared-refresh";

/** Supabase for server actions and route handlers, which may set cookies; pages may only read. */
export async function supabase() {
  const jar = await cookies();
  const head = await headers();
  const secure = isSecure(head, new URL("http://internal"));
  return createServerClient(supabaseUrl(), supabaseKey(), {
    global: { fetch: sharedRefresh },
    cookies: {
      getAll: () => jar.getAll(),
      setAll(list) {
        try {
          for (const { name, value, options } of list) jar.set(name, value, safe(options, secure));
        } catch {
          // A page is being rendered: proxy.ts has refreshed the session before it.
        }
      },
    },
  });
}

/** The access token of the session, or null. Only the API judges it. */
export async function accessToken(): Promise<string | null> {
  const { data } = await (await supabase()).auth.getSession();
  return data.session?.access_token ?? null;
}
