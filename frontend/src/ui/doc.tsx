import { capital, count } from "@/lib/format";

/**
 * JSON that people read: what a step of the onboarding gave, or a part of the foundation. Texts in the serif,
 * captions beside them, and at the right whatever `cite` makes of the ids of the facts they rest on.
 */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Cite = (ids: string[]) => React.ReactNode;

/** Members that serve the machine, or are drawn elsewhere. */
const UNSEEN = new Set([
  "missing",
  "sources",
  "formula",
  "evidence_id",
  "code",
  "is_primary",
  "is_secondary",
  "fact_id",
  "id",
  "price",
  "price_max",
  "currency",
  "plan_limit",
  "enough",
  "axes",
  "points",
  "disputed",
  "owner_numbers",
  "start",
  "end",
  "found",
  "search_note",
]);
/** Which member of an object names it. */
const TITLES = [
  "text",
  "name",
  "message",
  "rule",
  "capability",
  "channel",
  "category",
  "term",
  "label",
  "title",
];

const LABELS: Record<string, string> = {
  usps: "What sets you apart",
  per_month: "A month",
  per_year: "A year",
  tam: "Everybody who could buy",
  sam: "Whom you can reach",
  som: "Whom you can win",
  brand_voice: "How you sound",
  icps: "Profiles",
  price_text: "Price",
  website_url: "Website",
  company_name: "Company",
  company_stage: "Stage",
  us: "You",
  expected_upside: "What could come of it",
  potential_downside: "What could go wrong",
  risk_reasons: "Why it is risky",
  kill_criteria: "When to stop",
  time_to_result: "When it shows",
  customers_total: "Everybody who could buy",
  reachable_percent: "The share you can reach",
  winnable_percent: "The share you can win of those",
  price_per_year: "What one customer pays a year",
  given_by: "Said by",
  vectors: "Passages found by meaning",
  entities: "Names and things",
  relationships: "How they hang together",
  stage_name: "What they know",
};
export const labelOf = (key: string) => LABELS[key] ?? capital(key.replaceAll("_", " "));

/** What a machine named is said in words. */
const named = (title: string) => (/^[a-z]+(_[a-z]+)+$/.test(title) ? labelOf(title) : title);

export const isEmpty = (value: Json | undefined): boolean =>
  value === null ||
  value === undefined ||
  value === "" ||
  (Array.isArray(value) && value.every(isEmpty)) ||
  (typeof value === "object" &&
    Object.entries(value).every(([k, v]) => UNSEEN.has(k) || isEmpty(v)));

const isScalar = (value: Json | undefined): value is string | number | boolean =>
  typeof value !== "object";
const plain = (value: string | number | boolean) =>
  typeof value === "boolean"
    ? value
      ? "yes"
      : "no"
    : typeof value === "number"
      ? count(value)
      : withoutIds(value);
/** Facts that a reason names by their number inside stand beside it as sources. */
export const withoutIds = (text: string) => text.replace(/ \(F\d+(, F\d+)*\)/g, "");
const isLong = (value: Json) => typeof value === "string" && value.length > 46;

export function Doc({ value, cite }: { value: { [key: string]: Json }; cite?: Cite }) {
  const shown = Object.entries(value).filter(([key, v]) => !UNSEEN.has(key) && !isEmpty(v));
  const sources = (value.sources ?? {}) as { [key: string]: string[] } | string[];
  return (
    <dl className="space-y-6">
      {shown.map(([key, v]) => {
        const ids = Array.isArray(sources) ? [] : (sources[key] ?? []);
        return (
          <div key={key} className="grid gap-x-10 gap-y-1 lg:grid-cols-[9.5rem_minmax(0,1fr)]">
            <dt className="pt-0.5 text-small text-ink-3">{labelOf(key)}</dt>
            <dd className="min-w-0">
              <Value value={v} {...(cite ? { cite } : {})} />
              {cite && ids.length && !(Array.isArray(v) && v.some((x) => !isScalar(x))) ? (
                <div className="mt-1">{cite(ids)}</div>
              ) : null}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** One value of it, without a caption. */
export function Value({ value, cite }: { value: Json; cite?: Cite }): React.ReactNode {
  const pass = cite ? { cite } : {};
  if (value === null || value === undefined) return null;
  if (isScalar(value)) return <p className="font-serif text-read">{plain(value)}</p>;
  if (!Array.isArray(value)) return <Thing thing={value} {...pass} />;
  const items = value.filter((v) => !isEmpty(v));
  if (items.every((v) => isScalar(v) && !isLong(v)))
    return (
      <p className="font-serif text-read">{items.map((v) => plain(v as string)).join(", ")}</p>
    );
  return (
    <ul>
      {items.map((v, i) => (
        <li key={i} className="border-t border-rule py-2.5 first:border-0 first:pt-0">
          {v === null ? null : isScalar(v) ? (
            <p className="font-serif text-read">{plain(v)}</p>
          ) : Array.isArray(v) ? (
            <Value value={v} {...pass} />
          ) : (
            <Thing thing={v} {...pass} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** An object: what names it, its short members as a caption, its long ones beneath. */
function Thing({ thing, cite }: { thing: { [key: string]: Json }; cite?: Cite }) {
  const title = TITLES.find((t) => typeof thing[t] === "string" && thing[t]);
  const rest = Object.entries(thing).filter(
    ([k, v]) => k !== title && !UNSEEN.has(k) && !isEmpty(v),
  );
  const short = rest.filter(([, v]) => isScalar(v) && !isLong(v));
  const long = rest.filter(([, v]) => !isScalar(v) || isLong(v));
  const ids = Array.isArray(thing.sources) ? (thing.sources as string[]) : [];
  return (
    <div className="flex items-baseline justify-between gap-4">
      <div className="min-w-0 flex-1">
        {title ? <p className="font-serif text-read">{named(thing[title] as string)}</p> : null}
        {short.length ? (
          <p className="mt-0.5 text-small text-ink-3 figures">
            {short
              .map(([k, v]) =>
                k === "price_text" ? plain(v as string) : `${labelOf(k)}: ${plain(v as string)}`,
              )
              .join(" · ")}
          </p>
        ) : null}
        {long.map(([k, v]) => (
          <div key={k} className="mt-2">
            <p className="text-small text-ink-3">{labelOf(k)}</p>
            <Value value={v} {...(cite ? { cite } : {})} />
          </div>
        ))}
      </div>
      {cite && ids.length ? <div className="shrink-0">{cite(ids)}</div> : null}
    </div>
  );
}
