import type { Metadata } from "next";
import Link from "next/link";
import { Beside } from "@/features/auth/beside";
import { AuthForm } from "@/features/auth/form";
import { link } from "@/ui/bits";

export const metadata: Metadata = { title: "Forgotten password" };

export default function Forgotten() {
  return (
    <>
      <Beside title="A new password.">
        <p>Tell us your address and we mail you a link. Nothing changes until you use it.</p>
      </Beside>
      <div>
        <AuthForm kind="forgotten" />
        <p className="mt-6 text-small">
          <Link className={link} href="/sign-in">
            Back to sign in
          </Link>
        </p>
      </div>
    </>
  );
}
