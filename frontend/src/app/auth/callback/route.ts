import { NextResponse, type NextRequest } from "next/server";
import { enter } from "@/features/auth/enter";
import { siteUrl } from "@/lib/env";
import { ownPath } from "@/lib/paths";
import { supabase } from "@/lib/supabase/server";

/** Back from a provider or a mailed link, with a code for a session. A failure has a page of its own. */
export async function GET(request: NextRequest) {
  const query = request.nextUrl.searchParams;
  const code = query.get("code");
  const next = query.get("next");
  if (!code)
    return problem(request, query.get("error_code") === "otp_expired" ? "expired" : "link");
  const { data, error } = await (await supabase()).auth.exchangeCodeForSession(code);
  if (error) {
    console.error("code_not_exchanged", error.code, error.status);
    return problem(request, error.status && error.status >= 500 ? "server" : "link");
  }
  try {
    const to = await enter(data.session.access_token, next ? ownPath(next) : null);
    return NextResponse.redirect(at(request, to));
  } catch (cause) {
    console.error("account_not_initialized", cause);
    return problem(request, "account");
  }
}

const problem = (request: NextRequest, what: string) =>
  NextResponse.redirect(at(request, `/auth/problem?what=${what}`));

function at(request: NextRequest, path: string) {
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host");
  const scheme =
    request.headers.get("x-forwarded-proto") ?? request.nextUrl.protocol.replace(":", "");
  return new URL(path, siteUrl() || `${scheme}://${host}`);
}
