"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Source } from "@/features/evidence/source";
import { many } from "@/lib/format";
import { Section } from "@/ui/bits";
import { TextField } from "@/ui/field";
import { Sheet as Layer } from "@/ui/layer";
import { Shown } from "@/ui/query";
import { truthQuery, type TruthSheet as Sheet } from "./queries";

const CATEGORIES: [string, string][] = [
  ["company_info", "Who you are"],
  ["positioning", "What you do"],
  ["target_audience", "Whom you sell to"],
  ["pricing", "What it costs"],
  ["proof_points", "What you can show"],
  ["differentiators", "Why you"],
  ["constraints", "Where you stop"],
];

/** Every fact that holds, by what it is about; one press shows its passage. */
export function TruthSheet() {
  const truth = useQuery(truthQuery());
  return <Shown query={truth}>{(sheet) => <Facts sheet={sheet} />}</Shown>;
}

type Fact = Sheet["facts"][number];

function Facts({ sheet }: { sheet: Sheet }) {
  const [wanted, setWanted] = useState("");
  const [open, setOpen] = useState<Fact | null>(null);
  const needle = wanted.trim().toLowerCase();
  const facts = sheet.facts.filter((f) => !needle || f.fact.toLowerCase().includes(needle));
  return (
    <>
      <div className="mb-8 grid gap-4 sm:grid-cols-[20rem_1fr] sm:items-end">
        <TextField
          label="Find a fact"
          type="search"
          value={wanted}
          onChange={(e) => setWanted(e.target.value)}
        />
        <p role="status" className="text-small text-ink-3 figures">
          {needle
            ? `${many(facts.length, "fact")} of ${sheet.facts.length}`
            : `${many(facts.length, "fact")} hold`}
          {sheet.rejected ? `, ${sheet.rejected} left out` : ""}
        </p>
      </div>
      <div className="space-y-10">
        {CATEGORIES.map(([key, title]) => {
          const own = facts.filter((f) => f.category === key);
          if (!own.length) return null;
          return (
            <Section
              key={key}
              id={key}
              title={title}
              aside={<span className="figures">{own.length}</span>}
            >
              <ul>
                {own.map((f) => (
                  <li key={f.id} className="border-t border-rule first:border-0">
                    <button
                      type="button"
                      onClick={() => setOpen(f)}
                      className="grid w-full gap-x-6 gap-y-0.5 py-3 text-left hover:bg-paper-2 sm:grid-cols-[minmax(0,1fr)_13rem]"
                    >
                      <span className="font-serif text-read">{f.fact}</span>
                      <span className="truncate text-small text-ink-3 sm:text-right">
                        {f.source}
                        {f.page ? `, page ${f.page}` : ""}
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            </Section>
          );
        })}
        {facts.length ? null : <p className="text-body text-ink-2">No fact says that.</p>}
      </div>
      <Layer
        open={!!open}
        onOpenChange={() => setOpen(null)}
        title="Where it stands"
        lead={open?.fact ?? ""}
      >
        {open ? <Source passage={open} /> : null}
      </Layer>
    </>
  );
}
