import fs from "node:fs";
import path from "node:path";
import { expect, PASSWORD, test } from "./base.mts";

test("a page that needs somebody leads to sign-in and back", async ({ page, founder }) => {
  await page.goto("/moves/new");
  await expect(page).toHaveURL(/sign-in\?redirect=%2Fmoves%2Fnew/);
  await page.getByLabel("Email").fill(founder.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("That email and password do not match.")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue(founder.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/moves\/new$/);
});

test("somebody whose onboarding is open comes to it", async ({ page, founder }) => {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(founder.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "The pile" })).toBeVisible();
});

test("the session's cookies are out of reach of the page's scripts", async ({ enter }) => {
  const page = await enter("/today");
  const cookies = (await page.context().cookies()).filter((c) => c.name.startsWith("sb-"));
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) expect([cookie.httpOnly, cookie.sameSite]).toEqual([true, "Lax"]);
  expect(await page.evaluate(() => document.cookie)).not.toContain("sb-");
});

test("another site's page cannot write through the app", async ({ enter }) => {
  const page = await enter("/today");
  const answer = await page.request.post("/api/v1/onboarding/session", {
    headers: { origin: "https://evil.example" },
  });
  expect(answer.status()).toBe(403);
});

test("a code that does not work has a page that says what to do", async ({ page }) => {
  await page.goto("/auth/callback?code=00000000-0000-0000-0000-000000000000");
  await expect(page.getByRole("heading", { name: "This link did not sign you in." })).toBeVisible();
  await page.getByRole("link", { name: "Sign in again" }).click();
  await expect(page).toHaveURL(/sign-in/);
});

test("a forgotten password: the mailed link comes back by the callback", async ({
  page,
  founder,
}) => {
  test.skip(!process.env.STACK_DATA, "needs a stack whose mail can be read");
  await page.goto("/forgotten");
  await page.getByLabel("Email").fill(founder.email);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await expect(page.getByText(/a link is on its way/)).toBeVisible();
  const link = mailedLink(process.env.STACK_DATA ?? "", founder.email);
  await page.goto(link);
  await page.getByLabel("Choose a password").fill("another-long-password");
  await page.getByRole("button", { name: "Use this password" }).click();
  await expect(page).toHaveURL(/today/);
});

test("a session that ends in the middle of a form loses nothing", async ({ enter, founder }) => {
  await founder.onboard();
  const page = await enter("/moves/new");
  await page.getByLabel("The aim", { exact: true }).fill("Ten orders from Nashik before Diwali");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Plan it" }).click();
  await page.getByRole("link", { name: "Sign in again" }).click();
  await page.getByLabel("Email").fill(founder.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("The aim", { exact: true })).toHaveValue(
    "Ten orders from Nashik before Diwali",
  );
});

function mailedLink(data: string, to: string) {
  const files = fs
    .readdirSync(data, { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".eml"));
  for (const file of files.toSorted().toReversed()) {
    const mail = fs.readFileSync(path.join(data, file), "utf8");
    if (!mail.includes(to)) continue;
    const body = mail.replaceAll("=\n", "").replaceAll("=3D", "=");
    const found = /(http:\/\/\S+\/verify\?\S+)/.exec(body)?.[1];
    if (found) return found;
  }
  throw new Error(`no mail to ${to}`);
}
