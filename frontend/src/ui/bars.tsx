import { cn } from "@/lib/cn";

export type Bar = { key: string; label: string; value: number; said: string; now?: boolean };

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
            className="flex h-full min-w-0 flex-1 items-end hover:bg-paper-2"
          >
            <div
              className={cn("w-full", b.now ? "bg-mor" : "bg-ink")}
              style={{
                height: b.value ? `max(2px, ${(b.value / most) * 100}%)` : "0",
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
              "min-w-0 flex-1 text-center whitespace-nowrap",
              b.now && "font-strong text-ink",
            )}
          >
            {i % every === 0 || b.now ? b.label : ""}
          </span>
        ))}
      </div>
      <details className="mt-4 text-body">
        <summary className="w-fit cursor-pointer text-small text-ink-3 underline decoration-rule-2 underline-offset-3 hover:text-ink">
          The same as a table
        </summary>
        <div
          className="mt-2 max-h-80 overflow-y-auto"
          tabIndex={0}
          role="region"
          aria-label={title}
        >
          {children}
        </div>
      </details>
    </figure>
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
