import { cn } from "@/lib/cn";

/** A talon that is also an opening quotation mark. */
export const Talon = ({ className }: { className?: string }) => (
  <svg viewBox="0 0 24 24" className={cn("size-5", className)} aria-hidden="true">
    <path
      fill="currentColor"
      d="M13.6 2.2c5 .6 8 4.2 8 9 0 5.9-4.9 9.9-12.4 10.6-.5 0-.7-.6-.2-.8 4-1.8 5.9-4 5.9-6.6 0-.9-.2-1.6-.6-2.3-.7.5-1.7.8-2.8.8-3.2 0-5.5-2.2-5.5-5.2 0-3.4 3.2-6 7.6-5.5Z"
    />
  </svg>
);

export const Overline = ({ id, children }: { id?: string; children: React.ReactNode }) => (
  <p id={id} className="overline-label">
    {children}
  </p>
);

export const Key = ({ children }: { children: React.ReactNode }) => (
  <kbd className="hidden rounded-slip border border-current px-1 font-sans text-micro leading-4 lg:inline-block">
    {children}
  </kbd>
);

const FILL = { ink: "bg-ink", mor: "bg-mor", genda: "bg-genda", rule: "bg-rule-2" } as const;

/** `value`: 0 to 100. */
export function Meter({
  value,
  label,
  tone = "ink",
}: {
  value: number;
  label: string;
  tone?: keyof typeof FILL;
}) {
  const shown = Math.max(0, Math.min(100, value));
  return (
    <div
      role="meter"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(shown)}
      aria-label={label}
      className="h-[3px] w-full bg-rule"
    >
      <div
        className={cn("h-full transition-[width] duration-300", FILL[tone])}
        style={{ width: `${shown}%` }}
      />
    </div>
  );
}

/** The one look of a link inside text. */
export const link =
  "text-mor underline decoration-1 underline-offset-3 hover:decoration-2 rounded-slip";
/** A link that keeps the colour of its text. */
export const inkLink =
  "underline decoration-rule-2 decoration-1 underline-offset-4 hover:decoration-ink";

/** An ink hairline over a small strong heading, with a figure or an act at the right. */
export function Section({
  id,
  title,
  aside,
  children,
}: {
  id: string;
  title: React.ReactNode;
  aside?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <section aria-labelledby={id}>
      <div className="flex min-h-10 items-baseline justify-between gap-4 border-t border-ink pt-3">
        <h2 id={id} className="text-body font-strong tracking-normal">
          {title}
        </h2>
        {aside ? <div className="text-small text-ink-3">{aside}</div> : null}
      </div>
      {children}
    </section>
  );
}

/** The head of a page: where one is, its one heading, what it is for, and what can be done. */
export function PageHead({
  trail,
  title,
  lead,
  acts,
}: {
  trail?: React.ReactNode;
  title: React.ReactNode;
  lead?: React.ReactNode;
  acts?: React.ReactNode;
}) {
  return (
    <header className="mb-8 lg:mb-10">
      {trail || acts ? (
        <div className="flex min-h-9 flex-wrap items-center justify-between gap-x-6 gap-y-2 text-small text-ink-2">
          <div>{trail}</div>
          <div className="flex flex-wrap items-center gap-2">{acts}</div>
        </div>
      ) : null}
      <h1 className="mt-3 max-w-[22ch] font-serif text-[2.25rem] leading-[1.08] sm:text-[2.75rem]">
        {title}
      </h1>
      {lead ? (
        <div className="mt-4 max-w-[38rem] font-serif text-read text-ink-2">{lead}</div>
      ) : null}
    </header>
  );
}

/** A word beside a dot: never colour alone. */
const DOT = {
  mor: "bg-mor",
  genda: "bg-genda",
  neel: "bg-neel",
  madder: "bg-madder",
  jamun: "bg-jamun",
  rule: "bg-rule-2",
  ink: "bg-ink",
} as const;
export type Dye = keyof typeof DOT;

export const Tag = ({ dye, children }: { dye: Dye; children: React.ReactNode }) => (
  <span className="inline-flex items-center gap-1.5 text-small text-ink-2">
    <i aria-hidden className={cn("size-[7px] shrink-0 rounded-round", DOT[dye])} />
    {children}
  </span>
);
