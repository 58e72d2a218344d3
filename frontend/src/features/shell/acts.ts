import type { Route } from "next";

/** What can be made from anywhere. */
export const acts: { href: Route; name: string }[] = [
  { href: "/moves/new", name: "Plan a move" },
  { href: "/campaigns/new", name: "Plan a campaign" },
  { href: "/muse/new", name: "Write something" },
  { href: "/blackbox/new", name: "Find a play" },
];
