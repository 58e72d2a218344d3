"use client";
import type { Route } from "next";
import Link from "next/link";
import { useEffect, useState, useSyncExternalStore } from "react";
import { SESSION_ENDED } from "@/lib/api/client";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/layer";

/** A session that ended in the middle of something: what was typed is kept, and one comes back to it. */
export function SessionEnded() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const show = () => setOpen(true);
    window.addEventListener(SESSION_ENDED, show);
    return () => window.removeEventListener(SESSION_ENDED, show);
  }, []);
  const back = open ? encodeURIComponent(location.pathname + location.search) : "";
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="You were signed out"
      lead="What you were writing is kept. Sign in, and you come back to this page."
    >
      <Button kind="solid" size="l" asChild>
        <Link href={`/sign-in?redirect=${back}` as Route} onClick={() => setOpen(false)}>
          Sign in again
        </Link>
      </Button>
    </Dialog>
  );
}

const onLine = (changed: () => void) => {
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
  };
};

/** A line at the top while there is no connection. */
export function Offline() {
  const there = useSyncExternalStore(
    onLine,
    () => navigator.onLine,
    () => true,
  );
  if (there) return null;
  return (
    <p
      role="status"
      className="fixed inset-x-0 top-0 z-50 bg-genda-wash px-5 py-1.5 text-center text-small text-ink"
    >
      There is no connection. You can read what is here; what you change will not be saved.
    </p>
  );
}
