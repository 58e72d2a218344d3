"use server";
import type { Route } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { siteUrl } from "@/lib/env";
import { ownPath } from "@/lib/paths";
import { supabase } from "@/lib/supabase/server";
import { enter } from "./enter";
import { sentenceOf } from "./words";

export type Outcome = {
  error?: string;
  /** Seconds until another try is allowed. */
  wait?: number;
  done?: string;
  email?: string;
};

const text = (form: FormData, name: string) => String(form.get(name) ?? "").trim();

async function origin() {
  const head = await headers();
  const scheme = head.get("x-forwarded-proto") ?? "http";
  return siteUrl() || `${scheme}://${head.get("x-forwarded-host") ?? head.get("host")}`;
}

async function goIn(token: string, wanted: string): Promise<Outcome> {
  let to: string;
  try {
    to = await enter(token, wanted || null);
  } catch (cause) {
    console.error("account_not_initialized", cause);
    to = "/auth/problem?what=account";
  }
  redirect(to as Route);
}

type AuthFailure = { code?: string | undefined; status?: number | undefined; message: string };

function refused(error: AuthFailure, email: string): Outcome {
  if (!error.status || error.status >= 500)
    console.error("sign_in_failed", error.code, error.message);
  const wait = error.status === 429 ? 60 : undefined;
  return { error: sentenceOf(error.code, error.status), email, ...(wait ? { wait } : {}) };
}

export async function signIn(_: Outcome, form: FormData): Promise<Outcome> {
  const email = text(form, "email");
  const { data, error } = await (
    await supabase()
  ).auth.signInWithPassword({ email, password: String(form.get("password") ?? "") });
  if (error) return refused(error, email);
  return goIn(data.session.access_token, text(form, "redirect"));
}

export async function signUp(_: Outcome, form: FormData): Promise<Outcome> {
  const email = text(form, "email");
  const name = text(form, "name");
  const { data, error } = await (
    await supabase()
  ).auth.signUp({
    email,
    password: String(form.get("password") ?? ""),
    options: {
      emailRedirectTo: `${await origin()}/auth/callback`,
      data: name ? { full_name: name } : {},
    },
  });
  if (error) return refused(error, email);
  if (!data.session)
    return { done: `We sent a link to ${email}. Open it on this device to go on.`, email };
  return goIn(data.session.access_token, "");
}

export async function forgotten(_: Outcome, form: FormData): Promise<Outcome> {
  const email = text(form, "email");
  const { error } = await (
    await supabase()
  ).auth.resetPasswordForEmail(email, {
    redirectTo: `${await origin()}/auth/callback?next=/auth/new-password`,
  });
  if (error) return refused(error, email);
  return { done: `If ${email} has an account, a link is on its way. It works for an hour.`, email };
}

export async function newPassword(_: Outcome, form: FormData): Promise<Outcome> {
  const { error } = await (
    await supabase()
  ).auth.updateUser({ password: String(form.get("password") ?? "") });
  if (error) return refused(error, "");
  redirect("/today");
}

export async function withGoogle(form: FormData): Promise<void> {
  const next = text(form, "redirect");
  const back = `${await origin()}/auth/callback${next ? `?next=${encodeURIComponent(ownPath(next))}` : ""}`;
  const { data, error } = await (
    await supabase()
  ).auth.signInWithOAuth({
    provider: "google",
    options: { redirectTo: back, skipBrowserRedirect: true },
  });
  redirect((error ? "/auth/problem?what=provider" : data.url) as Route);
}

export async function signOut(): Promise<void> {
  await (await supabase()).auth.signOut({ scope: "local" });
  redirect("/sign-in");
}
