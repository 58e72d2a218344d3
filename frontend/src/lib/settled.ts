"use client";
import { useEffect, useState } from "react";

/** A value once it has rested for `ms`, so that typing does not ask at each letter. */
export function useSettled(value: string, ms = 400): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
