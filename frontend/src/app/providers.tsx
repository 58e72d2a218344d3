"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { Toasts } from "@/ui/toasts";

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
        <Toasts />
      </ThemeProvider>
    </QueryClientProvider>
  );
}
