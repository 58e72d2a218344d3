"use client";
import { useId } from "react";
import { cn } from "@/lib/cn";

const control =
  "w-full rounded-control border bg-sheet px-3 text-ink outline-offset-1 placeholder:text-ink-3 disabled:opacity-60";
const edge = (error?: string) => (error ? "border-madder" : "border-rule-2 hover:border-ink-2");

type Frame = {
  label: string;
  hint?: React.ReactNode;
  error?: string | undefined;
  /** The label stays for those who do not see the page. */
  bare?: boolean;
};

function useFrame({ hint, error }: Frame) {
  const id = useId();
  const notes = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return { id, aria: { "aria-invalid": !!error, "aria-describedby": notes || undefined } };
}

function Around({
  id,
  label,
  hint,
  error,
  bare,
  children,
}: Frame & { id: string; children: React.ReactNode }) {
  return (
    <div>
      <label htmlFor={id} className={bare ? "sr-only" : "mb-1.5 block text-small font-strong"}>
        {label}
      </label>
      {children}
      {hint ? (
        <p id={`${id}-hint`} className="mt-1.5 text-small text-ink-3">
          {hint}
        </p>
      ) : null}
      {error ? (
        <p id={`${id}-error`} role="alert" className="mt-1.5 text-small text-madder">
          {error}
        </p>
      ) : null}
    </div>
  );
}

type Own<T extends "input" | "textarea" | "select"> = Frame &
  Omit<React.ComponentProps<T>, "className" | "id">;

export function TextField({ label, hint, error, bare, ...rest }: Own<"input">) {
  const { id, aria } = useFrame({ label, hint, ...(error ? { error } : {}) });
  return (
    <Around id={id} label={label} hint={hint} error={error} bare={bare ?? false}>
      <input id={id} {...aria} className={cn(control, "h-11 text-body", edge(error))} {...rest} />
    </Around>
  );
}

/** Grows with what is written. `serif` for what will be read, not operated. */
export function TextArea({
  label,
  hint,
  error,
  bare,
  serif,
  rows = 3,
  ...rest
}: Own<"textarea"> & { serif?: boolean }) {
  const { id, aria } = useFrame({ label, hint, ...(error ? { error } : {}) });
  return (
    <Around id={id} label={label} hint={hint} error={error} bare={bare ?? false}>
      <textarea
        id={id}
        rows={rows}
        {...aria}
        className={cn(
          control,
          "field-sizing-content py-2.5",
          rows === 1 ? "min-h-11" : "min-h-20",
          serif ? "font-serif text-read" : "text-body",
          edge(error),
        )}
        {...rest}
      />
    </Around>
  );
}

export function Select({ label, hint, error, bare, children, ...rest }: Own<"select">) {
  const { id, aria } = useFrame({ label, hint, ...(error ? { error } : {}) });
  return (
    <Around id={id} label={label} hint={hint} error={error} bare={bare ?? false}>
      <select
        id={id}
        {...aria}
        className={cn(control, "h-11 pr-8 text-body", edge(error))}
        {...rest}
      >
        {children}
      </select>
    </Around>
  );
}

/** A tick with its words; the whole line is the target. */
export function Check({
  label,
  hint,
  ...rest
}: { label: string; hint?: string } & Omit<React.ComponentProps<"input">, "className" | "type">) {
  return (
    <label className="flex min-h-11 cursor-pointer items-start gap-3 py-2">
      <input type="checkbox" className="mt-1 size-4 accent-mor" {...rest} />
      <span>
        {label}
        {hint ? <span className="block text-small text-ink-3">{hint}</span> : null}
      </span>
    </label>
  );
}

/** One of a few, each a word and a sentence. */
export function Choice<T extends string>({
  label,
  value,
  onChange,
  options,
  columns = 1,
}: {
  label: string;
  value: T | "";
  onChange: (value: T) => void;
  options: { value: T; title: string; text?: string }[];
  columns?: 1 | 2;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1.5 text-small font-strong">{label}</legend>
      <div
        className={cn("border-b border-rule", columns === 2 && "sm:grid sm:grid-cols-2 sm:gap-x-8")}
      >
        {options.map((o) => (
          <label
            key={o.value}
            className="relative flex cursor-pointer items-start gap-3 border-t border-rule py-3 transition-colors hover:bg-paper-2 has-checked:before:absolute has-checked:before:inset-y-0 has-checked:before:-left-3 has-checked:before:w-[3px] has-checked:before:bg-mor"
          >
            <input
              type="radio"
              name={name}
              value={o.value}
              checked={value === o.value}
              onChange={() => onChange(o.value)}
              className="mt-1 size-4 shrink-0 accent-mor"
            />
            <span>
              <span className="font-strong">{o.title}</span>
              {o.text ? <span className="block text-small text-ink-2">{o.text}</span> : null}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
