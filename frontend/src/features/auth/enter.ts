import "server-only";
import { apiUrl } from "@/lib/env";
import { ownPath } from "@/lib/paths";

type Me = { onboarding: { status: string } | null };

/**
 * Where somebody who has just signed in goes: the account is always initialised first (a sign-up's triggers
 * may not have run), then the onboarding while it is in progress, else where they wanted to go.
 * Throws when the API does not answer or refuses.
 */
export async function enter(token: string, wanted?: string | null): Promise<string> {
  const call = async (path: string, method: string) => {
    const answer = await fetch(new URL(path, apiUrl()), {
      method,
      headers: { authorization: `Bearer ${token}` },
      cache: "no-store",
      signal: AbortSignal.timeout(15_000),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json() as Promise<unknown>;
  };
  await call("/api/v1/auth/initialize", "POST");
  const me = (await call("/api/v1/auth/me", "GET")) as Me;
  return me.onboarding?.status === "in_progress" && !wanted ? "/onboarding" : ownPath(wanted);
}
