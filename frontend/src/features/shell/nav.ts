import type { Route } from "next";

/** `key` follows G on the keyboard. */
export type Place = { href: Route; name: string; key: string; counts?: "approvals" };

/** A page stands here once it is real and its API is there. */
export const places: Place[][] = [
  [
    { href: "/today", name: "Today", key: "t" },
    { href: "/approvals", name: "Approvals", key: "a", counts: "approvals" },
  ],
  [
    { href: "/moves", name: "Moves", key: "m" },
    { href: "/campaigns", name: "Campaigns", key: "c" },
    { href: "/muse", name: "Muse", key: "u" },
    { href: "/blackbox", name: "Blackbox", key: "x" },
  ],
  [
    { href: "/foundation", name: "Foundation", key: "f" },
    { href: "/icps", name: "ICPs", key: "i" },
  ],
  [
    { href: "/runs", name: "Runs", key: "r" },
    { href: "/analytics", name: "Analytics", key: "y" },
  ],
];

/** What belongs to the workspace rather than to its work; stands under its name. */
export const ownPlaces: Place[] = [
  { href: "/billing/plans", name: "Billing", key: "l" },
  { href: "/settings", name: "Settings", key: "s" },
];
