"use client";
import { Ellipsis } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { warm } from "@/lib/warm";

export type MenuAct = { name: string; act: () => void; danger?: boolean; off?: boolean };

const Panel = lazy(warm(() => import("./menu-panel")));

/** The less frequent acts on a thing. `label` says whose they are. */
export function Menu({ label, acts }: { label: string; acts: MenuAct[] }) {
  const [wanted, setWanted] = useState(false);
  const open = () => setWanted(true);
  if (!wanted)
    return (
      <Opener
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={false}
        onClick={open}
        onKeyDown={(e) => {
          if (e.key !== "ArrowDown") return;
          e.preventDefault();
          open();
        }}
      />
    );
  return (
    <Suspense fallback={<Opener aria-label={label} aria-busy />}>
      <Panel acts={acts}>
        <Opener aria-label={label} />
      </Panel>
    </Suspense>
  );
}

const Opener = (props: Omit<React.ComponentProps<"button">, "className" | "type">) => (
  <button
    type="button"
    {...props}
    className="grid size-9 place-items-center rounded-control text-ink-2 hover:bg-paper-2 hover:text-ink max-lg:size-11"
  >
    <Ellipsis className="size-4" strokeWidth={1.6} aria-hidden />
  </button>
);
