import { expect, test } from "./base.mts";
import { site } from "./scene.mts";

const ABOUT = `<html><head><title>Patra Boxes</title></head><body><main><h1>Patra Boxes</h1>
<p>Patra Boxes prints corrugated boxes for small food brands in Pune.</p>
<p>We were founded in 2019. A snack box costs Rs 14 a piece, from 100 boxes on.</p>
<p>Bakeries and sweet shops order from us because a printed box arrives in four days.</p>
<p>In 2025 we delivered 4,20,000 boxes, and 0.4% of them came back.</p></main></body></html>`;

test("a PDF and the address of a page become facts; an address that fails does so alone", async ({
  enter,
  browser,
}) => {
  test.skip(!process.env.STACK_DATA, "needs a stack that may read this machine's site");
  const own = await site({ "/about": { type: "text/html; charset=utf-8", body: ABOUT } });
  try {
    const page = await enter("/onboarding/pile");
    const address = page.getByLabel("Or the address of a page");
    const read = page.getByRole("button", { name: "Read it", exact: true });

    await address.fill("http://169.254.169.254/latest/meta-data");
    await read.click();
    await expect(page.getByRole("alert").getByText(/not on the public web/)).toBeVisible();
    await expect(address).toHaveValue("http://169.254.169.254/latest/meta-data");
    await address.fill(`${own.url}/absent`);
    await read.click();
    await expect(page.getByRole("alert").getByText(/404/)).toBeVisible();

    await address.fill(`${own.url}/about`);
    await read.click();
    const pile = page.getByRole("region", { name: "What is in it" });
    await expect(pile.getByText(/words/)).toBeVisible();
    await expect(address).toHaveValue("");

    const sheet = await browser.newPage();
    await sheet.setContent("<h1>Price list</h1><p>A cake box costs Rs 22 a piece.</p>");
    const buffer = await sheet.pdf();
    await sheet.close();
    await page.getByLabel(/Drop files/).setInputFiles([
      { name: "prices.pdf", mimeType: "application/pdf", buffer },
      { name: "broken.pdf", mimeType: "application/pdf", buffer: buffer.subarray(0, 200) },
    ]);
    await expect(page.getByRole("button", { name: "Take out prices.pdf" })).toBeVisible();
    await expect(pile.getByText("broken.pdf")).toBeVisible();
    await expect(pile.getByRole("alert")).toBeVisible();
    await page.getByRole("button", { name: "Skip it" }).click();

    await page.getByRole("button", { name: "Read it all" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "What is true" })).toBeVisible({
      timeout: 60_000,
    });
    const fact = page.getByRole("heading", { level: 2 }).first();
    await expect(fact).toBeVisible();
    const said = ((await fact.textContent()) ?? "").slice(0, 14);
    await expect(page.locator("mark").first()).toContainText(said);
  } finally {
    own.close();
  }
});
