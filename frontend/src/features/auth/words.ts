const SENTENCES: Record<string, string> = {
  invalid_credentials: "That email and password do not match.",
  email_not_confirmed: "This address is not confirmed yet. Open the link we mailed to you.",
  user_already_exists: "There is an account with this address already. Sign in instead.",
  email_exists: "There is an account with this address already. Sign in instead.",
  weak_password: "This password is too short or too common. Eight characters or more, please.",
  same_password: "This is your present password. Choose another one.",
  validation_failed: "The address or the password has a form that cannot be used.",
  signup_disabled: "New accounts are not open at the moment.",
  user_banned: "This account has been closed. Write to us if that is a mistake.",
  session_not_found: "The link has been used or is too old. Ask for a new one.",
};

/** Why Supabase or the local issuer refused, in our words. */
export function sentenceOf(code: string | undefined, status: number | undefined): string {
  if (status === 429) return "Too many tries.";
  if (code && SENTENCES[code]) return SENTENCES[code];
  if (!status || status >= 500)
    return "Sign-in does not answer at the moment. Nothing was changed.";
  return "That did not work. Check the address and the password.";
}

/** The page that a failed way back leads to. */
export const PROBLEMS = {
  expired: {
    title: "This link is too old.",
    text: "Links from our mails work for an hour, and only once. Ask for a new one and open it soon.",
    act: "Ask for a new link",
    href: "/forgotten",
  },
  link: {
    title: "This link did not sign you in.",
    text: "It has been used already, or it was opened in another browser than the one that asked for it.",
    act: "Sign in again",
    href: "/sign-in",
  },
  account: {
    title: "You are signed in, but your workspace did not open.",
    text: "Our side did not answer while it was being prepared. Nothing is lost; trying again is safe.",
    act: "Try again",
    href: "/auth/continue",
  },
  provider: {
    title: "Google sign-in is not available.",
    text: "It is not set up here, or Google did not answer. Email and password work.",
    act: "Sign in with email",
    href: "/sign-in",
  },
  server: {
    title: "Sign-in did not answer.",
    text: "This is on our side. The link may still work in a minute.",
    act: "Sign in again",
    href: "/sign-in",
  },
} as const;
