import { clsx, type ClassValue } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

// Told our text sizes, else it takes `text-small` for a colour and drops it beside `text-ink`.
const merge = extendTailwindMerge({
  extend: { theme: { text: ["micro", "small", "body", "read", "h4", "h3", "h2", "h1"] } },
});

export const cn = (...values: ClassValue[]) => merge(clsx(values));
