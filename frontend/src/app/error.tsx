"use client";
import { Button } from "@/ui/button";

export default function Failed({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <main className="mx-auto grid min-h-[70dvh] max-w-[38rem] content-center px-5 py-16">
      <h1 className="font-serif text-h2">This page failed to open.</h1>
      <p className="mt-3 font-serif text-read text-ink-2">
        Nothing was changed. Opening it again is safe.
      </p>
      <div className="mt-6">
        <Button kind="solid" onClick={reset}>
          Open it again
        </Button>
      </div>
      {error.digest ? (
        <p className="mt-6 text-micro text-ink-3 figures">Trace {error.digest}</p>
      ) : null}
    </main>
  );
}
