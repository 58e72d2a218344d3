import { expect, test } from "./base.mts";
import { sql } from "./scene.mts";

test("an approval that ran out under one's hands is not given; it can be asked for again", async ({
  enter,
  founder,
}) => {
  test.skip(!process.env.STACK_DATA, "needs a stack whose clock can be set");
  await founder.onboard();
  const daring = { focus_area: "acquisition", risk_level: 8 };
  const body = { request_type: "blackbox", request_data: daring };
  await founder.call("POST", "/agents/execute", body);
  const { approvals } = await founder.call("GET", "/approvals/pending");
  const gate = approvals[0].id;
  const page = await enter(`/approvals?id=${gate}`);
  await expect(page.getByText(/left$/).first()).toBeVisible();

  sql(
    "update public.approval_gates set expires_at = now() - interval '1 minute' where id = %s",
    gate,
  );
  await page.getByRole("button", { name: /^Approve/ }).click();
  await expect(page.getByText(/decided or changed elsewhere/)).toBeVisible();
  await expect(page.getByText(/^Expired, /)).toBeVisible();
  await expect(page.getByRole("button", { name: /^Approve/ })).toHaveCount(0);
  expect((await founder.call("GET", "/blackbox/strategies")).total).toBe(0);

  await page.getByRole("link", { name: "Ask for it again" }).click();
  await expect(page).toHaveURL(/blackbox\/new$/);
  await page.goto("/approvals");
  await expect(page.getByText("Nothing needs you.")).toBeVisible();
  await page.goto("/approvals?view=decided");
  await expect(page.getByRole("navigation", { name: "In the queue" })).toContainText("Expired");
});

test("decided in another tab: this one shows the verdict instead of giving a second", async ({
  enter,
  founder,
}) => {
  await founder.onboard();
  const daring = { focus_area: "acquisition", risk_level: 8 };
  const body = { request_type: "blackbox", request_data: daring };
  await founder.call("POST", "/agents/execute", body);
  const { approvals } = await founder.call("GET", "/approvals/pending");
  const page = await enter(`/approvals?id=${approvals[0].id}`);
  await page.getByRole("button", { name: /^Reject/ }).waitFor();
  await founder.call("POST", `/approvals/${approvals[0].id}/reject`, { reason: "Too loud" });
  await page.keyboard.press("a");
  await expect(page.getByText(/decided or changed elsewhere/)).toBeVisible();
  await expect(page.getByText(/^Rejected, /)).toBeVisible();
  await expect(page.getByText("“Too loud”")).toBeVisible();
});
