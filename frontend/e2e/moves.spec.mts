import { expect, test } from "./base.mts";

test("a task is drafted, done, rated and counted; what came of it stands in Analytics", async ({
  founder,
  enter,
}) => {
  await founder.onboard();
  const { id } = await founder.move();
  const { tasks } = await founder.call("GET", `/moves/${id}/tasks?limit=100`);
  const written = tasks.find((t: { platform: string }) => /WhatsApp|LinkedIn/i.test(t.platform));
  const page = await enter(`/moves/${id}?task=${written.id}`);
  await page.getByRole("link", { name: "Draft it in Muse" }).click();
  await page.waitForURL(/\/muse\/new/);
  await expect(page.getByRole("textbox").first()).toHaveValue(
    new RegExp(written.title.slice(0, 20)),
  );

  await page.goto(`/moves/${id}?task=${tasks[0].id}`);
  await page.getByRole("button", { name: "Done", exact: true }).click();
  await page.goto(`/moves/${id}?task=${tasks[0].id}`);
  await page.getByRole("radio", { name: "4 of 5, good" }).check({ force: true });
  await page.getByLabel("How many, 1").fill("7");
  await page.getByRole("button", { name: "Note it" }).click();
  await expect(page.getByText("A word and a number each")).toBeVisible();
  await page.getByLabel("What, 1").fill("enquiries");
  await page.getByLabel("Rupees it cost").fill("1,250");
  await page.getByRole("button", { name: "Note it" }).click();
  await expect(page.getByText("Noted.")).toBeVisible();

  await page.goto("/analytics");
  await expect(page.getByText("Counted: enquiries")).toBeVisible();
  await expect(page.getByText("₹1,250", { exact: true }).first()).toBeVisible();
  await page.getByRole("button", { name: "1", exact: true }).first().click();
  await expect(page.getByRole("dialog").getByText("4 of 5")).toBeVisible();
});

test("a template says which gaps are open, takes what the documents offer, becomes a draft", async ({
  founder,
  enter,
}) => {
  await founder.onboard();
  const page = await enter("/muse/templates");
  await page.getByRole("link", { name: "How it is made" }).click();
  await page.getByRole("button", { name: "Make a draft of it" }).click();
  await expect(page.getByText("This gap is still open.").first()).toBeVisible();
  for (const box of await page.getByRole("textbox").all()) await box.fill("Drop-tested here");
  await page.reload();
  await expect(page.getByRole("textbox").first()).toHaveValue("Drop-tested here");
  await page.getByRole("button", { name: "Make a draft of it" }).click();
  await page.waitForURL(/\/muse\/[0-9a-f-]{36}/);
});

test("on a phone a task takes another day by its sheet, and the strip of days shows it there", async ({
  enter,
  founder,
}) => {
  await founder.onboard();
  const { id } = await founder.move();
  const page = await enter("/today");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/moves/${id}`);
  const slip = page
    .getByRole("region", { name: /^Day 1,/ })
    .getByRole("button")
    .first();
  const name = (await slip.getAttribute("aria-label")) ?? "";
  await slip.click();
  const sheet = page.getByRole("dialog");
  const days = sheet.getByLabel("On another day");
  const third = (await days.locator("option").nth(2).getAttribute("value")) ?? "";
  await days.selectOption(third);
  await sheet.getByRole("button", { name: "Close" }).click();
  await expect(
    page.getByRole("region", { name: /^Day 1,/ }).getByRole("button", { name }),
  ).toHaveCount(0);
  await page
    .getByRole("button", { name: new RegExp(`^\\w{3}\\s*${Number(third.slice(8))}$`) })
    .click();
  await expect(
    page.getByRole("region", { name: /^Day 3,/ }).getByRole("button", { name }),
  ).toBeVisible();
});
