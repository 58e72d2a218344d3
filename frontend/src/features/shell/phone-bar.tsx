"use client";
import { CalendarDays, Ellipsis, PenLine, Stamp, Sun, type LucideIcon } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/lib/cn";
import { useCounts } from "./counts";
import { places } from "./nav";
import { openPalette } from "./palette";

const ICONS: Record<string, LucideIcon> = {
  "/today": Sun,
  "/moves": CalendarDays,
  "/muse": PenLine,
  "/approvals": Stamp,
};

const tab = "relative flex h-14 w-full flex-col items-center justify-center gap-1 text-micro";

export function PhoneBar() {
  const path = usePathname();
  const counts = useCounts();
  const tabs = Object.keys(ICONS).flatMap((href) => places.flat().filter((p) => p.href === href));
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-rule bg-paper/94 pb-[env(safe-area-inset-bottom)] backdrop-blur-md lg:hidden"
    >
      <ul className="grid auto-cols-fr grid-flow-col">
        {tabs.map((p) => {
          const here = path === p.href || path.startsWith(`${p.href}/`);
          const Icon = ICONS[p.href] ?? Sun;
          const waiting = p.counts ? counts[p.counts] : 0;
          return (
            <li key={p.href}>
              <Link
                href={p.href}
                prefetch={false}
                aria-current={here ? "page" : undefined}
                className={cn(tab, here ? "font-strong text-ink" : "text-ink-2")}
              >
                <span className={cn("absolute top-0 h-[2px] w-8", here && "bg-mor")} />
                <Icon className="size-[1.15rem]" strokeWidth={here ? 2 : 1.6} aria-hidden />
                {p.name}
                {waiting ? (
                  <span className="absolute top-1.5 ml-7 rounded-round bg-ink px-1 text-[0.625rem] leading-3.5 text-on-ink figures">
                    <span className="sr-only">, </span>
                    {waiting}
                    <span className="sr-only"> waiting</span>
                  </span>
                ) : null}
              </Link>
            </li>
          );
        })}
        <li>
          <button type="button" onClick={openPalette} className={cn(tab, "text-ink-2")}>
            <Ellipsis className="size-[1.15rem]" strokeWidth={1.6} aria-hidden />
            More
          </button>
        </li>
      </ul>
    </nav>
  );
}
