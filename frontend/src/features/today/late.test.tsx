import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Running } from "@/features/moves/queries";
import { Late } from "./late";

// Before the client is made: Node's own knows no page that "/" is relative to.
vi.hoisted(() => {
  globalThis.Request = class extends Request {
    constructor(url: string, init?: RequestInit) {
      super(new URL(url, "http://localhost"), init);
    }
  } as typeof Request;
});

const task = (scheduled_date: string, status = "pending") => ({
  id: scheduled_date + status,
  status,
  scheduled_date,
  estimated_minutes: 20,
});
const move = (tasks: unknown[]) => ({ id: "m1", name: "Ten orders", tasks }) as unknown as Running;

test("what earlier days left open is laid out anew by the API, which says what became of it", async () => {
  const asked: [string, unknown][] = [];
  const message = "Two tasks moved to today and tomorrow.";
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push([`${request.method} ${new URL(request.url).pathname}`, await request.json()]);
    return Response.json({ move: {}, adapted: { message, moved: [], dropped: [] } });
  });
  const page = (tasks: unknown[]) => (
    <QueryClientProvider client={client}>
      <Late moves={[move(tasks)]} day="2026-11-26" />
    </QueryClientProvider>
  );
  const client = new QueryClient();
  const done = task("2026-11-24", "completed");
  const { rerender } = render(
    page([task("2026-11-24"), task("2026-11-25"), task("2026-11-26"), done]),
  );
  expect(screen.getByText(/^Two tasks of earlier days are open, 40 min in all/)).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Lay them out anew" }));
  expect(asked).toEqual([["POST /api/v1/moves/m1/adapt", { mode: "keep_end" }]]);
  rerender(page([task("2026-11-26"), done]));
  expect((await screen.findByRole("status")).textContent).toContain(message);
  expect(screen.queryByRole("button")).toBeNull();
});
