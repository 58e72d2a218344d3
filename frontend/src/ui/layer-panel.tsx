"use client";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { cn } from "@/lib/cn";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  lead?: string;
  children: React.ReactNode;
  place: string;
};

export default function LayerPanel({ open, onOpenChange, title, lead, children, place }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          {...(lead ? {} : { "aria-describedby": undefined })}
          className={cn(
            "fixed z-50 settle overflow-y-auto overscroll-contain border-rule bg-sheet shadow-lift outline-none",
            place,
          )}
        >
          <div className="flex items-start justify-between gap-4 px-6 pt-6">
            <div>
              <Radix.Title className="font-serif text-h3">{title}</Radix.Title>
              {lead ? (
                <Radix.Description className="mt-1 text-body text-ink-2">{lead}</Radix.Description>
              ) : null}
            </div>
            <Radix.Close
              aria-label="Close"
              className="-mt-1 -mr-2 grid size-11 shrink-0 place-items-center rounded-control text-ink-2 hover:bg-paper-2 hover:text-ink"
            >
              <X className="size-4" strokeWidth={1.6} aria-hidden />
            </Radix.Close>
          </div>
          <div className="px-6 pt-5 pb-[max(1.5rem,env(safe-area-inset-bottom))]">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
