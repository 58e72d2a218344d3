import { expect, test } from "./base.mts";

test("a campaign is planned within the plan's limit, given days by keyboard, started, and put back by Undo", async ({
  founder,
  enter,
}) => {
  await founder.onboard();
  const page = await enter("/campaigns");
  await page.getByRole("link", { name: "Plan the first one" }).click();
  await page.getByLabel("How many days").fill("29");
  await page.getByRole("button", { name: "Plan it with all its moves" }).click();
  await expect(page.getByText("From 30 to 90 days.")).toBeVisible();
  await page.getByLabel("How many days").fill("90");
  await page.getByRole("button", { name: "Plan it with all its moves" }).click();
  await expect(page.getByText(/moves a month/)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("link", { name: "See plans" })).toBeVisible();

  await page.getByLabel("How many days").fill("42");
  await page.getByLabel("Budget in rupees").fill("1,20,000");
  await expect(page.getByText("₹1,20,000")).toBeVisible();
  await page.getByRole("button", { name: "Plan it with all its moves" }).click();
  await page.waitForURL(/\/campaigns\/[0-9a-f-]{36}/, { timeout: 60_000 });

  await page.getByRole("button", { name: "Set the first day" }).click();
  await page.getByRole("button", { name: "Move it there" }).click();
  const whole = page.getByRole("button", { name: /^Patra Boxes.*, / });
  const before = await whole.textContent();
  await whole.focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await expect(page.getByText(/^It begins on/)).toBeVisible();
  await expect(whole).not.toHaveText(before!);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(whole).toHaveText(before!);

  await page.getByRole("button", { name: "Start today" }).click();
  await expect(page.getByText("Day 1 of 42")).toBeVisible();
  await expect(page.getByText(/1 running/)).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Go on with it" })).toBeVisible();
});
