import type { Route } from "next";

/** `key` follows G on the keyboard. */
export type Place = { href: Route; name: string; key: string; counts?: "approvals" };

/** A page stands here once it is real and its API is there. */
export const places: Place[][] = [
  [{ href: "/today", name: "Today", key: "t" }],
  [
    { href: "/moves", name: "Moves", key: "m" },
    { href: "/muse", name: "Muse", key: "u" },
    { href: "/blackbox", name: "Blackbox", key: "x" },
  ],
];

/** What belongs to the workspace rather than to its work; stands under its name. */
export const ownPlaces: Place[] = [{ href: "/billing/plans", name: "Billing", key: "b" }];
