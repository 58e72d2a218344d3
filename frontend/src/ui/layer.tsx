"use client";
import { lazy, Suspense, useState } from "react";
import { cn } from "@/lib/cn";
import { warm } from "@/lib/warm";

const Panel = lazy(warm(() => import("./layer-panel")));

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One sentence under the title. */
  lead?: string;
  children: React.ReactNode;
};

/** Nothing until it is first opened; what it is made of is not part of the page's own weight. */
function Layer(props: Props & { place: string }) {
  const [opened, setOpened] = useState(props.open);
  if (props.open && !opened) setOpened(true);
  return opened ? (
    <Suspense>
      <Panel {...props} />
    </Suspense>
  ) : null;
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
