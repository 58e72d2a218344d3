import { count, inr, many } from "@/lib/format";
import { cn } from "@/lib/cn";
import { Legend } from "@/ui/bars";
import { Section } from "@/ui/bits";
import { Tabs } from "@/ui/tabs";
import type { Open } from "./analytics";
import type { Group, Report } from "./queries";
import { nameOf, SIDES, type Side, type Span } from "./words";

type Props = { report: Report; span: Span; side: Side; open: Open };

/** The same tasks seen from one side: a row each, as long as what was planned there. */
export function Sides({ report: r, span, side, open }: Props) {
  const groups: Group[] = r[`by_${side}`];
  const most = Math.max(1, ...groups.map((g) => g.planned));
  return (
    <Section id="sides" title={SIDES[side].question}>
      <Tabs
        label="Seen by"
        here={`/analytics?days=${span}&by=${side}`}
        tabs={Object.entries(SIDES).map(([key, s]) => ({
          href: `/analytics?days=${span}&by=${key}`,
          name: s.name,
        }))}
      />
      {groups.length ? (
        <div className="pt-5">
          <Legend parts={PARTS} />
          <ul>
            {groups.map((g) => (
              <Row
                key={g.key}
                name={nameOf(side, g)}
                group={g}
                most={most}
                open={() =>
                  open({
                    search: new URLSearchParams({
                      first: r.first,
                      last: r.last,
                      [side]: g.key,
                    }).toString(),
                    title: nameOf(side, g),
                  })
                }
              />
            ))}
          </ul>
        </div>
      ) : (
        <p className="py-4 text-body text-ink-2">Nothing of these days has one.</p>
      )}
    </Section>
  );
}

const PARTS = [
  { name: "Done", key: "done", tone: "ink" },
  { name: "Skipped", key: "skipped", tone: "rule" },
  { name: "Missed", key: "missed", tone: "genda" },
  { name: "To come", key: "open", tone: "ahead" },
] as const;
const FILL = {
  ink: "bg-ink",
  rule: "bg-rule-2",
  genda: "bg-genda",
  ahead: "border border-rule-2 bg-paper",
} as const;

type RowProps = { name: string; group: Group; most: number; open: () => void };

function Row({ name, group: g, most, open }: RowProps) {
  const facts = [
    `${count(g.done)} of ${many(g.planned, "task")} done`,
    g.missed ? `${count(g.missed)} missed` : "",
    g.posted ? `${count(g.posted)} went out` : "",
    g.average_rating ? `rated ${g.average_rating.toFixed(1)} of 5` : "",
    g.spent_inr ? `${inr(g.spent_inr)} spent` : "",
    ...g.results.slice(0, 2).map((r) => `${count(r.total)} ${r.name}`),
  ].filter(Boolean);
  return (
    <li className="grid gap-x-8 gap-y-1.5 border-t border-rule py-3.5 first:border-0 lg:grid-cols-[13rem_minmax(0,1fr)] lg:items-center">
      {g.planned ? (
        <button
          type="button"
          onClick={open}
          className="min-h-6 text-left font-strong hover:underline hover:decoration-1 hover:underline-offset-4"
        >
          {name}
        </button>
      ) : (
        <span className="font-strong">{name}</span>
      )}
      <div className="min-w-0">
        <div
          aria-hidden
          className="flex h-3 gap-px"
          style={{ width: `${(g.planned / most) * 100}%` }}
        >
          {PARTS.map((p) =>
            g[p.key] ? (
              <div
                key={p.key}
                className={cn("min-w-1", FILL[p.tone])}
                style={{ flexGrow: g[p.key] }}
              />
            ) : null,
          )}
        </div>
        <p className="mt-1.5 text-small text-ink-2 figures">{facts.join(", ")}</p>
      </div>
    </li>
  );
}
