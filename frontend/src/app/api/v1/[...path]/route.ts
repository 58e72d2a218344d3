import { NextResponse, type NextRequest } from "next/server";
import { apiUrl, siteUrl } from "@/lib/env";
import { sessionOf } from "@/lib/supabase/request";

export const dynamic = "force-dynamic";

const SENT = ["content-type", "accept", "idempotency-key", "if-match", "last-event-id"];
const GIVEN = [
  "content-type",
  "content-disposition",
  "etag",
  "retry-after",
  "ratelimit",
  "x-request-id",
];

/** Same origin, session cookie to bearer: tokens stay on the server, streams pass through as they come. */
async function forward(request: NextRequest) {
  const writes = !["GET", "HEAD"].includes(request.method);
  if (writes && !isOwnPage(request))
    return problem(403, "foreign_origin", "This request did not come from a page of Raptorflow.");
  const { token, set } = await sessionOf(request);
  const headers = picked(request.headers, SENT);
  if (token) headers.set("authorization", `Bearer ${token}`);
  const { pathname, search } = request.nextUrl;
  const init: RequestInit & { duplex?: "half" } = {
    method: request.method,
    headers,
    signal: request.signal,
    redirect: "manual",
    cache: "no-store",
  };
  if (writes && request.body) Object.assign(init, { body: request.body, duplex: "half" });
  let answer: Response;
  try {
    answer = await fetch(new URL(pathname + search, apiUrl()), init);
  } catch (error) {
    if (request.signal.aborted) return new Response(null, { status: 499 });
    console.error("api_unreachable", pathname, error);
    return problem(503, "api_unreachable", "Raptorflow's server does not answer at the moment.");
  }
  const out = picked(answer.headers, GIVEN);
  out.set("cache-control", "private, no-store");
  out.set("x-accel-buffering", "no");
  const response = new NextResponse(answer.body, { status: answer.status, headers: out });
  for (const { name, value, options } of set) response.cookies.set(name, value, options);
  return response;
}

/** A browser says on every write where it comes from; another site's page is refused. */
function isOwnPage(request: NextRequest) {
  const origin = request.headers.get("origin");
  if (!origin) return request.headers.get("sec-fetch-site") === "same-origin";
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host");
  return origin === siteUrl() || (URL.canParse(origin) && new URL(origin).host === host);
}

const picked = (from: Headers, names: string[]) => {
  const found = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value) found.set(name, value);
  }
  return found;
};

const problem = (status: number, code: string, detail: string) =>
  NextResponse.json(
    { status, code, detail },
    { status, headers: { "content-type": "application/problem+json" } },
  );

export { forward as GET, forward as POST, forward as PUT, forward as PATCH, forward as DELETE };
