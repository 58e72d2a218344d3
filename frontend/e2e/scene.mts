import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { FEEDS } from "./stack.mts";

const PYTHON = path.join(import.meta.dirname, "../../.venv/bin/python");
const RUN = `import os, psycopg, sys
with psycopg.connect(os.environ["DSN"]) as c:
    c.execute(sys.argv[1], sys.argv[2:])`;

/** Past the API, to set what nobody can wait for: a day that went by, a bill of a model. */
export function sql(statement: string, ...values: string[]) {
  const home = path.join(process.env.STACK_DATA ?? "", "postgres");
  const [port, password] = ["port", "password"].map((f) =>
    fs.readFileSync(path.join(home, f), "utf8").trim(),
  );
  const DSN = `postgresql://supabase_admin:${encodeURIComponent(password ?? "")}@127.0.0.1:${port}/postgres?sslmode=disable`;
  execFileSync(PYTHON, ["-c", RUN, statement, ...values], { env: { ...process.env, DSN } });
}

export type Page = { type: string; body: string };

/** A site at an address that the stack of these tests may read; `pages` by path, all else is 404. */
export async function site(pages: Record<string, Page>) {
  const server = http.createServer((request, response) => {
    const page = pages[request.url ?? ""];
    response.statusCode = page ? 200 : 404;
    response.setHeader("content-type", page?.type ?? "text/plain");
    response.end(page?.body ?? "not here");
  });
  await new Promise<void>((done) => server.listen(0, FEEDS, done));
  const url = `http://${FEEDS}:${(server.address() as AddressInfo).port}`;
  return { url, close: () => server.close() };
}
