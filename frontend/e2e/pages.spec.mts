import AxeBuilder from "@axe-core/playwright";
import { pages } from "../scripts/pages.mjs";
import { stage } from "../scripts/stages.mjs";
import { expect, test } from "./base.mts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

for (const shot of pages)
  test(`${shot.name} is accessible, quiet and no wider than its screen`, async ({
    browser,
    page,
  }) => {
    const made = await stage(browser, shot.stage);
    if (made.state) await page.context().addCookies(made.state.cookies);
    const noise: string[] = [];
    page.on("console", (m) => m.type() === "error" && noise.push(m.text()));
    page.on("pageerror", (e) => noise.push(e.message));
    const url = typeof shot.url === "function" ? shot.url(made) : shot.url;
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(url);
      await page.waitForLoadState("networkidle");
      await shot.act?.(page, made);
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
      const found = violations.map(
        (v) =>
          `${colorScheme} ${v.id}: ${v.nodes
            .slice(0, 3)
            .map((n) => `${String(n.target)} ${n.any[0]?.message ?? ""}`)
            .join(" | ")}`,
      );
      expect(found).toEqual([]);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wide).toBe(0);
    }
    expect(noise.filter((n) => shot.name !== "not-found" || !n.includes("404"))).toEqual([]);
  });
