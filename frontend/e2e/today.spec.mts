import { expect, test } from "./base.mts";

test("daily wins: found, skipped and taken back, written out, marked as posted once", async ({
  founder,
  enter,
}) => {
  const page = await enter("/today");
  await page.getByRole("button", { name: "Find three" }).click();
  await expect(page.getByRole("link", { name: "Bring more" })).toBeVisible({ timeout: 30_000 });

  await founder.onboard();
  await page.reload();
  await page.getByRole("button", { name: "Find three" }).click();
  const wins = page.getByRole("region", { name: "If you have ten minutes" }).getByRole("listitem");
  await expect(wins).toHaveCount(3, { timeout: 30_000 });
  await wins.first().getByRole("button").click();
  await page.getByRole("button", { name: "Skip it" }).click();
  await expect(wins).toHaveCount(2);
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(wins.filter({ hasText: "Kept" })).toHaveCount(1);

  await wins.last().getByRole("button").click();
  await page.getByLabel("Posted already?").fill("not an address");
  await page.getByRole("button", { name: "Mark posted" }).click();
  await expect(page.getByText("A full address, beginning with https://.")).toBeVisible();
  await page.getByLabel("Posted already?").fill("https://example.com/p/1");
  await page.getByRole("button", { name: "Mark posted" }).click();
  await expect(page.getByRole("link", { name: "See it" })).toBeVisible();
  await page.getByRole("button", { name: "Write it out" }).click();
  await page.waitForURL(/\/muse\/[0-9a-f-]{36}/, { timeout: 30_000 });
});
