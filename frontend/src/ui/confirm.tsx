"use client";
import { lazy, Suspense, useState } from "react";
import { warm } from "@/lib/warm";

const Panel = lazy(warm(() => import("./confirm-panel")));

export type ConfirmProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  lead: string;
  yes: string;
  type?: string;
  busy?: boolean;
  act: () => void;
};

/** For what cannot be undone. With `type`, the word has to be typed first. */
export function Confirm(props: ConfirmProps) {
  const [opened, setOpened] = useState(props.open);
  if (props.open && !opened) setOpened(true);
  return opened ? (
    <Suspense>
      <Panel {...props} />
    </Suspense>
  ) : null;
}
