// Every page that is photographed and checked. `stage` says what was done before (scripts/shots.mjs),
// `act` what is done on it, `layer` that something lies over it.
export const pages = [
  { name: "landing", url: "/" },
  { name: "sign-in", url: "/sign-in" },
  { name: "sign-up", url: "/sign-up" },
  { name: "forgotten", url: "/forgotten" },
  { name: "auth-problem", url: "/auth/problem?what=expired" },
  { name: "not-found", url: "/nowhere", stage: "fresh" },
  { name: "onboarding-pile-empty", url: "/onboarding/pile", stage: "fresh" },
  { name: "onboarding-pile", url: "/onboarding/pile", stage: "reading" },
  { name: "onboarding-truth", url: "/onboarding/truth", stage: "reading" },
  { name: "onboarding-market", url: "/onboarding/market", stage: "written" },
  { name: "onboarding-place", url: "/onboarding/place", stage: "written" },
  { name: "onboarding-words", url: "/onboarding/words", stage: "written" },
  { name: "onboarding-plan", url: "/onboarding/plan", stage: "written" },
  { name: "today-empty", url: "/today", stage: "fresh" },
  { name: "today", url: "/today", stage: "working" },
  {
    name: "today-win",
    url: "/today",
    stage: "working",
    layer: true,
    act: async (page, { wins }) => {
      await page.getByRole("button", { name: wins[0].hook }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "moves-empty", url: "/moves", stage: "fresh" },
  { name: "moves", url: "/moves", stage: "working" },
  { name: "move-new", url: "/moves/new", stage: "working" },
  { name: "move", url: (made) => `/moves/${made.move.id}`, stage: "working" },
  {
    name: "move-task",
    url: (made) => `/moves/${made.move.id}`,
    stage: "working",
    layer: true,
    act: async (page) => {
      await page.locator("main section button:visible").first().click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "campaigns-empty", url: "/campaigns", stage: "fresh" },
  { name: "campaigns", url: "/campaigns", stage: "planning" },
  { name: "campaign-new", url: "/campaigns/new", stage: "planning" },
  { name: "campaign", url: (made) => `/campaigns/${made.campaign.id}`, stage: "planning" },
  {
    name: "campaign-day",
    url: (made) => `/campaigns/${made.campaign.id}`,
    stage: "planning",
    layer: true,
    act: async (page) => {
      await page.locator("main section button:visible").first().click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "campaign-running", url: (made) => `/campaigns/${made.running.id}`, stage: "planning" },
  { name: "icps-empty", url: "/icps", stage: "fresh" },
  { name: "icps", url: "/icps", stage: "working" },
  { name: "icp", url: (made) => `/icps/${made.icp.id}`, stage: "working" },
  { name: "icp-new", url: "/icps/new", stage: "working" },
  { name: "foundation-empty", url: "/foundation", stage: "fresh" },
  { name: "foundation", url: "/foundation?part=positioning", stage: "working" },
  { name: "foundation-truth", url: "/foundation?part=truth", stage: "working" },
  { name: "foundation-history", url: "/foundation?part=history", stage: "working" },
  { name: "approvals-empty", url: "/approvals", stage: "fresh" },
  { name: "approvals", url: (made) => `/approvals?id=${made.gate.id}`, stage: "waiting" },
  { name: "today-waiting", url: "/today", stage: "waiting" },
  { name: "runs-empty", url: "/runs", stage: "fresh" },
  { name: "runs", url: "/runs", stage: "working" },
  { name: "run", url: (made) => `/runs/${made.run.id}`, stage: "working" },
  {
    name: "move-came",
    url: (made) => `/moves/${made.move.id}?task=${made.noted.id}`,
    stage: "counted",
    layer: true,
    act: (page) => page.getByText("What you counted").waitFor(),
  },
  { name: "analytics-empty", url: "/analytics", stage: "fresh" },
  { name: "analytics", url: "/analytics?days=28", stage: "counted" },
  { name: "analytics-year", url: "/analytics?days=364&by=play", stage: "counted" },
  {
    name: "analytics-tasks",
    url: "/analytics",
    stage: "counted",
    layer: true,
    act: async (page) => {
      await page.locator("main dl button").first().click();
      await page.getByRole("dialog").getByRole("listitem").first().waitFor();
    },
  },
  { name: "settings", url: "/settings", stage: "working" },
  { name: "settings-feeds", url: "/settings/feeds", stage: "fresh" },
  { name: "settings-keys-limit", url: "/settings/keys", stage: "fresh" },
  { name: "settings-keys", url: "/settings/keys", stage: "connected" },
  {
    name: "settings-key-new",
    url: "/settings/keys",
    stage: "connected",
    layer: true,
    act: async (page) => {
      await page.getByRole("button", { name: "Make a key" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "settings-key-change",
    url: "/settings/keys",
    stage: "connected",
    layer: true,
    act: async (page) => {
      await page.getByRole("button", { name: "More about Order sheet" }).click();
      await page.getByRole("menuitem", { name: "Change it" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "settings-webhooks-empty", url: "/settings/webhooks", stage: "fresh" },
  { name: "settings-webhooks", url: "/settings/webhooks", stage: "connected" },
  {
    name: "settings-webhook",
    url: (made) => `/settings/webhooks/${made.endpoint.id}`,
    stage: "connected",
    act: (page) => page.locator("summary").first().click(),
  },
  {
    name: "settings-webhook-new",
    url: "/settings/webhooks",
    stage: "connected",
    layer: true,
    act: async (page) => {
      await page.getByRole("button", { name: "Name an address" }).click();
      await page.getByText("Only some events").click();
      await page.getByRole("dialog").getByRole("checkbox").first().waitFor();
    },
  },
  { name: "settings-data", url: "/settings/data", stage: "connected" },
  { name: "settings-log", url: "/settings/log", stage: "connected" },
  { name: "billing-plans", url: "/billing/plans", stage: "fresh" },
  { name: "billing-plans-annual", url: "/billing/plans?cycle=annual", stage: "fresh" },
  { name: "billing-invoices-empty", url: "/billing/invoices", stage: "fresh" },
  {
    name: "billing-subscribe",
    url: "/billing/subscribe?plan=growth&cycle=monthly",
    stage: "fresh",
    act: async (page) => {
      await page.getByLabel("Name of").fill("Patra Boxes Private Limited");
      await page.getByLabel("Address").fill("14 Johari Bazar, Jaipur");
      await page.getByLabel("PIN").fill("302003");
      await page.getByLabel("State").selectOption("08");
      await page.getByText("IGST").waitFor();
    },
  },
  { name: "billing-plans-paid", url: "/billing/plans?cycle=annual", stage: "paid" },
  { name: "billing-plans-waiting", url: "/billing/plans", stage: "paying" },
  {
    name: "billing-return-checking",
    url: (made) => `/billing/return?payment_id=${made.payment.payment_id}`,
    stage: "paying",
  },
  {
    name: "billing-return-failed",
    url: (made) => `/billing/return?payment_id=${made.payment.id}`,
    stage: "refused",
  },
  {
    name: "billing-return-paid",
    url: (made) => `/billing/return?payment_id=${made.payment.id}`,
    stage: "paid",
  },
  { name: "billing-invoices", url: "/billing/invoices", stage: "paid" },
  {
    name: "billing-invoice",
    url: (made) => `/billing/invoices?id=${made.invoice.id}`,
    stage: "paid",
    layer: true,
    act: (page) => page.getByText("IGST").waitFor(),
  },
  { name: "billing-history-empty", url: "/billing/history", stage: "fresh" },
  { name: "billing-history", url: "/billing/history", stage: "paid" },
  { name: "billing-credit-notes", url: "/billing/invoices", stage: "returned" },
  { name: "billing-topup", url: "/billing/topup", stage: "paid" },
  { name: "billing-usage", url: "/billing/usage", stage: "writing" },
  { name: "muse-empty", url: "/muse", stage: "fresh" },
  { name: "muse-new", url: "/muse/new", stage: "writing" },
  { name: "muse-library", url: "/muse", stage: "writing" },
  { name: "muse-templates", url: "/muse/templates", stage: "writing" },
  {
    name: "muse-template",
    url: "/muse/templates/first-reply",
    stage: "writing",
    act: async (page) => {
      await page.getByLabel("Their first name").fill("Meera");
      await page.getByRole("button", { name: /₹/ }).first().click();
    },
  },
  { name: "muse-piece", url: (made) => `/muse/${made.piece.asset.id}`, stage: "writing" },
  {
    name: "muse-variant",
    url: ({ piece }) => `/muse/${piece.variants[0].id}?with=${piece.asset.id}`,
    stage: "writing",
  },
  {
    name: "muse-changes",
    url: (made) => `/muse/${made.piece.asset.id}?view=changes`,
    stage: "writing",
  },
  {
    name: "muse-source",
    url: (made) => `/muse/${made.piece.asset.id}`,
    stage: "writing",
    layer: true,
    act: async (page) => {
      await page.getByRole("button", { name: /\.md$/ }).first().click();
      await page.getByRole("button", { name: "Open the whole file" }).waitFor();
    },
  },
  { name: "blackbox-empty", url: "/blackbox", stage: "fresh" },
  { name: "blackbox-new", url: "/blackbox/new", stage: "writing" },
  { name: "blackbox-list", url: "/blackbox", stage: "writing" },
  { name: "blackbox-play", url: (made) => `/blackbox/${made.play.id}`, stage: "writing" },
];
