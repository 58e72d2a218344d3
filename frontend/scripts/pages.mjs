// Every page that is photographed and checked. `stage` says what was done before (scripts/shots.mjs),
// `act` what is done on it, `layer` that something lies over it.
export const pages = [
  { name: "landing", url: "/" },
  { name: "sign-in", url: "/sign-in" },
  { name: "sign-up", url: "/sign-up" },
  { name: "forgotten", url: "/forgotten" },
  { name: "auth-problem", url: "/auth/problem?what=expired" },
  { name: "not-found", url: "/nowhere", stage: "fresh" },
  { name: "today-empty", url: "/today", stage: "fresh" },
  { name: "today", url: "/today", stage: "working" },
  { name: "billing-plans", url: "/billing/plans", stage: "fresh" },
  { name: "billing-plans-annual", url: "/billing/plans?cycle=annual", stage: "fresh" },
  { name: "billing-invoices-empty", url: "/billing/invoices", stage: "fresh" },
];
