import { cva, type VariantProps } from "class-variance-authority";
import { cloneElement, type ReactElement } from "react";

export const buttonStyle = cva(
  "inline-flex items-center justify-center gap-2 rounded-control font-strong whitespace-nowrap transition-[background,color,transform,border-color] duration-150 select-none active:translate-y-px disabled:pointer-events-none disabled:opacity-45 aria-disabled:opacity-45",
  {
    variants: {
      kind: {
        solid: "bg-ink text-on-ink hover:bg-ink/88",
        line: "border border-rule-2 text-ink hover:border-ink hover:bg-paper-2",
        quiet: "text-ink-2 hover:bg-paper-2 hover:text-ink",
        danger: "text-madder hover:bg-madder-wash",
      },
      size: {
        s: "h-8 px-3 text-small max-lg:h-9",
        m: "h-10 px-4 text-body max-lg:h-11",
        l: "h-11 px-5 text-body",
      },
      wide: { always: "w-full", phone: "w-full sm:w-auto", no: "" },
    },
    defaultVariants: { kind: "line", size: "m", wide: "no" },
  },
);

type Props = Omit<React.ComponentProps<"button">, "className"> &
  VariantProps<typeof buttonStyle> & { asChild?: never; busy?: boolean };
/** A link that looks like a button; what it does is its own. */
type Link = VariantProps<typeof buttonStyle> & {
  asChild: true;
  children: ReactElement<{ className?: string }>;
};

/** While `busy` it stays focusable, says so, and takes no second press. */
export function Button(props: Props | Link) {
  if (props.asChild) {
    const { kind, size, wide, children } = props;
    return cloneElement(children, { className: buttonStyle({ kind, size, wide }) });
  }
  const { kind, size, wide, busy, onClick, ...rest } = props;
  return (
    <button
      type="button"
      {...(busy ? { "aria-disabled": true, "aria-busy": true } : {})}
      onClick={busy ? (e) => e.preventDefault() : onClick}
      className={buttonStyle({ kind, size, wide })}
      {...rest}
    />
  );
}
