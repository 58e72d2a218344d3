import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./base.mts";
import { FEEDS } from "./stack.mts";

const FEED = `<?xml version="1.0"?><rss version="2.0"><channel><title>Packaging Weekly</title>
<item><title>Kraft paper prices fall in Gujarat</title><link>https://example.com/kraft</link>
<pubDate>Mon, 23 Nov 2026 06:00:00 GMT</pubDate></item></channel></rss>`;

/** A trade paper: `/` is a page that names `/feed`. */
const paper = http.createServer((request, response) => {
  const isFeed = request.url?.startsWith("/feed");
  response.setHeader("content-type", isFeed ? "application/rss+xml" : "text/html");
  response.end(
    isFeed
      ? FEED
      : `<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>`,
  );
});

test("a page offers its feed, which is followed, paused, found twice and removed; mornings are set", async ({
  enter,
  founder,
}) => {
  test.skip(!process.env.STACK_DATA, "needs a stack that may read this machine's paper");
  await new Promise<void>((done) => paper.listen(0, FEEDS, done));
  try {
    const site = `http://${FEEDS}:${(paper.address() as AddressInfo).port}`;
    const page = await enter("/settings/feeds");
    const address = page.getByLabel("Address of a feed or page");
    const follow = page.getByRole("button", { name: "Follow", exact: true });

    await address.fill("http://127.0.0.1:9/feed");
    await follow.click();
    await expect(page.getByRole("alert").getByText(/not on the public web/)).toBeVisible();
    await expect(address).toHaveValue("http://127.0.0.1:9/feed");

    await address.fill(site);
    await follow.click();
    await expect(page.getByText("This is a page, not a feed.")).toBeVisible();
    await page.getByRole("button", { name: `Follow ${site}/feed` }).click();
    await expect(page.getByText("Packaging Weekly is followed.")).toBeVisible();
    await expect(page.getByRole("link", { name: /^Kraft paper prices/ })).toBeVisible();
    await expect(page.getByText("1 feed of 20")).toBeVisible();

    await address.fill(`${site}/feed`);
    await follow.click();
    await expect(page.getByText("This one is followed already.")).toBeVisible();

    const row = page.getByRole("region", { name: "Followed" }).getByRole("listitem");
    await row.getByRole("button").click();
    await page.getByRole("menuitem", { name: "Pause it" }).click();
    await expect(row.getByText("Paused")).toBeVisible();
    await row.getByRole("button").click();
    await page.getByRole("menuitem", { name: "Remove it" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
    await expect(page.getByText(/^None so far/)).toBeVisible();

    await page.getByLabel("From").selectOption({ label: "9 in the morning" });
    await expect(page.getByText("Kept.")).toBeVisible();
    expect((await founder.call("GET", "/daily-wins/morning")).morning.hour).toBe(9);

    for (let i = 0; i < 20; i++)
      await founder.call("POST", "/daily-wins/feeds", { url: `${site}/feed/${i}` });
    await page.reload();
    await expect(page.getByText(/^20 feeds are followed/)).toBeVisible();
    await expect(address).toHaveCount(0);
  } finally {
    paper.close();
  }
});
