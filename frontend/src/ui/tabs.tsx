import type { Route } from "next";
import Link from "next/link";
import { cn } from "@/lib/cn";

/** Views of one thing, each with an address of its own. */
export function Tabs({
  label,
  here,
  tabs,
}: {
  label: string;
  here: string;
  tabs: { href: string; name: string; count?: number }[];
}) {
  return (
    <nav aria-label={label} className="-mx-5 overflow-x-auto px-5 sm:mx-0 sm:px-0">
      <ul className="flex gap-1 border-b border-rule">
        {tabs.map((t) => (
          <li key={t.href} className="shrink-0">
            <Link
              href={t.href as Route}
              scroll={false}
              aria-current={t.href === here ? "page" : undefined}
              className={cn(
                "-mb-px flex h-10 items-center gap-1.5 px-3 text-body transition-colors max-lg:h-11",
                t.href === here ? "border-b-2 border-ink font-strong" : "text-ink-2 hover:text-ink",
              )}
            >
              {t.name}
              {t.count ? <span className="text-small text-ink-3 figures">{t.count}</span> : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
