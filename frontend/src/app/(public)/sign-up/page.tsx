import type { Metadata } from "next";
import Link from "next/link";
import { Beside } from "@/features/auth/beside";
import { AuthForm } from "@/features/auth/form";
import { GoogleButton } from "@/features/auth/google-button";
import { link } from "@/ui/bits";

export const metadata: Metadata = { title: "Make an account" };

export default function SignUp() {
  return (
    <>
      <Beside title="Bring a deck. Leave with a week.">
        <p>
          Drop what says what you do. In half an hour you have a checked picture of the business,
          the customers worth winning, and seven days of work in your own words.
        </p>
      </Beside>
      <div>
        <GoogleButton wanted="" />
        <AuthForm kind="sign-up" />
        <p className="mt-6 text-small text-ink-2">
          You have one already?{" "}
          <Link className={link} href="/sign-in">
            Sign in
          </Link>
        </p>
      </div>
    </>
  );
}
