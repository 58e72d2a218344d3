import { test as base, type Page } from "@playwright/test";
import { PASSWORD, signUp, type Founder } from "../scripts/founder.mjs";
import { signedIn } from "../scripts/stages.mjs";

export { expect } from "@playwright/test";
export { PASSWORD };

/** `founder`: somebody new, with an account and no more; `page` is theirs once `enter` was called. */
export const test = base.extend<{ founder: Founder; enter: (path: string) => Promise<Page> }>({
  baseURL: async ({}, give) => give(process.env.WEB_URL ?? "http://localhost:3000"),
  founder: async ({}, give) => give(await signUp("Asha Rane")),
  enter: async ({ browser, founder, page }, give) => {
    await give(async (path) => {
      const { cookies } = await signedIn(browser, founder);
      await page.context().addCookies(cookies);
      await page.goto(path);
      return page;
    });
  },
});
