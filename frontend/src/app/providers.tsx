"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { useState } from "react";
import { Toaster } from "sonner";
import { ApiError } from "@/lib/api/errors";

/** Only a failure that may pass by itself is worth asking again. */
const mayPass = (error: unknown) =>
  !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

const makeClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (times, error) => times < 1 && mayPass(error),
      },
      mutations: { networkMode: "always" },
    },
  });

export function Providers({ children, nonce }: { children: React.ReactNode; nonce?: string }) {
  const [client] = useState(makeClient);
  return (
    <QueryClientProvider client={client}>
      <ThemeProvider
        attribute="class"
        defaultTheme="system"
        disableTransitionOnChange
        {...(nonce ? { nonce } : {})}
      >
        {children}
        <Toaster
          position="bottom-center"
          offset={{ bottom: 24 }}
          mobileOffset={{ bottom: 76 }}
          toastOptions={{
            className:
              "!font-sans !text-body !bg-ink !text-on-ink !border-0 !rounded-control !shadow-lift",
          }}
        />
      </ThemeProvider>
    </QueryClientProvider>
  );
}
