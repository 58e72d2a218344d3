// What was done before a page is looked at; each stage is made once, by a founder of its own.
import { PASSWORD, signUp, where } from "./founder.mjs";

/** The cookies of a founder who has signed in by the form. */
export async function signedIn(browser, founder) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${where().web}/sign-in?redirect=/today`);
  await page.getByLabel("Email").fill(founder.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/today", { timeout: 60_000 });
  const state = await context.storageState();
  await context.close();
  return state;
}

const MAKE = {
  fresh: async () => ({}),
  reading: async (founder) => ({ session: await founder.onboard(3) }),
  written: async (founder) => ({ session: await founder.onboard(25, false) }),
  working: async (founder) => ({
    session: await founder.onboard(),
    company: await founder.call("PUT", "/foundation", { company_name: "Patra Boxes, Pune" }),
    move: await founder.move(),
    wins: (await founder.call("POST", "/daily-wins/generate")).wins,
    icp: (await founder.call("GET", "/icps")).icps[0],
    run: (await founder.call("GET", "/agents/runs")).runs[0],
  }),
  planning: async (founder) => {
    const session = await founder.onboard();
    return { session, ...(await founder.campaigns()) };
  },
  counted: async (founder) => {
    await founder.onboard();
    await founder.pay(await founder.buy());
    const move = await founder.move();
    return { move, noted: await founder.note(move) };
  },
  writing: async (founder) => {
    const session = await founder.onboard();
    const piece = await founder.piece();
    const daring = { focus_area: "acquisition", risk_level: 5 };
    const play = (await founder.call("POST", "/blackbox/generate", daring)).strategy;
    return { session, piece, play };
  },
  waiting: async (founder) => {
    await founder.onboard();
    const daring = (focus_area) =>
      founder.call("POST", "/agents/execute", {
        request_type: "blackbox",
        request_data: { focus_area, risk_level: 8 },
      });
    await daring("acquisition");
    await founder.move();
    const { approvals } = await founder.call("GET", "/approvals/pending");
    return { gate: approvals[0] };
  },
  paying: async (founder) => ({ payment: await founder.buy() }),
  refused: async (founder) => ({ payment: await founder.pay(await founder.buy(), "fail") }),
  connected: async (founder) => {
    await founder.pay(await founder.buy());
    const scopes = ["moves:read", "moves:write", "muse:read"];
    await founder.call("POST", "/api-keys", { name: "Order sheet", scopes });
    await founder.call("POST", "/api-keys", { name: "Reports", scopes: ["*:read"] });
    await founder.call("POST", "/exports/calendar-links", { name: "Google, on the phone" });
    const url = "https://93.184.216.34/hooks/raptorflow";
    const { endpoint } = await founder.call("POST", "/webhook-endpoints", { url });
    await founder.call("POST", `/webhook-endpoints/${endpoint.id}/test`);
    return { endpoint };
  },
  returned: async (founder) => {
    const payment = await founder.pay(await founder.buy());
    await founder.call("POST", `/billing/payments/${payment.id}/refund`);
    const notes = () => founder.call("GET", "/billing/credit-notes");
    while (!(await notes()).total) await new Promise((done) => setTimeout(done, 1000));
    return {};
  },
  paid: async (founder) => {
    await founder.pay(await founder.buy("starter", "annual"));
    const payment = await founder.pay(await founder.buy("growth", "annual"));
    return { payment, invoice: (await founder.call("GET", "/billing/invoices")).invoices[0] };
  },
};

const stages = {};
/** `{founder, state, ...what was made}`; empty for pages that need nobody. */
export function stage(browser, name) {
  if (!name) return {};
  return (stages[name] ??= (async () => {
    const founder = await signUp("Meera Kulkarni");
    const made = await MAKE[name](founder);
    return { founder, ...made, state: await signedIn(browser, founder) };
  })());
}
