"use client";
import { valibotResolver } from "@hookform/resolvers/valibot";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import * as v from "valibot";
import { icpsQuery } from "@/features/icps/queries";
import { addDays, dateShort, fromDay, inr, isoDay, many, minutes } from "@/lib/format";
import { showAtFields } from "@/lib/fields";
import { useKept } from "@/lib/kept";
import { useNow } from "@/lib/now";
import { useRun, type RunLine } from "@/lib/run";
import { Key, PageHead } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Choice, Select, TextArea, TextField } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import { Stopped } from "@/ui/stopped";
import { INTENSITIES, OBJECTIVES } from "./words";

const LONGEST_BUDGET = 100_000_000;
const Wish = v.object({
  objective: v.picklist(Object.keys(OBJECTIVES) as (keyof typeof OBJECTIVES)[]),
  goal: v.pipe(v.string(), v.trim(), v.maxLength(500, "One or two sentences, please.")),
  intensity: v.picklist(["sprint", "marathon"]),
  duration_days: v.pipe(
    v.string(),
    v.regex(/^\d+$/, "A whole number of days."),
    v.check((d) => Number(d) >= 30 && Number(d) <= 90, "From 30 to 90 days."),
  ),
  budget_inr: v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^[\d,]*(\.\d{1,2})?$/, "An amount in rupees, such as 50,000."),
    v.check((b) => amount(b) <= LONGEST_BUDGET, "At most ₹10 crore."),
  ),
  start_date: v.string(),
  target_icp_id: v.string(),
  minutes_per_day: v.string(),
});
type Wish = v.InferOutput<typeof Wish>;

const amount = (text: string) => Number(text.replaceAll(",", "") || 0);

const SAYS: Record<string, string> = {
  perceive: "Reading your words",
  route: "Choosing who plans it",
  plan: "Laying out the work",
  act: "Writing the phases, and each move in them",
  reflect: "Checking each claim",
  critic: "Looking for what could go wrong",
  approve: "Asking whether you must see it first",
  finish: "Putting it down",
};

/** What it is for and how much it may take; it comes back as phases with all their moves. */
export function Make({ at }: { at: string }) {
  const router = useRouter();
  const client = useQueryClient();
  const today = isoDay(useNow(at));
  const icps = useQuery(icpsQuery());
  const form = useForm<Wish>({
    resolver: valibotResolver(Wish),
    mode: "onTouched",
    defaultValues: {
      objective: "lead_gen",
      goal: "",
      intensity: "sprint",
      duration_days: "45",
      budget_inr: "",
      start_date: "",
      target_icp_id: "",
      minutes_per_day: "",
    },
  });
  const forget = useKept("campaign", form);
  const [said, setSaid] = useState<string[]>([]);
  const { state, error, run, stop } = useRun((line: RunLine) => {
    const word = line.node ? SAYS[line.node] : undefined;
    if (word) setSaid((all) => (all.includes(word) ? all : [...all, word]));
  });
  const wish = useWatch({ control: form.control });
  const submit = form.handleSubmit(async (w) => {
    setSaid([]);
    const done = await run({
      request_type: "campaigns",
      request_data: {
        objective: w.objective,
        intensity: w.intensity,
        duration_days: Number(w.duration_days),
        ...(w.goal ? { goal: w.goal } : {}),
        ...(w.budget_inr ? { budget_inr: amount(w.budget_inr) } : {}),
        ...(w.start_date ? { start_date: w.start_date } : {}),
        ...(w.target_icp_id ? { target_icp_id: w.target_icp_id } : {}),
        ...(w.minutes_per_day ? { minutes_per_day: Number(w.minutes_per_day) } : {}),
      },
    });
    const made = (done?.output as { campaign?: { id: string } } | undefined)?.campaign;
    if (!made) return;
    forget();
    void client.invalidateQueries({ queryKey: ["moves"] });
    await client.invalidateQueries({ queryKey: ["campaigns"] });
    router.push(`/campaigns/${made.id}` as Route);
  });
  useEffect(() => {
    if (error) showAtFields(form, error, "request_data");
  }, [form, error]);
  const busy = state === "running";
  const field = (name: keyof Wish) => ({
    ...form.register(name),
    error: form.formState.errors[name]?.message,
  });
  return (
    <>
      <PageHead
        trail={
          <Link href={"/campaigns" as Route} className="hover:text-ink hover:underline">
            Campaigns
          </Link>
        }
        title="What are the next weeks for?"
        lead="One thing. It becomes phases, and every move in them with its days and tasks, all resting on your own facts."
      />
      <form
        onSubmit={submit}
        className="grid gap-x-16 gap-y-10 lg:grid-cols-[minmax(0,1fr)_22rem]"
        noValidate
      >
        <div className="space-y-7">
          <Choice
            label="What it is for"
            value={wish.objective ?? "lead_gen"}
            onChange={(o) => form.setValue("objective", o)}
            options={Object.entries(OBJECTIVES).map(([value, o]) => ({
              value: value as keyof typeof OBJECTIVES,
              title: o.name,
              text: o.text,
            }))}
            columns={2}
          />
          <TextArea
            serif
            label="In your own words"
            hint="If you like. For example: fill the new Pune unit before Holi."
            maxLength={500}
            {...field("goal")}
          />
          <Choice
            label="How hard"
            value={wish.intensity ?? "sprint"}
            onChange={(i) => form.setValue("intensity", i)}
            options={Object.entries(INTENSITIES).map(([value, i]) => ({
              value: value as keyof typeof INTENSITIES,
              title: i.name,
              text: i.text,
            }))}
            columns={2}
          />
        </div>
        <div className="space-y-5">
          <TextField
            label="How many days"
            type="number"
            min={30}
            max={90}
            inputMode="numeric"
            {...field("duration_days")}
          />
          <TextField
            label="Budget in rupees"
            hint={
              amount(wish.budget_inr ?? "")
                ? inr(amount(wish.budget_inr ?? ""))
                : "None, if nothing may be spent."
            }
            inputMode="decimal"
            autoComplete="off"
            {...field("budget_inr")}
          />
          <TextField
            label="First day"
            hint="Without one, it waits until you start it."
            type="date"
            min={today}
            {...field("start_date")}
          />
          <Select label="For whom" {...form.register("target_icp_id")}>
            <option value="">Your primary profile</option>
            {icps.data?.icps.map((i) => (
              <option key={i.id} value={i.id}>
                {i.name}
              </option>
            ))}
          </Select>
          <Select label="Time a day" {...form.register("minutes_per_day")}>
            <option value="">
              {`As it needs, ${minutes(INTENSITIES[wish.intensity ?? "sprint"].minutes)}`}
            </option>
            <option value="30">Half an hour</option>
            <option value="60">An hour</option>
            <option value="90">An hour and a half</option>
            <option value="180">Three hours</option>
          </Select>
          {busy ? (
            <Button size="l" onClick={stop}>
              Stop <Key>esc</Key>
            </Button>
          ) : (
            <Button kind="solid" size="l" wide="always" type="submit">
              Plan it with all its moves
            </Button>
          )}
          <p className="text-small text-ink-3 figures">{outlook(wish)}</p>
          <ol aria-live="polite" className="text-body">
            {said.map((word, i) => (
              <li key={word} className={i === said.length - 1 && busy ? "text-ink" : "text-ink-3"}>
                {word}
              </li>
            ))}
          </ol>
          <Stopped state={state} />
          {error ? <ErrorNote error={error} /> : null}
        </div>
      </form>
    </>
  );
}

/** What the form as it stands will give: "About 6 moves, until Mon 11 Jan." */
function outlook(wish: Partial<Wish>) {
  const days = Number(wish.duration_days);
  if (!(days >= 30 && days <= 90)) return "";
  const moves = Math.round(days / INTENSITIES[wish.intensity ?? "sprint"].moveDays);
  const last = wish.start_date ? addDays(wish.start_date, days - 1) : null;
  return `About ${many(moves, "move")}${last ? `, until ${dateShort(fromDay(last))}` : ""}.`;
}
