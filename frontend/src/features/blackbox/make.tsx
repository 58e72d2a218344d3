"use client";
import { useQueryClient } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { kept } from "@/lib/kept";
import { useRun, type RunLine } from "@/lib/run";
import { Key, PageHead } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Choice, TextArea } from "@/ui/field";
import { ErrorNote, Limit } from "@/ui/notes";
import { Stopped } from "@/ui/stopped";
import type { Area } from "./queries";
import { AREAS, GATED, risk } from "./words";

const SAYS: Record<string, string> = {
  route: "Gathering what your documents say",
  plan: "Choosing a play",
  act: "Writing its steps",
  reflect: "Checking each claim",
  critic: "Looking for what could go wrong",
  approve: "Asking whether you must see it first",
  finish: "Putting it down",
};

type Output = { strategy?: { id: string } | null };

/** What it is to reach and how much one would risk; then a play is laid out while one looks. */
export function Make() {
  const router = useRouter();
  const client = useQueryClient();
  const [area, setArea] = useState<Area>("acquisition");
  const [level, setLevel] = useState(5);
  const [outcome, setOutcome] = useState(() => kept.read("blackbox"));
  const [said, setSaid] = useState<string[]>([]);
  const [gate, setGate] = useState<string | null>(null);
  const { state, error, run, stop } = useRun((line: RunLine) => {
    const word = line.node ? SAYS[line.node] : undefined;
    if (word) setSaid((all) => (all.includes(word) ? all : [...all, word]));
  });
  async function find() {
    setSaid([]);
    setGate(null);
    const done = await run({
      request_type: "blackbox",
      request_data: {
        focus_area: area,
        risk_level: level,
        ...(outcome.trim() ? { outcome: outcome.trim() } : {}),
      },
    });
    const output = done?.output as Output | undefined;
    if (!output) return;
    kept.write("blackbox", "");
    await client.invalidateQueries({ queryKey: ["blackbox"] });
    if (output.strategy) return router.push(`/blackbox/${output.strategy.id}` as Route);
    void client.invalidateQueries({ queryKey: ["approvals"] });
    setGate(String(done?.approval_gate_id ?? ""));
  }
  const busy = state === "running";
  return (
    <>
      <PageHead
        trail={
          <Link href={"/blackbox" as Route} className="hover:text-ink hover:underline">
            Blackbox
          </Link>
        }
        title="What would you dare?"
        lead="A play out of the ordinary, made of your own facts, with its downside said aloud."
      />
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void find();
        }}
        className="grid grid-cols-1 gap-x-16 gap-y-10 lg:grid-cols-[minmax(0,1fr)_20rem]"
      >
        <div className="space-y-7">
          <Choice
            label="Where it is to work"
            columns={2}
            value={area}
            onChange={setArea}
            options={(Object.keys(AREAS) as Area[]).map((value) => ({
              value,
              title: AREAS[value].name,
              text: AREAS[value].text,
            }))}
          />
          <TextArea
            serif
            label="What is to come of it, if you know"
            hint="For example: ten bakeries that left last year order again."
            maxLength={500}
            value={outcome}
            onChange={(e) => {
              setOutcome(e.target.value);
              kept.write("blackbox", e.target.value);
            }}
          />
        </div>
        <div className="space-y-5">
          <label className="block">
            <span className="flex items-baseline justify-between text-small">
              <span className="font-strong">Risk</span>
              <span className="text-body figures">{level} of 10</span>
            </span>
            <input
              type="range"
              min={1}
              max={10}
              value={level}
              aria-valuetext={`${level} of 10: ${risk(level)}`}
              onChange={(e) => setLevel(Number(e.target.value))}
              className="mt-3 h-6 w-full cursor-pointer accent-mor"
            />
            <span className="mt-1 block min-h-12 font-serif text-read text-ink-2 italic">
              {risk(level)}.
            </span>
          </label>
          {level >= GATED ? (
            <p className="text-small text-ink-3">
              It waits under Approvals until you have read it.
            </p>
          ) : null}
          {busy ? (
            <Button size="l" onClick={stop}>
              Stop <Key>esc</Key>
            </Button>
          ) : (
            <Button kind="solid" size="l" wide="always" type="submit">
              Find a play
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
              The play is written and waits for your word.
            </Limit>
          ) : null}
          {error ? <ErrorNote error={error} /> : null}
        </div>
      </form>
    </>
  );
}
