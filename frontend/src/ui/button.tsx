import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";

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
  VariantProps<typeof buttonStyle> & { asChild?: boolean; busy?: boolean };

/** While `busy` it stays focusable, says so, and takes no second press. */
export function Button({ kind, size, wide, asChild, busy, onClick, ...rest }: Props) {
  const Tag = asChild ? Slot.Root : "button";
  return (
    <Tag
      {...(asChild ? {} : { type: "button" as const })}
      {...(busy ? { "aria-disabled": true, "aria-busy": true } : {})}
      onClick={busy ? (e) => e.preventDefault() : onClick}
      className={buttonStyle({ kind, size, wide })}
      {...rest}
    />
  );
}
