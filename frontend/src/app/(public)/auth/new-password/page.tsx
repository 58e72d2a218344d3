import type { Metadata } from "next";
import { Beside } from "@/features/auth/beside";
import { AuthForm } from "@/features/auth/form";

export const metadata: Metadata = { title: "New password" };

export default function NewPassword() {
  return (
    <>
      <Beside title="Choose a new password.">
        <p>Your other devices are signed out when you save it.</p>
      </Beside>
      <AuthForm kind="new-password" />
    </>
  );
}
