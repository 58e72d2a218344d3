import { expect, test } from "./base.mts";

const problem = (status: number, code: string, detail: string, headers = {}) => ({
  status,
  headers: { "content-type": "application/problem+json", "x-request-id": "req-1", ...headers },
  body: JSON.stringify({ status, code, detail }),
});

test("another's move is not here", async ({ enter, founder }) => {
  void founder;
  const page = await enter("/moves/7f2bb1f5-9f2c-4f6e-8a53-3a9c1b7d2e10");
  await expect(page.getByText("Not here")).toBeVisible();
});

test("the API down: the page says so, keeps its frame, and one press asks again", async ({
  enter,
}) => {
  const page = await enter("/today");
  await page.route("**/api/v1/**", (route) => route.abort());
  await page.getByRole("link", { name: "Runs" }).click();
  await expect(page.getByRole("alert").getByText("You are offline")).toBeVisible();
  await page.unroute("**/api/v1/**");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Nothing was asked of the agents yet.")).toBeVisible();
});

test("402, 429 and 503 of planning stand where it is asked for", async ({ enter, founder }) => {
  await founder.onboard();
  const page = await enter("/moves/new");
  const plan = "**/api/v1/agents/execute/stream";
  await page.getByLabel("The aim", { exact: true }).fill("Ten new customers");
  await page.route(plan, (r) =>
    r.fulfill(problem(402, "budget_exceeded", "Insufficient budget. Remaining: $0.0000")),
  );
  await page.getByRole("button", { name: "Plan it" }).click();
  await expect(page.getByText("The budget of this month is used up")).toBeVisible();
  await page.unroute(plan);
  await page.route(plan, (r) => r.fulfill(problem(503, "api_unreachable", "It does not answer.")));
  await page.getByRole("button", { name: "Plan it" }).click();
  await expect(page.getByText("Raptorflow is not answering")).toBeVisible();
  await expect(page.getByText("Request req-1")).toBeVisible();
  await expect(page.getByLabel("The aim", { exact: true })).toHaveValue("Ten new customers");
});

test("429 counts down before it lets one try again", async ({ enter }) => {
  const page = await enter("/today");
  await page.route("**/api/v1/agents/runs?*", (r) =>
    r.fulfill(problem(429, "rate_limited", "Slow down a little.", { "retry-after": "2" })),
  );
  await page.getByRole("link", { name: "Runs" }).click();
  await expect(page.getByRole("button", { name: /Try again in \d s/ })).toBeDisabled();
  await page.unroute("**/api/v1/agents/runs?*");
  await page.getByRole("button", { name: "Try again", exact: true }).click();
  await expect(page.getByText("Nothing was asked of the agents yet.")).toBeVisible();
});

test("403 where the plan ends: the reason and the way up, nothing typed is lost", async ({
  enter,
  founder,
}) => {
  await founder.onboard();
  const page = await enter("/icps/new");
  await page.getByLabel("What you call them").fill("Sweet shops");
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(page.getByText(/The Free plan allows 1/)).toBeVisible();
  await expect(page.getByRole("link", { name: "See plans" })).toBeVisible();
  await expect(page.getByLabel("What you call them")).toHaveValue("Sweet shops");
});

test("409: decided elsewhere, the true state is shown", async ({ enter, founder }) => {
  await founder.onboard();
  const { id } = await founder.move();
  const page = await enter(`/moves/${id}`);
  await founder.call("POST", `/moves/${id}/complete`);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText(/This has changed in the meantime/)).toBeVisible();
  await expect(page.getByText("Capture, done")).toBeVisible();
});

test("413 and 415 are said at the file, before it is sent", async ({ enter }) => {
  const page = await enter("/onboarding/pile");
  const drop = page.getByLabel(/Drop files/);
  await drop.setInputFiles([
    { name: "huge.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(21 * 1024 * 1024) },
    { name: "song.mp3", mimeType: "audio/mpeg", buffer: Buffer.from("ID3") },
  ]);
  await expect(page.getByText("Larger than 20 MB")).toBeVisible();
  await expect(page.getByText("This kind of file cannot be read")).toBeVisible();
});

test("a file near the ceiling arrives whole; 413 of the server is said at its file alone", async ({
  enter,
}) => {
  const page = await enter("/onboarding/pile");
  const drop = page.getByLabel(/Drop files/);
  const line = "We bake bread in Pune for offices every morning. ";
  const large = Buffer.alloc(12 * 1024 * 1024, line);
  await drop.setInputFiles([{ name: "long.txt", mimeType: "text/plain", buffer: large }]);
  await expect(page.getByText(/12\.0 MB/)).toBeVisible({ timeout: 60_000 });

  const answered = await page.evaluate(
    async ([text, mb]) => {
      const session = await fetch("/api/v1/onboarding/session", { method: "POST" });
      const { id } = (await session.json()).session;
      const form = new FormData();
      const times = (Number(mb) * 1024 * 1024) / String(text).length;
      form.append("file", new File([String(text).repeat(times)], "too-long.txt"));
      const path = `/api/v1/onboarding/${id}/vault/upload`;
      const answer = await fetch(path, { method: "POST", body: form });
      return [answer.status, (await answer.json()).code];
    },
    [line, 22],
  );
  expect(answered).toEqual([413, "file_too_large"]);

  await page.route("**/vault/upload", (route) =>
    route.fulfill(problem(413, "storage_full", "Your plan keeps 100 MB of documents.")),
  );
  await drop.setInputFiles([
    { name: "one-more.txt", mimeType: "text/plain", buffer: Buffer.from(line) },
  ]);
  await expect(page.getByText("Your plan keeps 100 MB of documents.")).toBeVisible();
  await expect(page.getByText("long.txt")).toBeVisible();
});
