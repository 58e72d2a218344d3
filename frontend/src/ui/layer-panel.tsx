"use client";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { cn } from "@/lib/cn";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One sentence under the title. */
  lead?: string;
  children: React.ReactNode;
};

function Layer({ open, onOpenChange, title, lead, children, place }: Props & { place: string }) {
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

const bottom =
  "max-sm:inset-x-0 max-sm:bottom-0 max-sm:max-h-[90dvh] max-sm:rounded-t-layer max-sm:border-t";

/** In the middle of the page; on a phone it comes from below. */
export const Dialog = (props: Props) => (
  <Layer
    {...props}
    place={cn(
      bottom,
      "sm:inset-x-0 sm:top-[10vh] sm:mx-auto sm:max-h-[80vh] sm:w-[min(36rem,calc(100vw-3rem))] sm:rounded-layer sm:border",
    )}
  />
);

/** At the right edge, for a thing beside the page it belongs to; on a phone it comes from below. */
export const Sheet = (props: Props) => (
  <Layer
    {...props}
    place={cn(bottom, "sm:inset-y-0 sm:right-0 sm:w-[min(30rem,100vw)] sm:border-l")}
  />
);
