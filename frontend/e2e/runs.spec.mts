import { expect, test } from "./base.mts";
import { sql } from "./scene.mts";

const dollars = (text: string | null) => Number((text ?? "").replace("$", ""));

test("what a run cost is the sum of what its calls cost, as both are shown", async ({
  enter,
  founder,
}) => {
  test.skip(!process.env.STACK_DATA, "needs a stack whose calls can be given a price");
  await founder.onboard();
  const { runs } = await founder.call("GET", "/agents/runs");
  const whole = await Promise.all(
    runs.map((r: { id: string }) => founder.call("GET", `/agents/runs/${r.id}`)),
  );
  const { trace_id: id } = whole.map((w) => w.run).find((r) => r.model_calls.length > 1);
  // Offline nothing costs anything: each call gets a bill of less than a cent, as a model would send.
  sql(
    `with billed as (
       update public.run_calls set cost_micro_usd = 3100 + length(call_key) * 7
       where run_id = %s and kind = 'model' returning cost_micro_usd)
     update public.agent_executions set total_cost = (select sum(cost_micro_usd) from billed) / 1e6
     where id = %s`,
    id,
    id,
  );
  const page = await enter(`/runs/${id}`);
  const paid = page.getByRole("region", { name: "What was paid for" });
  const costs = await paid.locator("tbody tr td:last-child").allTextContents();
  const bills = costs.filter(Boolean).map(dollars);
  expect(bills.length).toBeGreaterThan(1);
  expect(bills.every((b) => b > 0)).toBe(true);
  const total = dollars(
    await page.locator("dt", { hasText: "Cost" }).locator("+ dd").textContent(),
  );
  expect(bills.reduce((sum, b) => sum + b, 0)).toBeCloseTo(total, 6);
  const { run } = await founder.call("GET", `/agents/runs/${id}`);
  expect(total).toBeCloseTo(run.total_cost, 6);
});
