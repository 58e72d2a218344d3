// A founder with an account, made over HTTP as the app would do it; for screenshots and end-to-end tests.
import fs from "node:fs";
import path from "node:path";

/** Where the running stack is, by the environment. */
export const where = () => ({
  web: process.env.WEB_URL ?? "http://localhost:3000",
  api: process.env.API_URL ?? "http://127.0.0.1:8000",
  supabase: process.env.SUPABASE_URL ?? "http://127.0.0.1:54321",
  key: process.env.SUPABASE_ANON_KEY ?? "",
});

export const PASSWORD = "a-long-enough-password";
const samples = new URL("../e2e/samples/", import.meta.url);
const company = new URL("../../backend/cli/samples/sample-company.md", import.meta.url);

/** @returns {Promise<Founder>} somebody new; `name` is shown in the corner. */
export async function signUp(name = "Sample Founder") {
  const email = `founder-${crypto.randomUUID().slice(0, 8)}@example.com`;
  const answer = await fetch(`${where().supabase}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: where().key, "content-type": "application/json" },
    body: JSON.stringify({ email, password: PASSWORD, data: { full_name: name } }),
  });
  if (!answer.ok) throw new Error(`sign-up answered ${answer.status}: ${await answer.text()}`);
  const founder = new Founder(email, (await answer.json()).access_token);
  await founder.call("POST", "/auth/initialize");
  return founder;
}

export class Founder {
  constructor(email, token) {
    this.email = email;
    this.token = token;
  }

  async call(method, path, body) {
    const isForm = body instanceof FormData;
    const answer = await fetch(`${where().api}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body && !isForm ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text ? JSON.parse(text) : null;
  }

  async session() {
    return (await this.call("POST", "/onboarding/session")).session;
  }

  /** Files into the vault; without any, the two of the sample company, who disagree on a price. */
  async bring(files = [company, new URL("price-letter.md", samples)]) {
    const { id } = await this.session();
    for (const file of files) {
      const form = new FormData();
      form.append("file", new Blob([fs.readFileSync(file)]), path.basename(file.pathname));
      await this.call("POST", `/onboarding/${id}/vault/upload`, form);
    }
    return id;
  }

  /** The onboarding up to a step; all of it completes it, settling what is open. */
  async onboard(toStep = 25, complete = true) {
    const id = await this.bring();
    await this.run(id, Math.min(toStep, 3));
    if (toStep > 3) {
      const { data } = await this.call("GET", `/onboarding/${id}/steps/3`);
      const resolutions = data.conflicts.map((c) => ({
        conflict_id: c.id,
        keep: c.sides[0].fact_id,
      }));
      await this.call("POST", `/onboarding/${id}/steps/4/run`, { resolutions });
    }
    if (toStep > 4) await this.run(id, toStep);
    if (toStep === 25 && complete) await this.call("POST", `/onboarding/${id}/complete`);
    return id;
  }

  async run(id, toStep) {
    let progress = await this.call("POST", `/onboarding/${id}/run`, { to_step: toStep });
    while (["queued", "running"].includes(progress.status)) {
      await new Promise((done) => setTimeout(done, 500));
      progress = await this.call("GET", `/onboarding/${id}/run`);
    }
    if (progress.status !== "completed")
      throw new Error(`the run ${progress.status}: ${progress.error}`);
  }

  /** A planned move, running. */
  async move(goal = "Win the next ten customers") {
    const { output } = await this.call("POST", "/agents/execute", {
      request_type: "moves",
      request_data: { goal },
    });
    await this.call("POST", `/moves/${output.move.id}/start`);
    return output.move;
  }

  /** Two campaigns of a subscriber: one runs, and one that lies partly on it is to begin in ten days. */
  async campaigns() {
    await this.pay(await this.buy());
    const plan = (wish) => this.call("POST", "/campaigns/generate", wish);
    const first = await plan({ objective: "retention", intensity: "marathon", duration_days: 42 });
    const { campaign: running } = await this.call("POST", `/campaigns/${first.campaign.id}/start`);
    const day = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
    const wish = { goal: "Forty trials from Jaipur sellers", budget_inr: 50000, start_date: day };
    const { campaign } = await plan({ objective: "lead_gen", duration_days: 45, ...wish });
    return { running, campaign };
  }

  /** What became of a running move's tasks: noted, rated, counted, some left out. Gives the first. */
  async note(move) {
    const { tasks } = await this.call("GET", `/moves/${move.id}/tasks?limit=100`);
    for (const [i, task] of tasks.slice(0, 12).entries()) {
      const done = {
        status: "completed",
        actual_minutes: task.estimated_minutes + 20,
        deliverable_url: i % 2 ? null : "https://example.com/p/1",
        rating: 3 + (i % 3),
        results: [{ name: "enquiries", value: 2 + i }],
        spent_inr: i % 4 ? 0 : 1250,
      };
      const noted = i % 5 === 4 ? { status: "skipped" } : done;
      await this.call("PUT", `/moves/${move.id}/tasks/${task.id}`, noted);
    }
    return tasks[0];
  }

  /** A page to pay on at the gateway's simulator. */
  async buy(plan_id = "growth", billing_cycle = "monthly") {
    const billing_details = {
      name: "Patra Boxes Private Limited",
      address: "14 Johari Bazar, Jaipur",
      pin: "302003",
      state: "08",
    };
    const wish = { plan_id, billing_cycle, billing_details };
    return this.call("POST", "/billing/subscription", wish);
  }

  /** Pays there ("pay", "fail" or "cancel"), and waits until it is settled. */
  async pay({ payment_id, payment_url }, outcome = "pay") {
    const body = new URLSearchParams({ outcome, mode: "UPI_INTENT", behaviour: "once" });
    await fetch(payment_url, { method: "POST", body, redirect: "manual" });
    for (;;) {
      const { payment } = await this.call("POST", `/billing/payments/${payment_id}/check`);
      if (!["pending", "processing"].includes(payment.status)) return payment;
      await new Promise((done) => setTimeout(done, 500));
    }
  }

  /** A piece of copy in two variants; the first then edited, so that it has a claim without a source. */
  async piece() {
    const wish = { content_type: "social", topic: "why boxes arrive dented", variants: 2 };
    const { asset, variants } = await this.call("POST", "/muse/generate", wish);
    const content = `${asset.content}\n\nNo other maker in India has fewer returns than 0.2%.`;
    const { asset: edited } = await this.call("PUT", `/muse/assets/${asset.id}`, { content });
    return { asset: edited, variants };
  }
}
