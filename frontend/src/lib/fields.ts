import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { ApiError } from "./api/errors";

/**
 * Put the server's 422 beside the fields it names and focus the first. False: it names none of ours.
 * `within`: the member of the body that the fields of this form are in.
 */
export function showAtFields<T extends FieldValues>(
  form: UseFormReturn<T>,
  error: unknown,
  within = "",
): boolean {
  if (!(error instanceof ApiError) || error.status !== 422) return false;
  const known = Object.keys(form.getValues());
  const own = (name: string) => (within ? name.replace(`${within}.`, "") : name).split(".")[0]!;
  const named = Object.entries(error.fields).filter(([name]) => known.includes(own(name)));
  for (const [i, [name, message]] of named.entries())
    form.setError(own(name) as Path<T>, { type: "server", message }, { shouldFocus: i === 0 });
  return named.length > 0;
}

/** One for each thing that is made: pressing twice, or again after a lost answer, makes it once. */
export const onceKey = () => ({ "idempotency-key": crypto.randomUUID() });
