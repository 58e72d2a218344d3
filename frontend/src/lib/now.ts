"use client";
import { useEffect, useState } from "react";

/** The present, to the minute; starts at the moment the server rendered with. */
export function useNow(at: string): Date {
  const [now, setNow] = useState(() => new Date(at));
  useEffect(() => {
    const tick = () => setNow(new Date());
    const timer = setInterval(tick, 30_000);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, []);
  return now;
}
