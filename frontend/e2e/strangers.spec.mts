import { expect, test } from "./base.mts";
import { signUp } from "../scripts/founder.mjs";

test("nothing of one founder is here for another, at any of its addresses", async ({ enter }) => {
  const asha = await signUp();
  await asha.onboard();
  const payment = await asha.pay(await asha.buy());
  const move = await asha.move();
  const { asset } = await asha.piece();
  const first = async (path: string, noun: string) =>
    (await asha.call("GET", path))[noun][0].id as string;
  const { strategy } = await asha.call("POST", "/blackbox/generate", {
    focus_area: "acquisition",
    risk_level: 3,
  });
  const { campaign } = await asha.call("POST", "/campaigns", { name: "Forty trials" });
  const url = "https://93.184.216.34/hooks/raptorflow";
  const { endpoint } = await asha.call("POST", "/webhook-endpoints", { url });
  const runs = (await asha.call("GET", "/agents/runs")).runs as {
    id?: string;
    trace_id?: string;
  }[];
  const addresses = [
    `/moves/${move.id}`,
    `/campaigns/${campaign.id}`,
    `/muse/${asset.id}`,
    `/blackbox/${strategy.id}`,
    `/icps/${await first("/icps", "icps")}`,
    `/runs/${runs[0]!.id ?? runs[0]!.trace_id}`,
    `/settings/webhooks/${endpoint.id}`,
    `/billing/invoices?id=${await first("/billing/invoices", "invoices")}`,
  ];
  const page = await enter("/today");
  for (const address of addresses) {
    await page.goto(address);
    await expect(page.getByRole("alert").getByText("Not here"), address).toBeVisible();
  }
  await page.goto(`/billing/return?payment_id=${payment.id}`);
  await expect(page.getByRole("alert").getByText("Not here")).toBeVisible();
});
