import { expect, test } from "./base.mts";
import { signIn } from "./people.mts";
import { signUp } from "../scripts/founder.mjs";

test("the workspace has a name, a zone and a language of its own", async ({ page }) => {
  await signIn(page, "/settings");
  const workspace = page.getByRole("region", { name: "The workspace" });
  await workspace.getByLabel("Name").fill("Patra Boxes");
  await workspace.getByLabel("Time zone").selectOption("Asia/Dubai");
  await workspace.getByLabel("Language of what is written").selectOption({ label: "Hindi" });
  await workspace.getByRole("button", { name: "Keep it" }).click();
  await expect(page.getByText("Kept.")).toBeVisible();
  await page.reload();
  await expect(workspace.getByLabel("Name")).toHaveValue("Patra Boxes");
  await expect(workspace.getByLabel("Time zone")).toHaveValue("Asia/Dubai");
  await page.goto("/muse/new");
  await expect(page.getByLabel("Language", { exact: true })).toHaveValue("hi-IN");
});

test("keys: refused below Growth in words; then made, shown once, renewed and stopped", async ({
  page,
}) => {
  const founder = await signUp();
  await signIn(page, "/settings/keys", founder);
  await expect(page.getByText("API keys come with Growth.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Make a key" })).toHaveCount(0);
  await founder.pay(await founder.buy("growth"));
  await page.reload();
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Make it" }).click();
  await expect(dialog.getByText("So that you know it again.")).toBeVisible();
  await dialog.getByLabel("What the program is called").fill("Order sheet");
  await dialog.getByLabel("Everything: read").uncheck();
  await dialog.getByLabel("Moves: read").check();
  await dialog.getByLabel("Moves: change").check();
  await dialog.getByRole("button", { name: "Make it" }).click();
  const key = await dialog.getByLabel("The key").inputValue();
  const ask = (k: string, path: string) =>
    fetch(`${process.env.API_URL}/api/v1${path}`, { headers: { authorization: `Bearer ${k}` } });
  expect((await ask(key, "/moves")).status).toBe(200);
  expect((await ask(key, "/icps")).status).toBe(403);
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await expect(page.getByText("May read Moves, and change Moves.")).toBeVisible();
  await expect(page.getByText(key)).toHaveCount(0);

  await page.getByRole("button", { name: "More about Order sheet" }).click();
  await page.getByRole("menuitem", { name: "Change it" }).click();
  await dialog.getByLabel("ICPs: read").check();
  await dialog.getByLabel("Moves: change").uncheck();
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await expect(page.getByText("May read Moves and ICPs.")).toBeVisible();
  expect((await ask(key, "/icps")).status).toBe(200);

  await page.getByRole("button", { name: "More about Order sheet" }).click();
  await page.getByRole("menuitem", { name: "Renew it" }).click();
  await dialog.getByLabel("The old one stops").selectOption({ label: "at once" });
  await dialog.getByRole("button", { name: "Make a new one" }).click();
  const renewed = await dialog.getByLabel("The new key").inputValue();
  expect((await ask(renewed, "/moves")).status).toBe(200);
  expect((await ask(key, "/moves")).status).toBe(401);
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("button", { name: "More about Order sheet" }).click();
  await page.getByRole("menuitem", { name: "Stop it" }).click();
  await dialog.getByRole("button", { name: "Stop it" }).click();
  await expect(page.getByRole("region", { name: "Stopped" })).toContainText("Order sheet");
  expect((await ask(renewed, "/moves")).status).toBe(401);
});

test("a calendar's address is shown once, works, and is revoked; the log tells of it", async ({
  page,
}) => {
  await signIn(page, "/settings/data");
  await page.getByRole("button", { name: "Make an address" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Which calendar it is for").fill("Phone");
  await dialog.getByRole("button", { name: "Make it" }).click();
  const address = await dialog.getByLabel("The address").inputValue();
  expect(await (await fetch(address)).text()).toContain("BEGIN:VCALENDAR");
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("button", { name: "Revoke Phone" }).click();
  await dialog.getByRole("button", { name: "Revoke it" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: "Revoke Phone" })).toBeHidden();
  expect((await fetch(address)).status).toBe(404);
  const zip = await page.request.get("/api/v1/workspace/export");
  expect((await zip.body()).subarray(0, 2).toString()).toBe("PK");
  await page.getByRole("link", { name: "Log", exact: true }).click();
  await expect(page.getByText("Calendar link created")).toBeVisible();
  await expect(page.getByText("Calendar link deleted")).toBeVisible();
});

test("a webhook's secret is renewed, a test is sent, and what was sent is sent again", async ({
  page,
}) => {
  const founder = await signUp();
  const { endpoint } = await founder.call("POST", "/webhook-endpoints", {
    url: "https://93.184.216.34/hooks/raptorflow",
  });
  await signIn(page, `/settings/webhooks/${endpoint.id}`, founder);
  await page.getByRole("button", { name: "More about this address" }).click();
  await page.getByRole("menuitem", { name: "New secret" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Make a new one" }).click();
  await expect(dialog.getByLabel("The new secret")).toHaveValue(/^whsec_/);
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  const sent = page.getByRole("region", { name: "What it was sent" }).getByRole("listitem");
  await expect(sent).toHaveCount(1);
  await sent.getByRole("group").locator("summary").click();
  await sent.getByRole("button", { name: "Send it again" }).click();
  await expect(page.getByText("Sent once more.")).toBeVisible();
});

test("an address that may not be called is refused at its field", async ({ page }) => {
  await signIn(page, "/settings/webhooks");
  await page.getByRole("button", { name: "Name an address" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill("http://127.0.0.1:9/hook");
  await dialog.getByRole("button", { name: "Tell it there" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await expect(dialog.getByLabel("Address")).toHaveValue("http://127.0.0.1:9/hook");
});

test("the workspace is deleted only once its name is typed", async ({ page }) => {
  const founder = await signUp();
  await founder.bring();
  await signIn(page, "/settings/data", founder);
  await page.getByRole("button", { name: "Delete the workspace" }).click();
  const dialog = page.getByRole("dialog");
  const yes = dialog.getByRole("button", { name: "Delete it for good" });
  await expect(yes).toBeDisabled();
  const { workspace } = await founder.call("GET", "/auth/me");
  await dialog.getByLabel(/^Type /).fill(workspace.name);
  await yes.click();
  await expect(page).toHaveURL(/sign-in/);
  expect((await founder.call("GET", "/auth/me")).workspace).toBeNull();
});
