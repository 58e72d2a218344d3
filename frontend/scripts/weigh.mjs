// What each page weighs, gzip, against its budget: npm run weigh [-- part-of-a-name ...]
// Needs a running stack, as npm run shots does. Bytes are those on the wire of a first visit; a page over its
// budget ends it with 1.
import { chromium } from "@playwright/test";
import { where } from "./founder.mjs";
import { pages } from "./pages.mjs";
import { stage } from "./stages.mjs";

/** KB (WEB.md 7). */
const BUDGET = { js: 200, css: 12, font: 145, html: 15 };
const KIND = { Script: "js", Stylesheet: "css", Font: "font", Document: "html" };

const wanted = process.argv.slice(2);
const chosen = pages.filter(
  (p) => !p.layer && (!wanted.length || wanted.some((w) => p.name.includes(w))),
);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});

const cell = (kb, most) => `${kb.toFixed(1)}${kb > most ? " (over)" : ""}`;
let over = 0;
console.log("| Page | JS | CSS | Fonts | HTML | CLS | LCP ms |\n|---|---|---|---|---|---|---|");
for (const shot of chosen) {
  const made = await stage(browser, shot.stage);
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    ...(made.state ? { storageState: made.state } : {}),
  });
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  const sums = { js: 0, css: 0, font: 0, html: 0 };
  const kinds = new Map();
  await client.send("Network.enable");
  await client.send("Network.setCacheDisabled", { cacheDisabled: true });
  client.on("Network.responseReceived", (e) => kinds.set(e.requestId, KIND[e.type]));
  client.on("Network.loadingFinished", (e) => {
    const kind = kinds.get(e.requestId);
    if (kind) sums[kind] += e.encodedDataLength / 1024;
  });
  await page.addInitScript(() => {
    window.seen = { cls: 0, lcp: 0 };
    new PerformanceObserver((list) => {
      for (const e of list.getEntries()) if (!e.hadRecentInput) window.seen.cls += e.value;
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => {
      window.seen.lcp = list.getEntries().at(-1).startTime;
    }).observe({ type: "largest-contentful-paint", buffered: true });
  });
  await page.goto(where().web + (typeof shot.url === "function" ? shot.url(made) : shot.url));
  await page.waitForLoadState("networkidle", { timeout: 6_000 }).catch(() => {});
  await page.waitForTimeout(300);
  const { cls, lcp } = await page.evaluate(() => window.seen);
  const cells = Object.entries(BUDGET).map(([kind, most]) => cell(sums[kind], most));
  over += Object.entries(BUDGET).filter(([kind, most]) => sums[kind] > most).length + (cls >= 0.02);
  console.log(
    `| ${shot.name} | ${cells.join(" | ")} | ${cls.toFixed(3)}${cls >= 0.02 ? " (over)" : ""} | ${Math.round(lcp)} |`,
  );
  await context.close();
}
await browser.close();
console.log(
  over
    ? `\n${over} over budget.`
    : `\nAll ${chosen.length} within: JS ${BUDGET.js} KB, CSS ${BUDGET.css}, fonts ${BUDGET.font}, HTML ${BUDGET.html}, CLS 0.02.`,
);
process.exit(over ? 1 : 0);
