"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { Cite } from "@/features/evidence/cite";
import { useFacts } from "@/features/evidence/facts";
import type { Fact } from "@/features/evidence/queries";
import { dateShort, time } from "@/lib/format";
import { toast } from "@/lib/toast";
import { link, PageHead, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Doc, isEmpty, type Json } from "@/ui/doc";
import { DocEditor } from "@/ui/doc-editor";
import { Empty, ErrorNote } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Tabs } from "@/ui/tabs";
import { History } from "./history";
import { TruthSheet } from "./truth-sheet";
import { foundationQuery, useChangeFoundation, type Foundation as Data } from "./queries";
import { PARTS, type Field } from "./words";

export function Foundation({ part, field }: { part: string; field: string }) {
  const foundation = useQuery(foundationQuery());
  const tabs = [
    ...PARTS.slice(0, 2).map((p) => ({ href: `/foundation?part=${p.key}`, name: p.title })),
    { href: "/foundation?part=truth", name: "Truth sheet" },
    ...PARTS.slice(2).map((p) => ({ href: `/foundation?part=${p.key}`, name: p.title })),
    { href: "/foundation?part=history", name: "History" },
  ];
  return (
    <>
      <PageHead
        title="Foundation"
        lead="The checked picture of your business. Every plan and draft starts from it, and says nothing that is not in it."
        acts={
          <Button size="s" asChild>
            <Link href={"/onboarding" as Route}>The chapters it came from</Link>
          </Button>
        }
      />
      <Shown query={foundation}>
        {(f) =>
          f.onboarding_completed || f.company_name ? (
            <>
              <Tabs label="Parts of the foundation" here={`/foundation?part=${part}`} tabs={tabs} />
              <div className="mt-8">
                {part === "truth" ? (
                  <TruthSheet />
                ) : part === "history" ? (
                  <History field={field} />
                ) : (
                  <Part key={part} f={f} part={part} />
                )}
              </div>
            </>
          ) : (
            <Empty
              title="It is not laid yet."
              act={
                <Button kind="solid" asChild>
                  <Link href={"/onboarding" as Route}>Go to the onboarding</Link>
                </Button>
              }
            >
              Bring what says what you do. Six chapters make a foundation of it, and you have the
              last word on each.
            </Empty>
          )
        }
      </Shown>
    </>
  );
}

function Part({ f, part }: { f: Data; part: string }) {
  const facts = useFacts();
  const found = PARTS.find((p) => p.key === part) ?? PARTS[0]!;
  const value = Object.fromEntries(found.fields.map((name) => [name, f[name] ?? ""])) as {
    [key: string]: Json;
  };
  const [editing, setEditing] = useState<{ [key: string]: Json } | null>(null);
  const change = useChangeFoundation();
  const save = () => {
    if (!editing) return;
    const changed = Object.fromEntries(
      Object.entries(editing)
        .filter(([k, v]) => JSON.stringify(v) !== JSON.stringify(value[k]))
        .map(([k, v]) => [k, v === "" ? null : v]),
    );
    if (!Object.keys(changed).length) return setEditing(null);
    change.mutate(changed, {
      onSuccess: () => {
        setEditing(null);
        toast("Kept. New plans and drafts use it.");
      },
    });
  };
  return (
    <div className="grid gap-x-14 gap-y-10 lg:grid-cols-[minmax(0,1fr)_17rem]">
      <Section
        id="part"
        title={found.lead}
        aside={
          editing ? null : (
            <Button kind="quiet" size="s" onClick={() => setEditing(value)}>
              Mend it
            </Button>
          )
        }
      >
        <div className="pt-3">
          {editing ? (
            <form
              onSubmit={(e) => {
                e.preventDefault();
                save();
              }}
            >
              <DocEditor value={editing} onChange={setEditing} />
              {change.error ? (
                <div className="mt-4">
                  <ErrorNote error={change.error} />
                </div>
              ) : null}
              <div className="mt-5 flex gap-2">
                <Button kind="solid" type="submit" busy={change.isPending}>
                  Keep it
                </Button>
                <Button kind="quiet" onClick={() => setEditing(null)}>
                  Leave it as it was
                </Button>
              </div>
            </form>
          ) : isEmpty(value) ? (
            <p className="text-body text-ink-2">
              Your documents say nothing on this. You can write it yourself.
            </p>
          ) : (
            <Doc value={flat(value)} cite={(ids) => <Cite ids={ids} facts={facts} />} />
          )}
        </div>
      </Section>
      <aside aria-label="Where it came from">
        <Section id="provenance" title="Where it came from">
          <dl className="pt-1 text-small">
            {found.fields.map((name) => (
              <Origin key={name} field={name} noted={f.provenance[name]} facts={facts} />
            ))}
          </dl>
          <p className="border-t border-rule pt-2.5 text-small">
            <Link
              href={`/foundation?part=history&field=${found.fields[0]}` as Route}
              className={link}
            >
              What it was before
            </Link>
          </p>
        </Section>
      </aside>
    </div>
  );
}

const FIRST = ["positioning_statement", "primary", "one_liner"];

/** A part of one field is shown as what is in that field, its chief sentence first. */
function flat(value: { [key: string]: Json }): { [key: string]: Json } {
  const [only, ...more] = Object.values(value);
  if (more.length || !only || typeof only !== "object" || Array.isArray(only)) return value;
  const rank = (key: string) => (FIRST.includes(key) ? 0 : 1);
  return Object.fromEntries(Object.entries(only).toSorted(([a], [b]) => rank(a) - rank(b)));
}

type Noted = {
  source?: string;
  at?: string;
  step?: number;
  facts?: string[];
  sources?: string[];
  before?: Noted;
};

function Origin({
  field,
  noted,
  facts,
}: {
  field: Field;
  noted: unknown;
  facts: ReadonlyMap<string, Fact>;
}) {
  const note = noted as Noted | undefined;
  if (!note) return null;
  const ids = note.facts ?? note.sources ?? [];
  const at = note.at ? new Date(note.at) : null;
  return (
    <div className="border-t border-rule py-2.5 first:border-0">
      <dt className="text-ink-3">{field.replaceAll("_", " ")}</dt>
      <dd className="text-ink-2">
        {note.source === "user"
          ? "In your own words"
          : note.step
            ? `Step ${note.step} of the onboarding`
            : "The onboarding"}
        {at ? `, ${dateShort(at)}, ${time(at)}` : ""}
        {note.before ? ", before that the onboarding" : ""}
      </dd>
      {ids.length ? (
        <dd>
          <Cite ids={ids} facts={facts} />
        </dd>
      ) : null}
    </div>
  );
}
