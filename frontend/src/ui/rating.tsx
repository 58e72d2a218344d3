"use client";
import { useId } from "react";
import { cn } from "@/lib/cn";

const WORDS = ["Not good", "So so", "All right", "Good", "Very good"] as const;

/** One of five, each a number with a word; the chosen one is filled. */
export function Rating({
  label,
  value,
  onChange,
}: {
  label: string;
  value: number | null;
  onChange: (value: number) => void;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1.5 text-small font-strong">{label}</legend>
      <div className="flex items-center gap-1.5">
        {WORDS.map((word, i) => (
          <label
            key={word}
            title={word}
            className={cn(
              "grid size-9 cursor-pointer place-items-center rounded-control border text-body figures transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-mor max-lg:size-11",
              value === i + 1
                ? "border-ink bg-ink text-on-ink"
                : "border-rule-2 text-ink-2 hover:border-ink hover:text-ink",
            )}
          >
            <input
              type="radio"
              className="sr-only"
              name={name}
              aria-label={`${i + 1} of 5, ${word.toLowerCase()}`}
              checked={value === i + 1}
              onChange={() => onChange(i + 1)}
            />
            <span aria-hidden>{i + 1}</span>
          </label>
        ))}
        <span aria-hidden className="ml-2 text-small text-ink-3">
          {value ? WORDS[value - 1] : ""}
        </span>
      </div>
    </fieldset>
  );
}
