import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const ROOT = path.join(import.meta.dirname, "../..");
const BUILD_AND_START_MS = 15 * 60_000;

/** This machine's own network, of which e2e/feeds serves one address; the one a stranger would try stays closed. */
export const FEEDS = "127.77.0.1";

/** What this app can show and is off until it is asked for. */
const OFFERS = {
  EGRESS_ALLOW_NETWORKS: `${FEEDS}/32`,
  PHONEPE_AUTOPAY: "checkout",
  TRIAL_DAYS: "14",
};

/** `raptorflow up` in a folder that is thrown away: the real API, the real store, the app as it is built. */
export default async function stack() {
  if (process.env.WEB_URL) return;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "raptorflow-e2e-"));
  fs.chmodSync(folder, 0o711);
  const data = path.join(folder, "data");
  const up = spawn(
    path.join(ROOT, ".venv/bin/raptorflow"),
    ["up", "--port=0", "--web-port=0", `--data-dir=${data}`, `--for-process=${process.pid}`],
    {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, COLUMNS: "200", ...OFFERS },
    },
  );
  const ended = new Promise<never>((_, fail) =>
    up.on("exit", (code) => fail(new Error(`raptorflow up ended with ${code}`))),
  );
  ended.catch(() => {});
  let said = "";
  const there = new Promise<void>((done, fail) => {
    up.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (/^Web app +http:\/\/\S+$/m.test(said)) done();
      if (/^Web app .*says more$/m.test(said)) fail(new Error(said));
    });
  });
  const late = new Promise<never>((_, fail) =>
    setTimeout(
      () => fail(new Error(`the web app did not come: ${said}`)),
      BUILD_AND_START_MS,
    ).unref(),
  );
  await Promise.race([there, ended, late]).catch((error: unknown) => {
    up.kill("SIGTERM");
    throw error;
  });
  const line = (name: string) => new RegExp(`^${name} +(\\S+)`, "m").exec(said)?.[1] ?? "";
  process.env.WEB_URL = /^Web app +(http:\/\/\S+)$/m.exec(said)?.[1] ?? "";
  process.env.API_URL = line("API");
  process.env.SUPABASE_URL = line("Auth and storage");
  process.env.SUPABASE_ANON_KEY = line("Anonymous key");
  process.env.STACK_DATA = data;
  return async () => {
    up.kill("SIGTERM");
    await ended.catch(() => {});
    fs.rmSync(folder, { recursive: true, force: true });
  };
}
