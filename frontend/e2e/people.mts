import type { Page } from "@playwright/test";
import { PASSWORD, signUp, where, type Founder } from "../scripts/founder.mjs";

/** Somebody new, signed in through the page, at `to`. */
export async function signIn(page: Page, to: string, founder?: Founder): Promise<Founder> {
  const person = founder ?? (await signUp());
  await page.goto(`/sign-in?redirect=${encodeURIComponent(to)}`);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname + url.search === to);
  return person;
}

/** The local gateway sends payers back to port 3000, wherever the app of this run is. */
export const throughGateway = (page: Page) =>
  page.route("http://localhost:3000/**", (route) => {
    const { pathname, search } = new URL(route.request().url());
    return where().web.includes("//localhost:3000")
      ? route.continue()
      : route.fulfill({ status: 302, headers: { location: where().web + pathname + search } });
  });

/** Whom an invoice is for: a company in Rajasthan, without a GSTIN. */
export async function fillDetails(page: Page) {
  await page.getByLabel("Name of the person or company").fill("Patra Boxes Private Limited");
  await page.getByLabel("Address").fill("14 Johari Bazar, Jaipur");
  await page.getByLabel("PIN").fill("302003");
  await page.getByLabel("State").selectOption({ label: "Rajasthan" });
}
