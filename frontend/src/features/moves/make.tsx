"use client";
import { valibotResolver } from "@hookform/resolvers/valibot";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import * as v from "valibot";
import { icpsQuery } from "@/features/icps/queries";
import { useKept } from "@/lib/kept";
import { useRun, type RunLine } from "@/lib/run";
import { Key, PageHead } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Choice, Select, TextArea } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import { Stopped } from "@/ui/stopped";
import { CATEGORIES } from "./words";

const Wish = v.object({
  goal: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(3, "Say what the week is to reach."),
    v.maxLength(500, "One or two sentences, please."),
  ),
  category: v.string(),
  target_icp_id: v.string(),
  minutes_per_day: v.string(),
  duration_days: v.string(),
});
type Wish = v.InferOutput<typeof Wish>;

const SAYS: Record<string, string> = {
  perceive: "Reading your words",
  route: "Choosing who plans it",
  plan: "Laying out the work",
  act: "Writing the days",
  reflect: "Checking each claim",
  critic: "Looking for what could go wrong",
  approve: "Asking whether you must see it first",
  finish: "Putting it down",
};

/** A goal in, a week out: it is planned while one looks, and opens as a draft. */
export function Make() {
  const router = useRouter();
  const client = useQueryClient();
  const icps = useQuery(icpsQuery());
  const form = useForm<Wish>({
    resolver: valibotResolver(Wish),
    mode: "onTouched",
    defaultValues: {
      goal: "",
      category: "",
      target_icp_id: "",
      minutes_per_day: "60",
      duration_days: "7",
    },
  });
  const forget = useKept("move", form);
  const [said, setSaid] = useState<string[]>([]);
  const { state, error, run, stop } = useRun((line: RunLine) => {
    const word = line.node ? SAYS[line.node] : undefined;
    if (word) setSaid((all) => (all.includes(word) ? all : [...all, word]));
  });
  const category = useWatch({ control: form.control, name: "category" });
  const submit = form.handleSubmit(async (wish) => {
    setSaid([]);
    const done = await run({
      request_type: "moves",
      request_data: {
        goal: wish.goal,
        duration_days: Number(wish.duration_days),
        minutes_per_day: Number(wish.minutes_per_day),
        ...(wish.category ? { category: wish.category } : {}),
        ...(wish.target_icp_id ? { target_icp_id: wish.target_icp_id } : {}),
      },
    });
    const move = (done?.output as { move?: { id: string } } | undefined)?.move;
    if (!move) return;
    forget();
    await client.invalidateQueries({ queryKey: ["moves"] });
    router.push(`/moves/${move.id}` as Route);
  });
  const busy = state === "running";
  return (
    <>
      <PageHead
        trail={
          <Link href={"/moves" as Route} className="hover:text-ink hover:underline">
            Moves
          </Link>
        }
        title="What is the week to reach?"
        lead="One aim. It becomes tasks you can do in the minutes you have, each resting on your own facts."
      />
      <form
        onSubmit={submit}
        className="grid gap-x-16 gap-y-10 lg:grid-cols-[minmax(0,1fr)_22rem]"
        noValidate
      >
        <div className="space-y-7">
          <TextArea
            serif
            autoFocus
            label="The aim"
            hint="For example: ten trials from bakeries in Pune."
            maxLength={500}
            error={form.formState.errors.goal?.message}
            {...form.register("goal")}
          />
          <Choice
            label="What kind"
            value={category}
            onChange={(c) => form.setValue("category", c)}
            options={[
              { value: "", title: "Whatever fits", text: "The aim decides." },
              ...Object.entries(CATEGORIES).map(([value, c]) => ({
                value,
                title: c.name,
                text: c.text,
              })),
            ]}
            columns={2}
          />
        </div>
        <div className="space-y-5">
          <Select label="For whom" {...form.register("target_icp_id")}>
            <option value="">Your primary profile</option>
            {icps.data?.icps.map((i) => (
              <option key={i.id} value={i.id}>
                {i.name}
              </option>
            ))}
          </Select>
          <Select label="Time a day" {...form.register("minutes_per_day")}>
            <option value="30">Half an hour</option>
            <option value="60">An hour</option>
            <option value="90">An hour and a half</option>
            <option value="180">Three hours</option>
          </Select>
          <Select label="How long" {...form.register("duration_days")}>
            <option value="7">Seven days</option>
            <option value="14">Two weeks</option>
            <option value="30">Thirty days</option>
          </Select>
          {busy ? (
            <div className="flex items-center gap-2">
              <Button size="l" onClick={stop}>
                Stop <Key>esc</Key>
              </Button>
            </div>
          ) : (
            <Button kind="solid" size="l" wide="always" type="submit">
              Plan it
            </Button>
          )}
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
