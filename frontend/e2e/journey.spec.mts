import fs from "node:fs";
import path from "node:path";
import { expect, PASSWORD, test } from "./base.mts";
import { fillDetails, throughGateway } from "./people.mts";

const COMPANY = path.join(import.meta.dirname, "../../backend/cli/samples/sample-company.md");
const LETTER = path.join(import.meta.dirname, "samples/price-letter.md");

test("from sign-up over documents, facts, a week of work, content and a daring play to an invoice", async ({
  page,
}) => {
  test.setTimeout(300_000);
  await throughGateway(page);
  await test.step("sign up", async () => {
    await page.goto("/sign-up");
    await page.getByLabel("Your name").fill("Asha Rane");
    await page.getByLabel("Email").fill(`asha-${Date.now()}@example.com`);
    await page.getByLabel("Choose a password").fill(PASSWORD);
    await page.getByRole("button", { name: "Make an account" }).click();
    await expect(page.getByRole("heading", { name: "The pile" })).toBeVisible();
  });

  await test.step("bring documents; a bad one fails alone", async () => {
    await page.getByLabel(/Drop files/).setInputFiles([
      { name: "sample-company.md", mimeType: "text/markdown", buffer: fs.readFileSync(COMPANY) },
      { name: "price-letter.md", mimeType: "text/markdown", buffer: fs.readFileSync(LETTER) },
      { name: "program.exe", mimeType: "application/octet-stream", buffer: Buffer.from("MZ") },
    ]);
    await expect(page.getByText("This kind of file cannot be read")).toBeVisible();
    await expect(page.getByRole("button", { name: "Take out price-letter.md" })).toBeVisible();
    await page.getByRole("button", { name: "Skip it" }).click();
    await page.getByRole("button", { name: "Read it all" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "What is true" })).toBeVisible();
  });

  await test.step("keep, correct and reject by keyboard; the passage follows", async () => {
    const fact = page.getByRole("heading", { level: 2 }).first();
    const first = await fact.textContent();
    await page.keyboard.press("Enter");
    await expect(fact).not.toHaveText(first ?? "");
    await page.keyboard.press("x");
    await expect(page.getByText("Fact 3 of")).toBeVisible();
    const third = (await fact.textContent()) ?? "";
    await expect(page.locator("mark").first()).toContainText(third.slice(0, 16));
    await page.keyboard.press("e");
    await page
      .getByLabel("What is right instead")
      .fill("We print corrugated boxes for small food brands.");
    await page.keyboard.press("Control+Enter");
    await expect(page.getByText("3 answered")).toBeVisible();
    await page.keyboard.press("k");
    await expect(page.getByText("Corrected. Your words are the source now.")).toBeVisible();
    await expect(page.getByText("All answers are saved.")).toBeVisible({ timeout: 30_000 });
    await page.reload();
    await expect(page.getByText("3 answered")).toBeVisible();
  });

  await test.step("settle one contradiction, keep both sides of the other", async () => {
    const price = page.getByRole("region", { name: /disagree on the price of Snack box/i });
    await expect(price.getByRole("button", { name: "Use this one" })).toBeDisabled();
    await price.getByRole("radio").nth(1).click();
    await price.getByRole("button", { name: "Use this one" }).click();
    await expect(price).toBeHidden({ timeout: 30_000 });
    const founded = page.getByRole("region", { name: /disagree on the year/ });
    await founded.getByRole("button", { name: "Both are right, here is why" }).click();
    await founded.getByLabel(/Why both are right/).fill("Founded in 2019, registered in 2020.");
    await founded.getByRole("button", { name: "Keep both" }).click();
    await expect(founded).toBeHidden({ timeout: 30_000 });
  });

  await test.step("the chapters are written, and a step is mended by hand", async () => {
    await page.getByRole("button", { name: "Write the next chapters" }).click();
    await expect(page.getByRole("heading", { name: "The market" })).toBeVisible({
      timeout: 90_000,
    });
    await page.getByRole("link", { name: /Chapter four/ }).click();
    const positioning = page.getByRole("region", { name: /Positioning/ });
    await positioning.getByRole("button", { name: "Mend it" }).click();
    await positioning
      .getByLabel("Positioning statement")
      .fill("Printed boxes in four days, from a hundred on.");
    await positioning.getByRole("button", { name: "Keep it" }).click();
    await expect(positioning.getByText("In your words")).toBeVisible();
    await page
      .getByRole("navigation", { name: "Chapters" })
      .getByRole("link", { name: /The plan/ })
      .click();
  });

  await test.step("later steps are older now; they are brought up to date", async () => {
    await page.getByRole("button", { name: "Bring them up to date" }).click();
    await expect(page.getByText("older answers")).toHaveCount(0, { timeout: 60_000 });
  });

  await test.step("complete, and plan a move while looking on", async () => {
    await page.getByRole("button", { name: "Make it my foundation" }).click();
    await expect(page).toHaveURL(/today/, { timeout: 60_000 });
    await page.keyboard.press("g");
    await page.keyboard.press("m");
    await expect(page).toHaveURL(/moves$/);
    await page.keyboard.press("n");
    await page.getByLabel("The aim", { exact: true }).fill("Ten new food brands in Pune");
    await page.getByRole("button", { name: "Plan it" }).click();
    await expect(page).toHaveURL(/moves\/[0-9a-f-]{36}/, { timeout: 60_000 });
    await page.getByRole("button", { name: "Start today" }).click();
    await expect(page.getByText(/^Day 1 of 7$/)).toBeVisible();
  });

  await test.step("move a task by keyboard, and back with undo", async () => {
    const today = page.getByRole("region", { name: /^Day 1,/ });
    const slips = today.getByRole("button");
    const before = await slips.count();
    const name = (await slips.first().getAttribute("aria-label")) ?? "";
    await slips.first().focus();
    await page.keyboard.press("Space");
    const over = page.getByText(/^Over [A-Z][a-z]{2} \d/);
    await expect(over).toBeAttached();
    const own = await over.textContent();
    await expect(async () => {
      // dnd-kit listens from its next timer on: on a busy machine a key may come before that
      await page.keyboard.press("ArrowRight");
      await expect(over).not.toHaveText(own ?? "", { timeout: 2_000 });
    }).toPass();
    await page.keyboard.press("Space");
    await expect(page.getByText(/^Moved to /)).toBeVisible();
    await expect(slips).toHaveCount(before - 1);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(today.getByRole("button", { name })).toBeVisible();
  });

  await test.step("tick a task on Today, and undo it", async () => {
    await page.getByRole("link", { name: "Today", exact: true }).click();
    const box = page.getByRole("checkbox").first();
    await box.click({ force: true });
    await expect(box).toBeChecked();
    await expect(page.getByText("Done.", { exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(box).not.toBeChecked();
  });

  await test.step("the run stands with its steps and its cost", async () => {
    await page.goto("/runs");
    await page
      .getByRole("link", { name: /Plan a move/ })
      .first()
      .click();
    await expect(page.getByRole("heading", { name: "What was done" })).toBeVisible();
    await expect(page.getByText("move planning").first()).toBeVisible();
  });

  await test.step("content is written from the facts and approved", async () => {
    await page.goto("/muse/new");
    await page.getByLabel("What it is about").fill("why cake boxes arrive dented");
    await page.getByRole("button", { name: "Write it" }).click();
    await page.waitForURL(/\/muse\/[0-9a-f-]{36}/, { timeout: 60_000 });
    const claims = page.getByRole("complementary", { name: "Claims in this piece" });
    await expect(claims.getByText(/Has a source/).first()).toBeVisible();
    await page.getByRole("button", { name: "Approve" }).click();
    await expect(page.getByText("Approved", { exact: true })).toBeVisible();
  });

  await test.step("a daring play waits, is read and approved by keyboard, and becomes a move", async () => {
    await page.goto("/blackbox/new");
    await page.getByRole("slider", { name: /Risk/ }).fill("8");
    await page.getByRole("button", { name: "Find a play" }).click();
    await page.getByRole("link", { name: "Read and decide" }).click({ timeout: 60_000 });
    await expect(page.getByText(/Why it waits/)).toBeVisible();
    await page.keyboard.press("a");
    await expect(page.getByText("Approved. The run goes on.")).toBeVisible();
    await page.goto("/blackbox");
    await expect(async () => {
      await page.reload();
      await page.getByRole("link", { name: /risk \d+ of 10/ }).click({ timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
    await page.getByRole("button", { name: "Make it a move" }).click();
    await page.waitForURL(/\/moves\/[0-9a-f-]{36}/);
  });

  await test.step("subscribe at the simulator, and hold the invoice", async () => {
    await page.goto("/billing/plans");
    await page.getByRole("link", { name: "Take Growth" }).click();
    await fillDetails(page);
    await page.getByRole("button", { name: "Pay ₹3,538.82 with PhonePe" }).click();
    await page.getByRole("button", { name: "Pay", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Paid. You are on Growth." })).toBeVisible({
      timeout: 30_000,
    });
    await page.goto("/billing/invoices");
    const href = await page.getByRole("link", { name: /^PDF of/ }).getAttribute("href");
    const pdf = await page.request.get(href!);
    expect((await pdf.body()).subarray(0, 5).toString()).toBe("%PDF-");
  });
});
