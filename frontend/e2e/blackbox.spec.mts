import { expect, test } from "./base.mts";
import { signUp } from "../scripts/founder.mjs";
import { signIn } from "./people.mts";

test("a play of risk 8 waits for approval; once approved it becomes a move, once", async ({
  page,
}) => {
  const founder = await signUp();
  await founder.onboard();
  await signIn(page, "/blackbox", founder);
  await page.getByRole("link", { name: "Find the first play" }).click();
  await page.getByRole("slider", { name: /Risk/ }).fill("8");
  await expect(page.getByText("It waits under Approvals until you have read it.")).toBeVisible();
  await page.getByRole("button", { name: "Find a play" }).click();
  await expect(page.getByText("The play is written and waits for your word.")).toBeVisible({
    timeout: 60_000,
  });
  const href = await page.getByRole("link", { name: "Read and decide" }).getAttribute("href");
  const gate = new URL(href!, "http://x").searchParams.get("id");
  await founder.call("POST", `/approvals/${gate}/approve`);

  await page.goto("/blackbox");
  await expect(async () => {
    await page.reload();
    await page.getByRole("link", { name: /risk \d+ of 10/ }).click({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await expect(page.getByRole("heading", { name: "What could go wrong" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Hook" })).toBeVisible();
  await page.getByRole("button", { name: "Make it a move" }).click();
  await page.waitForURL(/\/moves\/[0-9a-f-]{36}/);
  await page.goBack();
  await expect(page.getByRole("link", { name: "Open its move" })).toBeVisible();
});
