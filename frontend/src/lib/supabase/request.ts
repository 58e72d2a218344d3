import "server-only";
import { createServerClient } from "@supabase/ssr";
import type { NextRequest } from "next/server";
import { supabaseKey, supabaseUrl } from "@/lib/env";
import { isSecure, safe } from "./cookies";
import { sharedRefresh } from "./shared-refresh";

type Cookie = { name: string; value: string; options: ReturnType<typeof safe> };

/** The session of a request, refreshed when it is about to end; `set` are cookies for the answer. */
export async function sessionOf(request: NextRequest) {
  const set: Cookie[] = [];
  const secure = isSecure(request.headers, request.nextUrl);
  const db = createServerClient(supabaseUrl(), supabaseKey(), {
    global: { fetch: sharedRefresh },
    cookies: {
      getAll: () => request.cookies.getAll(),
      setAll(list) {
        for (const { name, value, options } of list) {
          request.cookies.set(name, value);
          set.push({ name, value, options: safe(options, secure) });
        }
      },
    },
  });
  const { data } = await db.auth.getSession();
  return { token: data.session?.access_token ?? null, set };
}
