import "server-only";
import { cache } from "react";
import { supabaseKey, supabaseUrl } from "@/lib/env";

/** Whether the auth server offers Google; false when it does not answer. */
export const offersGoogle = cache(async (): Promise<boolean> => {
  try {
    const answer = await fetch(new URL("/auth/v1/settings", supabaseUrl()), {
      headers: { apikey: supabaseKey() },
      next: { revalidate: 300 },
      signal: AbortSignal.timeout(2_000),
    });
    const { external } = (await answer.json()) as { external?: { google?: boolean } };
    return external?.google === true;
  } catch {
    return false;
  }
});
