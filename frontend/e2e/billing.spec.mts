import { expect, test } from "./base.mts";
import { signIn, throughGateway } from "./people.mts";

test("subscribe at the simulator, fail first, see the plan change, open the invoice, cancel, keep", async ({
  page,
}) => {
  await throughGateway(page);
  await signIn(page, "/billing/plans");
  await page.getByRole("link", { name: "Take Growth" }).click();

  await page.getByRole("button", { name: /Pay/ }).click();
  await expect(page.getByLabel("Name of the person or company")).toBeFocused();
  await page.getByLabel("Name of the person or company").fill("Patra Boxes Private Limited");
  await page.getByLabel("Address").fill("14 Johari Bazar, Jaipur");
  await page.getByLabel("PIN").fill("302003");
  await page.getByLabel("State").selectOption({ label: "Rajasthan" });
  await page.getByLabel(/GSTIN/).fill("29AABCU9603R1ZJ");
  await expect(page.getByText(/registered in Karnataka/)).toBeVisible();
  await page.getByLabel(/GSTIN/).fill("");
  await expect(page.getByText("IGST")).toBeVisible();

  await page.getByRole("button", { name: "Pay ₹3,538.82 with PhonePe" }).click();
  await page.getByRole("button", { name: "Let the payment fail" }).click();
  await expect(page.getByRole("heading", { name: /did not go through/ })).toBeVisible();
  await page.getByRole("link", { name: "Try again" }).click();
  await page.getByLabel("Name of the person or company").fill("Patra Boxes Private Limited");
  await page.getByLabel("Address").fill("14 Johari Bazar, Jaipur");
  await page.getByLabel("PIN").fill("302003");
  await page.getByLabel("State").selectOption({ label: "Rajasthan" });
  await page.getByRole("button", { name: "Pay ₹3,538.82 with PhonePe" }).click();
  await page.getByRole("button", { name: "Pay", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Paid. You are on Growth." })).toBeVisible({
    timeout: 30_000,
  });

  await page.goto("/billing/invoices");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  const sheet = page.getByRole("dialog", { name: "Tax invoice" });
  await expect(sheet.getByText("IGST 18 %")).toBeVisible();
  await expect(sheet.getByText("₹3,538.82")).toBeVisible();
  const href = await sheet.getByRole("link", { name: "Open the PDF" }).getAttribute("href");
  const pdf = await page.request.get(href!);
  expect(pdf.headers()["content-type"]).toBe("application/pdf");
  expect((await pdf.body()).subarray(0, 5).toString()).toBe("%PDF-");

  await page.goto("/billing/plans");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are on Growth.");
  await page.getByRole("button", { name: "Cancel the plan" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the plan" }).click();
  await expect(page.getByText(/You have cancelled/)).toBeVisible();
  await page.getByRole("button", { name: "Keep Growth" }).click();
  await expect(page.getByText(/You have cancelled/)).toBeHidden();
});
