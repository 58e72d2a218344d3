"use client";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { meQuery } from "@/features/account/queries";
import { cn } from "@/lib/cn";
import { Key, Talon } from "@/ui/bits";
import { Budget } from "./budget";
import { useCounts } from "./counts";
import { ownPlaces, places } from "./nav";
import { openPalette } from "./palette";
import { ThemeButton } from "./theme-button";

export function Sidebar() {
  const path = usePathname();
  const counts = useCounts();
  return (
    <aside
      aria-label="Sidebar"
      className="sticky top-0 hidden h-dvh w-56 shrink-0 flex-col px-6 pt-7 pb-6 lg:flex"
    >
      <Link
        href="/today"
        className="flex items-center gap-2 font-serif text-[1.3125rem] leading-none tracking-[-0.02em]"
      >
        <Talon className="size-[1.05rem] text-mor" /> Raptorflow
      </Link>
      <button
        type="button"
        onClick={openPalette}
        className="mt-7 flex h-9 items-center gap-2 border-b border-rule text-small text-ink-3 transition-colors hover:border-ink hover:text-ink"
      >
        <Search className="size-3.5" strokeWidth={1.75} aria-hidden /> Find or jump{" "}
        <span className="ml-auto">
          <Key>⌘K</Key>
        </span>
      </button>
      <nav aria-label="Main" className="-mx-6 mt-5 flex-1 overflow-y-auto px-6">
        {places.map((group) => (
          <ul key={group[0]?.href} className="mb-5 space-y-px">
            {group.map((p) => {
              const here = path === p.href || path.startsWith(`${p.href}/`);
              const waiting = p.counts ? counts[p.counts] : 0;
              return (
                <li key={p.href}>
                  <Link
                    href={p.href}
                    prefetch={false}
                    aria-current={here ? "page" : undefined}
                    className={cn(
                      "relative flex h-8 items-center text-body transition-colors",
                      here ? "font-strong text-ink" : "text-ink-2 hover:text-ink",
                    )}
                  >
                    <span
                      className={cn(
                        "absolute -left-6 h-4 w-[3px] bg-mor transition-opacity",
                        here ? "opacity-100" : "opacity-0",
                      )}
                    />
                    {p.name}
                    {waiting ? (
                      <span className="ml-auto text-small text-ink-2 figures">
                        <span className="sr-only">, waiting: </span>
                        {waiting}
                      </span>
                    ) : null}
                  </Link>
                </li>
              );
            })}
          </ul>
        ))}
      </nav>
      <Budget />
      <Owner path={path} />
    </aside>
  );
}

/** /billing of /billing/plans. */
const root = (href: string) => `/${href.split("/")[1]}`;

/** The workspace and whose it is. */
function Owner({ path }: { path: string }) {
  const { data } = useQuery(meQuery());
  return (
    <div className="mt-5 border-t border-rule pt-4 text-small">
      <div className="flex items-center gap-2">
        <div className="min-w-0 flex-1">
          <p className="truncate font-strong">{data?.workspace?.name ?? "\u00a0"}</p>
          <p className="truncate text-ink-3">
            {data?.user?.full_name ?? data?.user?.email ?? "\u00a0"}
          </p>
        </div>
        <ThemeButton />
      </div>
      <ul className="mt-3 flex gap-4">
        {ownPlaces.map((p) => (
          <li key={p.href}>
            <Link
              href={p.href}
              prefetch={false}
              aria-current={path.startsWith(root(p.href)) ? "page" : undefined}
              className={cn(
                "transition-colors",
                path.startsWith(root(p.href))
                  ? "font-strong text-ink"
                  : "text-ink-2 hover:text-ink",
              )}
            >
              {p.name}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
