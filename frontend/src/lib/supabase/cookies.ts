import type { CookieOptions } from "@supabase/ssr";

/** The session never reaches JavaScript of a page, and travels over TLS wherever the page does. */
export const safe = (options: CookieOptions, secure: boolean): CookieOptions => ({
  ...options,
  httpOnly: true,
  sameSite: "lax",
  path: "/",
  secure,
});

export const isSecure = (headers: Headers, url: URL) =>
  (headers.get("x-forwarded-proto") ?? url.protocol.replace(":", "")) === "https";
