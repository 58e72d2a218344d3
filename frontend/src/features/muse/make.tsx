"use client";
import { valibotResolver } from "@hookform/resolvers/valibot";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import * as v from "valibot";
import { meQuery } from "@/features/account/queries";
import { icpsQuery } from "@/features/icps/queries";
import { showAtFields } from "@/lib/fields";
import { useKept } from "@/lib/kept";
import { useRun, type RunLine } from "@/lib/run";
import { Key, PageHead } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Check, Choice, Select, TextArea } from "@/ui/field";
import { ErrorNote, Limit } from "@/ui/notes";
import { Stopped } from "@/ui/stopped";
import type { Asset, Type } from "./queries";
import { known, LANGUAGES, place, TONES, TYPES } from "./words";

const Wish = v.object({
  content_type: v.picklist(Object.keys(TYPES) as Type[]),
  platform: v.string(),
  topic: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(3, "Say what it is about."),
    v.maxLength(500, "One or two sentences, please."),
  ),
  icp_id: v.string(),
  tone: v.string(),
  language: v.string(),
  variants: v.string(),
  cold_outreach: v.boolean(),
});
type Wish = v.InferOutput<typeof Wish>;

const SAYS: Record<string, string> = {
  route: "Gathering what your documents say",
  plan: "Choosing how to build it",
  act: "Writing",
  reflect: "Checking each claim against its source",
  critic: "Looking for what could go wrong",
  approve: "Asking whether you must see it first",
  finish: "Putting it down",
};

type Output = { asset?: Asset; variants?: Asset[] };

/** `move`: the move whose task it is for. */
type Start = { about: string; type: Type; on: string; move: string };

/** What it is, where it goes, what about; then it is written while one looks. */
export function Make({ about, type, on, move }: Start) {
  const router = useRouter();
  const client = useQueryClient();
  const icps = useQuery(icpsQuery());
  const { data: me } = useQuery(meQuery());
  const form = useForm<Wish>({
    resolver: valibotResolver(Wish),
    mode: "onTouched",
    defaultValues: {
      content_type: type,
      platform: TYPES[type].places.includes(on) ? on : "",
      topic: about,
      icp_id: "",
      tone: "",
      language: known(me?.workspace?.settings.language),
      variants: "1",
      cold_outreach: false,
    },
  });
  const forget = useKept(about ? `muse-${about}` : "muse", form);
  const [said, setSaid] = useState<string[]>([]);
  const [gate, setGate] = useState<string | null>(null);
  const { state, error, run, stop } = useRun((line: RunLine) => {
    const word = line.node ? SAYS[line.node] : undefined;
    if (word) setSaid((all) => (all.includes(word) ? all : [...all, word]));
  });
  const kind = useWatch({ control: form.control, name: "content_type" });
  const submit = form.handleSubmit(async (wish) => {
    setSaid([]);
    setGate(null);
    const done = await run({
      request_type: "muse",
      request_data: {
        content_type: wish.content_type,
        topic: wish.topic,
        language: wish.language,
        variants: Number(wish.variants),
        ...(wish.platform && TYPES[wish.content_type].places.includes(wish.platform)
          ? { platform: wish.platform }
          : {}),
        ...(wish.icp_id ? { icp_id: wish.icp_id } : {}),
        ...(wish.tone ? { tone: wish.tone } : {}),
        ...(move ? { move_id: move } : {}),
        ...(wish.content_type === "email" ? { cold_outreach: wish.cold_outreach } : {}),
      },
    });
    const output = done?.output as Output | undefined;
    if (!output) return;
    forget();
    await client.invalidateQueries({ queryKey: ["muse"] });
    if (output.asset) {
      const beside = (output.variants ?? []).map((a) => a.id).join(",");
      router.push(`/muse/${output.asset.id}${beside ? `?with=${beside}` : ""}` as Route);
    } else {
      void client.invalidateQueries({ queryKey: ["approvals"] });
      setGate(String(done?.approval_gate_id ?? ""));
    }
  });
  useEffect(() => {
    if (error) showAtFields(form, error, "request_data");
  }, [form, error]);
  const busy = state === "running";
  const places = TYPES[kind].places;
  return (
    <>
      <PageHead
        trail={
          <Link href={"/muse" as Route} className="hover:text-ink hover:underline">
            Muse
          </Link>
        }
        title="What shall be written?"
        lead="It is made of your own facts. What nothing supports stays out, or is marked."
      />
      <form
        onSubmit={(e) => void submit(e)}
        noValidate
        className="grid grid-cols-1 gap-x-16 gap-y-10 lg:grid-cols-[minmax(0,1fr)_20rem]"
      >
        <div className="space-y-7">
          <TextArea
            serif
            label="What it is about"
            hint="For example: why half of all cake boxes arrive dented."
            maxLength={500}
            error={form.formState.errors.topic?.message}
            {...form.register("topic")}
          />
          <Choice
            label="What it is"
            columns={2}
            value={kind}
            onChange={(t) => form.setValue("content_type", t)}
            options={(Object.keys(TYPES) as Type[]).map((value) => ({
              value,
              title: TYPES[value].name,
              text: TYPES[value].text,
            }))}
          />
        </div>
        <div className="space-y-5">
          {places.length > 1 ? (
            <Select label="Where it goes" {...form.register("platform")}>
              {places.map((p, i) => (
                <option key={p} value={i ? p : ""}>
                  {place(p)}
                </option>
              ))}
            </Select>
          ) : null}
          <Select label="For whom" {...form.register("icp_id")}>
            <option value="">Your primary profile</option>
            {icps.data?.icps.map((i) => (
              <option key={i.id} value={i.id}>
                {i.name}
              </option>
            ))}
          </Select>
          <Select label="Tone" {...form.register("tone")}>
            <option value="">Your own</option>
            {Object.entries(TONES).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </Select>
          <Select label="Language" {...form.register("language")}>
            {LANGUAGES.map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </Select>
          <Select label="How many to choose from" {...form.register("variants")}>
            <option value="1">One</option>
            <option value="2">Two, built differently</option>
            <option value="3">Three, built differently</option>
          </Select>
          {kind === "email" ? (
            <Check
              label="To people who did not ask for it"
              hint="It waits for your approval before it can be used."
              {...form.register("cold_outreach")}
            />
          ) : null}
          {busy ? (
            <Button size="l" onClick={stop}>
              Stop <Key>esc</Key>
            </Button>
          ) : (
            <Button kind="solid" size="l" wide="always" type="submit">
              Write it
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
          {gate !== null ? (
            <Limit
              act={
                <Button size="s" asChild>
                  <Link href={`/approvals${gate ? `?id=${gate}` : ""}` as Route}>
                    Read and decide
                  </Link>
                </Button>
              }
            >
              It is written and waits for your word, as everything that goes to strangers does.
            </Limit>
          ) : null}
          {error ? <ErrorNote error={error} /> : null}
        </div>
      </form>
    </>
  );
}
