"use client";
import { useEffect } from "react";
import { toast, Toaster } from "sonner";
import { toastsAreThere } from "@/lib/toast";

export default function ToastsPanel() {
  // After the effects of the Toaster below, which listens from then on.
  useEffect(() => toastsAreThere(toast), []);
  return (
    <Toaster
      position="bottom-center"
      offset={{ bottom: 24 }}
      mobileOffset={{ bottom: 76 }}
      toastOptions={{
        className:
          "!font-sans !text-body !bg-ink !text-on-ink !border-0 !rounded-control !shadow-lift",
      }}
    />
  );
}
