import type { Route } from "next";
import { redirect } from "next/navigation";
import { enter } from "@/features/auth/enter";
import { accessToken } from "@/lib/supabase/server";

/** Try once more to open the workspace of somebody who is signed in. */
export async function GET() {
  const token = await accessToken();
  if (!token) redirect("/sign-in");
  const to = await enter(token).catch((cause: unknown) => {
    console.error("account_not_initialized", cause);
    return "/auth/problem?what=account";
  });
  redirect(to as Route);
}
