"use client";
import { valibotResolver } from "@hookform/resolvers/valibot";
import { useEffect } from "react";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { ApiError } from "@/lib/api/errors";
import { showAtFields } from "@/lib/fields";
import { useKept } from "@/lib/kept";
import { Button } from "@/ui/button";
import { Select, TextArea, TextField } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import type { Icp, IcpChange } from "./queries";
import { SCORES, STAGES, stageOf } from "./words";

const text = v.pipe(v.string(), v.maxLength(2000, "A little shorter, please."));
const Shape = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1, "They need a name."), v.maxLength(200)),
  tagline: text,
  role: text,
  location: text,
  fears: text,
  buying_triggers: text,
  objections: text,
  hangouts: text,
  language_patterns: text,
  stage: v.string(),
  pain_intensity: v.string(),
  willingness_to_pay: v.string(),
  accessibility: v.string(),
  product_fit: v.string(),
});
type Shape = v.InferOutput<typeof Shape>;

const lines = (value: unknown) => (Array.isArray(value) ? value.join("\n") : "");
const list = (value: string) =>
  value
    .split("\n")
    .map((l) => l.trim())
    .filter(Boolean);

type Props = {
  icp?: Icp;
  busy: boolean;
  error: unknown;
  save: (body: IcpChange & { name: string }) => void;
  cancel: () => void;
};

/** Describe somebody, or mend a description. Lists are written one to a line. */
export function IcpForm({ icp, busy, error, save, cancel }: Props) {
  const form = useForm<Shape>({
    resolver: valibotResolver(Shape),
    mode: "onTouched",
    defaultValues: {
      name: icp?.name ?? "",
      tagline: icp?.tagline ?? "",
      role: String(icp?.demographics.role ?? ""),
      location: lines(icp?.demographics.location),
      fears: lines(icp?.psychographics.fears),
      buying_triggers: lines(icp?.behaviors.buying_triggers),
      objections: lines(icp?.behaviors.objections),
      hangouts: lines(icp?.behaviors.hangouts),
      language_patterns: lines(icp?.behaviors.language_patterns),
      stage: String(icp ? stageOf(icp) : 3),
      ...(Object.fromEntries(SCORES.map(([k]) => [k, String(icp?.scores[k] ?? 50)])) as Record<
        (typeof SCORES)[number][0],
        string
      >),
    },
  });
  const forget = useKept(`icp-${icp?.id ?? "new"}`, form);
  useEffect(() => {
    if (error) showAtFields(form, error);
  }, [error, form]);
  const submit = form.handleSubmit((f) => {
    forget();
    save({
      name: f.name.trim(),
      tagline: f.tagline.trim() || null,
      demographics: { ...icp?.demographics, role: f.role, location: list(f.location) },
      psychographics: { ...icp?.psychographics, fears: list(f.fears) },
      behaviors: {
        ...icp?.behaviors,
        buying_triggers: list(f.buying_triggers),
        objections: list(f.objections),
        hangouts: list(f.hangouts),
        language_patterns: list(f.language_patterns),
      },
      market_sophistication: { ...icp?.market_sophistication, stage: Number(f.stage) },
      scores: Object.fromEntries(SCORES.map(([k]) => [k, Number(f[k])])),
    } as IcpChange & { name: string });
  });
  const field = (name: keyof Shape) => ({
    ...form.register(name),
    error: form.formState.errors[name]?.message,
  });
  const atField = error instanceof ApiError && error.status === 422;
  return (
    <form
      onSubmit={submit}
      noValidate
      className="grid gap-x-14 gap-y-8 lg:grid-cols-[minmax(0,1fr)_19rem]"
    >
      <div className="space-y-5">
        <TextField label="What you call them" maxLength={200} {...field("name")} />
        <TextField label="In one line" maxLength={500} {...field("tagline")} />
        <TextField
          label="What they are"
          hint="Founder, buyer, principal of a school."
          {...field("role")}
        />
        <TextArea label="Where they are" hint="One to a line." rows={2} {...field("location")} />
        <TextArea label="What they fear" hint="One to a line." {...field("fears")} />
        <TextArea
          label="What makes them look"
          hint="One to a line."
          {...field("buying_triggers")}
        />
        <TextArea label="What they object" hint="One to a line." {...field("objections")} />
        <TextArea label="Where to find them" hint="One to a line." {...field("hangouts")} />
        <TextArea
          label="How they say it"
          hint="Their own words, one to a line."
          {...field("language_patterns")}
        />
      </div>
      <div className="space-y-5">
        <Select label="What they know already" {...field("stage")}>
          {STAGES.map((s, i) => (
            <option key={s} value={i + 1}>
              {i + 1}. They {s}
            </option>
          ))}
        </Select>
        {SCORES.map(([key, name]) => (
          <TextField
            key={key}
            label={`${name}, 0 to 100`}
            type="number"
            min={0}
            max={100}
            {...field(key)}
          />
        ))}
        {error && !atField ? <ErrorNote error={error} /> : null}
        <div className="flex gap-2">
          <Button kind="solid" type="submit" busy={busy}>
            Keep it
          </Button>
          <Button kind="quiet" onClick={cancel}>
            {icp ? "Leave it as it was" : "Not now"}
          </Button>
        </div>
      </div>
    </form>
  );
}
