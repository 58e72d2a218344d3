"use client";
import { Ellipsis } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { cn } from "@/lib/cn";

export type MenuAct = { name: string; act: () => void; danger?: boolean; off?: boolean };

/** The less frequent acts on a thing. `label` says whose they are. */
export function Menu({ label, acts }: { label: string; acts: MenuAct[] }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        aria-label={label}
        className="grid size-9 place-items-center rounded-control text-ink-2 hover:bg-paper-2 hover:text-ink max-lg:size-11"
      >
        <Ellipsis className="size-4" strokeWidth={1.6} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-50 min-w-48 rounded-layer border border-rule bg-sheet p-1.5 shadow-lift"
        >
          {acts.map((a) => (
            <DropdownMenu.Item
              key={a.name}
              disabled={a.off ?? false}
              onSelect={a.act}
              className={cn(
                "flex h-9 cursor-pointer items-center rounded-control px-3 text-body outline-none data-disabled:opacity-45 data-highlighted:bg-paper-2 max-lg:h-11",
                a.danger ? "text-madder" : "text-ink",
              )}
            >
              {a.name}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
