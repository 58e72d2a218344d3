"use client";
import { useActionState } from "react";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { useCountdown } from "@/ui/notes";
import { forgotten, newPassword, signIn, signUp, type Outcome } from "./actions";

const KINDS = {
  "sign-in": { action: signIn, yes: "Sign in" },
  "sign-up": { action: signUp, yes: "Make an account" },
  forgotten: { action: forgotten, yes: "Send me a link" },
  "new-password": { action: newPassword, yes: "Use this password" },
} as const;

/** The four forms around an account. Works before the page's scripts have come. */
export function AuthForm({ kind, wanted = "" }: { kind: keyof typeof KINDS; wanted?: string }) {
  const { action, yes } = KINDS[kind];
  const [outcome, submit, busy] = useActionState<Outcome, FormData>(action, {});
  if (outcome.done)
    return (
      <p role="status" className="border-l-[3px] border-mor bg-mor-wash px-4 py-3.5 text-body">
        {outcome.done}
      </p>
    );
  const fresh = kind === "sign-up" || kind === "new-password";
  return (
    <form action={submit} className="space-y-4">
      <input type="hidden" name="redirect" value={wanted} />
      {outcome.error ? (
        <p role="alert" className="border-l-[3px] border-madder bg-madder-wash px-4 py-3 text-body">
          {outcome.error}
        </p>
      ) : null}
      {kind === "sign-up" ? (
        <TextField label="Your name" name="name" autoComplete="name" maxLength={200} />
      ) : null}
      {kind === "new-password" ? null : (
        <TextField
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          inputMode="email"
          required
          maxLength={320}
          defaultValue={outcome.email ?? ""}
        />
      )}
      {kind === "forgotten" ? null : (
        <TextField
          label={fresh ? "Choose a password" : "Password"}
          name="password"
          type="password"
          autoComplete={fresh ? "new-password" : "current-password"}
          required
          {...(fresh ? { minLength: 8, hint: "Eight characters or more." } : {})}
        />
      )}
      <Submit key={outcome.wait ?? 0} wait={outcome.wait ?? 0} busy={busy} yes={yes} />
    </form>
  );
}

function Submit({ wait, busy, yes }: { wait: number; busy: boolean; yes: string }) {
  const left = useCountdown(wait);
  return (
    <Button kind="solid" size="l" wide="always" type="submit" busy={busy} disabled={left > 0}>
      {left > 0 ? `Try again in ${left} s` : yes}
    </Button>
  );
}
