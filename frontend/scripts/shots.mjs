// Pictures of every page, light and dark, desktop and phone: npm run shots [-- part-of-a-name ...]
// Needs a running stack: WEB_URL, API_URL, SUPABASE_URL and SUPABASE_ANON_KEY say where it is.
import fs from "node:fs";
import { chromium } from "@playwright/test";
import { where } from "./founder.mjs";
import { pages } from "./pages.mjs";
import { stage } from "./stages.mjs";

const wanted = process.argv.slice(2);
const chosen = pages.filter((p) => !wanted.length || wanted.some((w) => p.name.includes(w)));
const out = `${import.meta.dirname}/../shots/`;
fs.mkdirSync(out, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});

const devices = [
  ["desktop", { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 }],
  [
    "phone",
    { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  ],
];

for (const shot of chosen) {
  const made = await stage(browser, shot.stage);
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
      await page.goto(where().web + url);
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
