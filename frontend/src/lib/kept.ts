"use client";
import { useEffect } from "react";
import type { FieldValues, UseFormReturn } from "react-hook-form";

const of = (name: string) => `raptorflow-kept-${name}`;

/** Keep what is typed into a form in this tab, through a reload or a sign-in, until `forget`. */
export function useKept<T extends FieldValues>(name: string, form: UseFormReturn<T>) {
  useEffect(() => {
    const kept = sessionStorage.getItem(of(name));
    if (kept)
      form.reset({ ...form.getValues(), ...(JSON.parse(kept) as T) }, { keepDefaultValues: true });
    const { unsubscribe } = form.watch((values) =>
      sessionStorage.setItem(of(name), JSON.stringify(values)),
    );
    return unsubscribe;
  }, [name, form]);
  return () => sessionStorage.removeItem(of(name));
}

/** The same for a single text. */
export const kept = {
  read: (name: string) =>
    typeof window === "undefined" ? "" : (sessionStorage.getItem(of(name)) ?? ""),
  write: (name: string, text: string) =>
    text ? sessionStorage.setItem(of(name), text) : sessionStorage.removeItem(of(name)),
};

export const forgetAll = () => {
  for (const key of Object.keys(sessionStorage))
    if (key.startsWith("raptorflow-kept-")) sessionStorage.removeItem(key);
};
