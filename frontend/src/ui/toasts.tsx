"use client";
import { lazy, Suspense, useEffect, useState } from "react";
import { onFirstToast } from "@/lib/toast";
import { warm } from "@/lib/warm";

const Panel = lazy(warm(() => import("./toasts-panel")));

/** Where toasts come up: nothing until the first one is said. */
export function Toasts() {
  const [wanted, setWanted] = useState(false);
  useEffect(() => onFirstToast(() => setWanted(true)), []);
  return wanted ? (
    <Suspense>
      <Panel />
    </Suspense>
  ) : null;
}
