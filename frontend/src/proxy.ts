import { NextResponse, type NextRequest } from "next/server";
import { sessionOf } from "@/lib/supabase/request";

/** Everything behind these needs somebody signed in; the API judges, this only saves a detour. */
const open = /^\/($|sign-in|sign-up|forgotten|auth\/)/;

const policy = (nonce: string, dev: boolean) =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    `connect-src 'self'${dev ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");

export async function proxy(request: NextRequest) {
  const { token, set } = await sessionOf(request);
  const { pathname, search } = request.nextUrl;
  const csp = policy(btoa(crypto.randomUUID()), process.env.NODE_ENV === "development");
  const nonce = /'nonce-([^']+)'/.exec(csp)?.[1] ?? "";
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", csp);
  const response =
    token || open.test(pathname)
      ? NextResponse.next({ request: { headers } })
      : NextResponse.redirect(
          new URL(`/sign-in?redirect=${encodeURIComponent(pathname + search)}`, request.url),
        );
  response.headers.set("content-security-policy", csp);
  if (set.length) response.headers.set("cache-control", "private, no-store");
  for (const { name, value, options } of set) response.cookies.set(name, value, options);
  return response;
}

// /api/ stays outside: this file would cut bodies at 10 MB.
export const config = {
  matcher: [
    {
      source: "/((?!api/|_next/|icon.svg|.*\\.webmanifest).*)",
      missing: [{ type: "header", key: "next-router-prefetch" }],
    },
  ],
};
