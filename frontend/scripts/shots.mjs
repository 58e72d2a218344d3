// Pictures of every page, light and dark, desktop and phone: npm run shots [-- part-of-a-name ...]
// Needs a running stack: WEB_URL, API_URL, SUPABASE_URL and SUPABASE_ANON_KEY say where.
import fs from "node:fs";
import { chromium } from "@playwright/test";
import { PASSWORD, signUp, where } from "./founder.mjs";
import { pages } from "./pages.mjs";

const wanted = process.argv.slice(2);
const chosen = pages.filter((p) => !wanted.length || wanted.some((w) => p.name.includes(w)));
const out = new URL("../shots/", import.meta.url).pathname;
fs.mkdirSync(out, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});

async function signedIn(founder) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${where.web}/sign-in?redirect=/today`);
  await page.getByLabel("Email").fill(founder.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/today");
  const state = await context.storageState();
  await context.close();
  return state;
}

const stages = {};
/** What a page needs to have been done before; each stage is made once. */
async function stage(name) {
  if (!name) return {};
  return (stages[name] ??= (async () => {
    const founder = await signUp("Meera Kulkarni");
    const made = {};
    if (name === "reading") made.session = await founder.onboard(3);
    if (name === "written") made.session = await founder.onboard(25, false);
    if (name === "working" || name === "busy") {
      made.session = await founder.onboard();
      made.move = await founder.move();
      made.icp = (await founder.call("GET", "/icps")).icps[0];
      made.run = (await founder.call("GET", "/agents/runs")).runs[0];
    }
    if (name === "writing") {
      made.session = await founder.onboard();
      made.piece = await founder.piece();
      const daring = { focus_area: "acquisition", risk_level: 5 };
      made.play = (await founder.call("POST", "/blackbox/generate", daring)).strategy;
    }
    if (name === "paying") made.payment = await founder.buy();
    if (name === "refused") made.payment = await founder.pay(await founder.buy(), "fail");
    if (name === "paid") {
      made.payment = await founder.pay(await founder.buy("starter", "annual"));
      const rest = await founder.pay(await founder.buy("growth", "annual"));
      made.payment = rest;
      const { invoices } = await founder.call("GET", "/billing/invoices");
      made.invoice = invoices[0];
    }
    return { founder, ...made, state: await signedIn(founder) };
  })());
}

const devices = [
  ["desktop", { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 }],
  [
    "phone",
    { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  ],
];

for (const shot of chosen) {
  const made = await stage(shot.stage);
  for (const [device, options] of devices)
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({
        ...options,
        colorScheme,
        reducedMotion: "reduce",
        locale: "en-IN",
        timezoneId: "Asia/Kolkata",
        ...(made.state ? { storageState: made.state } : {}),
      });
      const page = await context.newPage();
      const name = `${shot.name}-${device}-${colorScheme}`;
      page.on("console", (m) => m.type() === "error" && console.log(name, m.text().slice(0, 300)));
      page.on("pageerror", (e) => console.log(name, e.message.slice(0, 300)));
      const url = typeof shot.url === "function" ? shot.url(made) : shot.url;
      await page.goto(where.web + url);
      await page.waitForLoadState("networkidle", { timeout: 4_000 }).catch(() => {});
      await page.evaluate(() => document.fonts.ready);
      if (shot.act) await shot.act(page, { device, ...made });
      await page.waitForTimeout(300);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log(name, `is ${wide} px too wide`);
      if (device === "phone" && !shot.layer) {
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewportSize({ width: 390, height: Math.max(844, Math.min(height, 3200)) });
        await page.waitForTimeout(150);
      }
      await page.screenshot({
        path: `${out}${name}.png`,
        fullPage: device === "desktop" && !shot.layer,
      });
      await context.close();
    }
  console.log(shot.name);
}
await browser.close();
