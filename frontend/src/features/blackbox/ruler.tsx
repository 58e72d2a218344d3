import { cn } from "@/lib/cn";
import { GATED } from "./words";

/** Risk 1 to 10 as marks on a ruler; the figure stands beside it in words. */
export const Ruler = ({ level }: { level: number }) => (
  <span aria-hidden className="inline-flex items-end gap-[3px]">
    {Array.from({ length: 10 }, (_, i) => (
      <i
        key={i}
        className={cn(
          "w-[3px]",
          i + 1 === GATED || i === 0 || i === 9 ? "h-4" : "h-2.5",
          i < level ? (level >= GATED ? "bg-madder" : "bg-ink") : "bg-rule-2/50",
        )}
      />
    ))}
  </span>
);
