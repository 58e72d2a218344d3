"use client";
import { DropdownMenu } from "radix-ui";
import { cn } from "@/lib/cn";
import type { MenuAct } from "./menu";

/** Open from its first moment: it is fetched when its button is pressed. */
export default function MenuPanel({
  acts,
  children,
}: {
  acts: MenuAct[];
  /** The button. */
  children: React.ReactNode;
}) {
  return (
    <DropdownMenu.Root defaultOpen>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
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
