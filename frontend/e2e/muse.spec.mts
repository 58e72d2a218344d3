import { expect, test } from "./base.mts";
import { signUp } from "../scripts/founder.mjs";
import { signIn } from "./people.mts";

test("write a post, see what each claim rests on, fix a claim, approve it, compare and bring back", async ({
  page,
}) => {
  const founder = await signUp();
  await founder.onboard();
  await signIn(page, "/muse", founder);
  await page.getByRole("link", { name: "Write the first piece" }).click();
  await page.getByLabel("What it is about").fill("why cake boxes arrive dented");
  await page.getByRole("button", { name: "Write it" }).click();
  await page.waitForURL(/\/muse\/[0-9a-f-]{36}/, { timeout: 60_000 });

  const claims = page.getByRole("complementary", { name: "Claims in this piece" });
  await expect(claims.getByText(/Has a source/).first()).toBeVisible();
  await claims.getByRole("button", { name: /\.md$/ }).first().click();
  await expect(page.getByRole("dialog", { name: "The source" }).locator("mark")).toBeVisible();
  await page.keyboard.press("Escape");

  await page.keyboard.press("e");
  const text = page.getByLabel("Text", { exact: true });
  const before = await text.inputValue();
  await text.fill(`${before}\n\nNo other maker in India has fewer returns than 0.2%.`);
  await page.getByRole("button", { name: "Save it" }).click();
  await expect(page.getByRole("button", { name: "Approve" })).toBeDisabled();
  await expect(claims.getByText(/No source/).first()).toBeVisible();

  await page.getByRole("link", { name: "Changes" }).click();
  await expect(page.locator("ins")).toContainText("fewer returns");
  await page.getByRole("button", { name: /1\. Written/ }).click();
  await page.getByRole("button", { name: "Bring it back" }).click();
  await page.getByRole("link", { name: "Version 3" }).click();
  await page.getByRole("button", { name: "Approve" }).click();
  await expect(page.getByText("Approved", { exact: true })).toBeVisible();
});

test("somebody else's piece is not here", async ({ page }) => {
  const founder = await signUp();
  await founder.onboard();
  const { asset } = await founder.piece();
  await signIn(page, "/muse");
  await page.goto(`/muse/${asset.id}`);
  await expect(page.getByRole("alert").getByText("Not here")).toBeVisible();
});

test("Stop calls the run off, and what was typed stays", async ({ enter, founder }) => {
  await founder.onboard();
  const page = await enter("/muse/new");
  await page.getByLabel("What it is about").fill("why cake boxes arrive dented");
  await page.getByLabel("How many to choose from").selectOption("3");
  await page.getByRole("button", { name: "Write it" }).click();
  await page.getByRole("listitem").filter({ hasText: "Gathering" }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText(/^Stopped\./)).toBeVisible();
  await expect(page.getByRole("button", { name: "Write it" })).toBeEnabled();
  await expect(page.getByLabel("What it is about")).toHaveValue("why cake boxes arrive dented");

  await page.getByRole("link", { name: "See the run" }).click();
  const run = page.getByRole("listitem").filter({ hasText: "Write" }).first();
  await expect(run.getByText("Called off")).toBeVisible();
  await run.getByRole("link").click();
  await expect(page.getByText("Called off", { exact: true })).toBeVisible();
  expect((await founder.call("GET", "/muse/assets")).total).toBe(0);
});
