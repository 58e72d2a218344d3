"use client";
import { valibotResolver } from "@hookform/resolvers/valibot";
import { useForm, type UseFormReturn } from "react-hook-form";
import * as v from "valibot";
import { useKept } from "@/lib/kept";
import { Select, TextArea, TextField } from "@/ui/field";
import type { Subscription } from "./queries";
import { INDIAN_STATES } from "./states";

/** Whom an invoice is for, as Indian tax law wants to know it. */
export const Details = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1, "Who is the invoice for?")),
  address: v.pipe(v.string(), v.trim(), v.minLength(1, "The address is printed on the invoice.")),
  pin: v.pipe(v.string(), v.trim(), v.regex(/^[1-9]\d{2} ?\d{3}$/, "A PIN has six digits.")),
  state: v.pipe(v.string(), v.minLength(1, "The state decides which tax applies.")),
  gstin: v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^(\d{2}[A-Za-z]{5}\d{4}[A-Za-z][A-Za-z\d]{3})?$/, "A GSTIN has 15 characters."),
  ),
});
export type Details = v.InferOutput<typeof Details>;

export const asSent = (d: Details) => ({ ...d, gstin: d.gstin || null, country: "IN" as const });

/** A form with what is known from before; what is typed stays through a sign-in until `forget`. */
export function useDetails(now: Subscription) {
  const known = now.billing_details;
  const form = useForm<Details>({
    mode: "onTouched",
    resolver: valibotResolver(Details),
    defaultValues: {
      name: known?.name ?? "",
      address: known?.address ?? "",
      pin: known?.pin ?? "",
      state: known?.state_code ?? "",
      gstin: known?.gstin ?? "",
    },
  });
  return { form, forget: useKept("billing-details", form) };
}

export function Fields({ form }: { form: UseFormReturn<Details> }) {
  const { register, formState } = form;
  const wrong = (name: keyof Details) => formState.errors[name]?.message;
  return (
    <div className="space-y-5 pt-3">
      <TextField
        label="Name of the person or company"
        autoComplete="organization"
        error={wrong("name")}
        {...register("name")}
      />
      <TextArea
        label="Address"
        rows={2}
        autoComplete="street-address"
        error={wrong("address")}
        {...register("address")}
      />
      <div className="grid gap-5 sm:grid-cols-[9rem_1fr]">
        <TextField
          label="PIN"
          inputMode="numeric"
          autoComplete="postal-code"
          error={wrong("pin")}
          {...register("pin")}
        />
        <Select label="State" error={wrong("state")} {...register("state")}>
          <option value="">Choose</option>
          {INDIAN_STATES.map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </Select>
      </div>
      <TextField
        label="GSTIN, if you have one"
        hint="With it you can claim the GST back."
        autoCapitalize="characters"
        spellCheck={false}
        error={wrong("gstin")}
        {...register("gstin")}
      />
    </div>
  );
}
