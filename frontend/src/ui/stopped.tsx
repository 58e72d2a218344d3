import type { Route } from "next";
import Link from "next/link";
import type { RunState } from "@/lib/run";
import { link } from "./bits";

/** After Stop: what it means for what was begun, and where to see it. */
export function Stopped({ state }: { state: RunState }) {
  if (state !== "stopped" && state !== "over") return null;
  return (
    <p role="status" className="text-small text-ink-2">
      {state === "stopped"
        ? "Stopped. It goes no further than the step it was at. "
        : "It was too far to be stopped. "}
      <Link href={"/runs" as Route} className={link}>
        See the run
      </Link>
    </p>
  );
}
