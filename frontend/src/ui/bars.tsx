import { useState } from "react";
import { cn } from "@/lib/cn";

export type Bar = { key: string; label: string; value: number; said: string; now?: boolean };

/** So many columns leave room for their figures above them. */
const FEW = 8;

/**
 * Columns from one ground line. What each stands for is in the table that `children` bring, which is how the
 * figures are read without seeing the columns.
 */
export function Bars({
  title,
  bars,
  top,
  children,
}: {
  title: string;
  bars: Bar[];
  /** The value of the highest column that fits; the data's own highest if it is higher. */
  top?: number;
  children: React.ReactNode;
}) {
  const most = Math.max(top ?? 0, ...bars.map((b) => b.value)) || 1;
  const every = bars.length > 16 ? 5 : 1;
  return (
    <figure>
      <figcaption className="sr-only">{title}</figcaption>
      <div aria-hidden className="flex h-40 items-end gap-[3px] border-b border-ink sm:gap-1">
        {bars.map((b) => (
          <div
            key={b.key}
            title={`${b.label}: ${b.said}`}
            className="flex h-full min-w-0 flex-1 flex-col justify-end hover:bg-paper-2"
          >
            {b.value && bars.length <= FEW ? (
              <span className="pb-0.5 text-center text-micro text-ink-3 figures">{b.said}</span>
            ) : null}
            <div
              className={cn("mx-auto w-full max-w-16", b.now ? "bg-mor" : "bg-ink")}
              style={{
                height: b.value ? `max(2px, ${(b.value / most) * 88}%)` : "0",
              }}
            />
          </div>
        ))}
      </div>
      <div aria-hidden className="flex gap-[3px] pt-1.5 text-micro text-ink-3 figures sm:gap-1">
        {bars.map((b, i) => (
          <span
            key={b.key}
            className={cn(
              "flex min-w-0 flex-1 whitespace-nowrap",
              sideOf(i, bars.length),
              b.now && "font-strong text-ink",
            )}
          >
            {i % every === 0 || b.now ? b.label : ""}
          </span>
        ))}
      </div>
      <Same title={title}>{children}</Same>
    </figure>
  );
}

export type Part = { name: string; value: number; tone: keyof typeof TONES };

const TONES = {
  ink: "bg-ink",
  genda: "bg-genda",
  rule: "bg-rule-2",
  /** Not filled: it has not happened. */
  ahead: "border border-rule-2 bg-paper",
} as const;

/** What the tones of a stack stand for, in words. */
export const Legend = ({ parts }: { parts: readonly Omit<Part, "value">[] }) => (
  <ul aria-hidden className="mb-4 flex flex-wrap gap-x-5 gap-y-1 text-small text-ink-2">
    {parts.map((p) => (
      <li key={p.name} className="flex items-center gap-1.5">
        <i className={cn("size-2.5", TONES[p.tone])} />
        {p.name}
      </li>
    ))}
  </ul>
);

/** Columns made of parts; like `Bars`, with the table that `children` bring. */
export function Stacks({
  title,
  stacks,
  children,
}: {
  title: string;
  stacks: { key: string; label: string; parts: Part[]; now?: boolean }[];
  children: React.ReactNode;
}) {
  const sums = stacks.map((s) => s.parts.reduce((sum, p) => sum + p.value, 0));
  const most = Math.max(...sums, 1);
  const every = Math.ceil(stacks.length / 13);
  return (
    <figure>
      <figcaption className="sr-only">{title}</figcaption>
      <Legend parts={stacks[0]?.parts ?? []} />
      <div aria-hidden className="flex h-44 items-end gap-1 border-b border-ink sm:gap-2">
        {stacks.map((s, i) => (
          <div
            key={s.key}
            title={`${s.label}: ${s.parts.map((p) => `${p.value} ${p.name.toLowerCase()}`).join(", ")}`}
            className="flex h-full min-w-0 flex-1 flex-col justify-end hover:bg-paper-2"
          >
            {sums[i] ? (
              <span className="pb-0.5 text-center text-micro text-ink-3 figures">
                {stacks.length <= FEW ? sums[i] : ""}
              </span>
            ) : null}
            <div
              className="mx-auto flex w-full max-w-16 flex-col-reverse gap-px"
              style={{ height: `${((sums[i] ?? 0) / most) * 88}%` }}
            >
              {s.parts.map((p) =>
                p.value ? (
                  <div key={p.name} className={TONES[p.tone]} style={{ flexGrow: p.value }} />
                ) : null,
              )}
            </div>
          </div>
        ))}
      </div>
      <div aria-hidden className="flex gap-1 pt-1.5 text-micro text-ink-3 figures sm:gap-2">
        {stacks.map((s, i) => (
          <span
            key={s.key}
            className={cn(
              "flex min-w-0 flex-1 whitespace-nowrap",
              sideOf(i, stacks.length),
              s.now && "font-strong text-ink",
            )}
          >
            {i % every === 0 || s.now ? s.label : ""}
          </span>
        ))}
      </div>
      <Same title={title}>{children}</Same>
    </figure>
  );
}

/** A label is wider than a narrow bar: it hangs over both its sides, at the ends over the inner one. */
const sideOf = (i: number, of: number) =>
  of > FEW && i === 0
    ? "justify-start"
    : of > FEW && i === of - 1
      ? "justify-end"
      : "justify-center";

/** Made when it is opened: a year of weeks three times over would be half of a page's HTML. */
function Same({ title, children }: { title: string; children: React.ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="mt-4 text-body" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary className="w-fit cursor-pointer text-small text-ink-3 underline decoration-rule-2 underline-offset-3 hover:text-ink">
        The same as a table
      </summary>
      <div className="mt-2 max-h-80 overflow-auto" tabIndex={0} role="group" aria-label={title}>
        {open ? children : null}
      </div>
    </details>
  );
}

/** Rows of words and figures under a small head; the first column reads, the others align. */
export function Figures({
  caption,
  head,
  rows,
}: {
  caption: string;
  head: string[];
  rows: { key: string; cells: React.ReactNode[] }[];
}) {
  return (
    <table className="w-full text-body">
      <caption className="sr-only">{caption}</caption>
      <thead className="text-left text-small text-ink-3">
        <tr>
          {head.map((h, i) => (
            <th key={h} scope="col" className={cn("py-2 font-body", i && "pl-4 text-right")}>
              {h}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="figures">
        {rows.map((r) => (
          <tr key={r.key} className="border-t border-rule align-baseline">
            {r.cells.map((cell, i) => (
              <td key={i} className={cn("py-2.5", i && "pl-4 text-right whitespace-nowrap")}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
