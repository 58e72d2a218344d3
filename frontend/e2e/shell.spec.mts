import { expect, test } from "./base.mts";

test("palette, keys and their list, light and dark, all without a mouse", async ({ enter }) => {
  const page = await enter("/today");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Where to, or what to make?").fill("write");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/muse\/new$/);

  await page.locator("main").focus();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await expect(keys.getByText("Find or jump")).toBeVisible();
  await keys.getByLabel("Turn single letters off").check();
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await page.locator("main").focus();
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.keyboard.press("Control+k");
  const find = page.getByPlaceholder("Where to, or what to make?");
  await find.fill("dark");
  await expect(page).toHaveURL(/muse\/new$/);
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveClass(/dark/);
  await page.reload();
  await expect(page.locator("html")).toHaveClass(/dark/);
  await page.getByRole("button", { name: "Switch between light and dark" }).click();
  await expect(page.locator("html")).toHaveClass(/light/);
});
