import type { Schemas } from "@/lib/api/client";
import { capital, many } from "@/lib/format";

/** Parts of the API that a key can be let into, as the API names them. */
export const AREAS: Record<string, string> = {
  agents: "Agents and their runs",
  analytics: "Analytics",
  approvals: "Approvals",
  moves: "Moves",
  campaigns: "Campaigns",
  muse: "Muse",
  blackbox: "Blackbox",
  "daily-wins": "Daily wins",
  foundation: "Foundation",
  icps: "ICPs",
  onboarding: "Onboarding and documents",
  memory: "Memory",
  feedback: "Feedback",
  billing: "Billing",
  exports: "Exports",
  "webhook-endpoints": "Webhooks",
  "audit-log": "Log",
};

/** "May read everything, and change Moves and Muse." */
export function scopesInWords(scopes: string[]): string {
  const of = (right: string) =>
    scopes
      .filter((s) => s.endsWith(`:${right}`))
      .map((s) => s.slice(0, -right.length - 1))
      .map((area) => (area === "*" ? "everything" : (AREAS[area] ?? area)));
  const parts = [
    ["read", of("read")],
    ["change", of("write")],
  ] as const;
  const said = parts
    .filter(([, areas]) => areas.length)
    .map(([verb, areas]) => `${verb} ${areas.includes("everything") ? "everything" : list(areas)}`);
  return said.length ? `May ${said.join(", and ")}.` : "May do nothing.";
}

const list = (words: string[]) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** `move.started`, `webhook_endpoint.created` as a line of a log: "Move started". */
export function eventInWords(event: string): string {
  const [noun = "", verb = ""] = event.split(".");
  const words = `${noun} ${verb}`.replaceAll("_", " ").trim();
  return capital(words.replace(/\b(api|icp)(?=s?\b)/g, (short) => short.toUpperCase()));
}

export const ACTORS: Record<string, string> = { user: "You", key: "A key", agent: "An agent" };
export const CHANNELS: Record<string, string> = {
  api: "",
  mcp: "over MCP",
  worker: "in the background",
};
export const DELIVERED: Record<string, string> = {
  pending: "Being sent",
  delivered: "Arrived",
  failed: "Given up",
};

const LENGTHS = { shorter: "Shorter ones", just_right: "As it is", longer: "Longer ones" };
const DETAILS = { less_detail: "Less", just_right: "As it is", more_detail: "More" };
type Preferences = Schemas["Preferences"];

/** What verdicts have taught, in words. */
export const learned = (p: Preferences): [string, string][] => [
  ["Tone", capital((p.preferred_tone ?? "").replaceAll("_", " "))],
  ["Length", LENGTHS[p.preferred_length ?? "just_right"]],
  ["Detail", DETAILS[p.preferred_detail ?? "just_right"]],
  ["Learned from", many(p.feedback_count ?? 0, "verdict")],
];

/** A memory as it is read: what the engine names with underscores is said in words. */
export const inPlain = (text: string) =>
  capital(text.replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (name) => name.replaceAll("_", " ")));
