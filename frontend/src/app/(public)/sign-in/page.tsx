import type { Metadata } from "next";
import Link from "next/link";
import { Beside } from "@/features/auth/beside";
import { AuthForm } from "@/features/auth/form";
import { GoogleButton } from "@/features/auth/google-button";
import { ownPath } from "@/lib/paths";
import { link } from "@/ui/bits";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<{ redirect?: string }> };

export default async function SignIn({ searchParams }: Props) {
  const { redirect } = await searchParams;
  const wanted = redirect ? ownPath(redirect) : "";
  return (
    <>
      <Beside title="Marketing that starts from what is true.">
        <p>Your evidence, your plan and this week’s work are where you left them.</p>
      </Beside>
      <div>
        <GoogleButton wanted={wanted} />
        <AuthForm kind="sign-in" wanted={wanted} />
        <p className="mt-6 flex justify-between text-small text-ink-2">
          <Link className={link} href="/forgotten">
            Forgotten password
          </Link>
          <Link className={link} href="/sign-up">
            Make an account
          </Link>
        </p>
      </div>
    </>
  );
}
