"use client";
import { Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";

export function ThemeButton() {
  const { resolvedTheme, setTheme } = useTheme();
  return (
    <button
      type="button"
      aria-label="Switch between light and dark"
      onClick={() => setTheme(resolvedTheme === "dark" ? "light" : "dark")}
      className="grid size-9 place-items-center rounded-control text-ink-2 hover:bg-paper-2 hover:text-ink max-lg:size-11"
    >
      <Sun className="hidden size-4 dark:block" strokeWidth={1.6} aria-hidden />
      <Moon className="size-4 dark:hidden" strokeWidth={1.6} aria-hidden />
    </button>
  );
}
