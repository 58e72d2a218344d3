"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { dateShort, time, until } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { toast } from "@/lib/toast";
import { inkLink, Key, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Doc, type Json } from "@/ui/doc";
import { DocEditor } from "@/ui/doc-editor";
import { TextArea } from "@/ui/field";
import { ErrorNote, Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { mergePatch } from "./patch";
import { gateQuery, useVerdict, type Gate } from "./queries";
import { AGAIN, headline, KINDS, RISKS, STATES } from "./words";

type Thing = { [key: string]: Json };
/** What the machine needs of an output and nobody reads. */
const INSIDE = new Set([
  "type",
  "engine",
  "play",
  "claims",
  "claim_check",
  "provenance",
  "model",
  "skill",
  "version",
]);
const outside = (value: Thing): Thing =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !INSIDE.has(key)));

/** The thing itself, full size, why it waits, and the three verdicts. */
export function Decide({ id, now }: { id: string; now: Date }) {
  const gate = useQuery(gateQuery(id));
  return <Shown query={gate}>{(g) => <Held gate={g} now={now} />}</Shown>;
}

function Held({ gate, now }: { gate: Gate; now: Date }) {
  const held = gate.pending_output as Thing;
  const [mode, setMode] = useState<"" | "edit" | "reject">("");
  const [edited, setEdited] = useState<Thing>(held);
  const [reason, setReason] = useState("");
  const verdict = useVerdict(gate.id);
  const open = gate.status === "pending";
  const shown = (gate.approved_output ?? held) as Thing;
  const name = typeof shown.name === "string" && shown.name ? shown.name : null;
  const approve = () => {
    const patch = mode === "edit" ? mergePatch(held, edited) : null;
    verdict.mutate(
      { approve: true, shown: gate.content_hash, ...(patch ? { modifications: patch } : {}) },
      {
        onSuccess: () => {
          toast(
            patch ? "Approved with your changes. The run goes on." : "Approved. The run goes on.",
          );
          setMode("");
        },
      },
    );
  };
  const reject = () =>
    verdict.mutate(
      { approve: false, reason: reason.trim() },
      { onSuccess: () => toast("Rejected. It goes no further.") },
    );
  useKeys(
    open
      ? {
          a: approve,
          e: () => setMode("edit"),
          r: () => setMode("reject"),
        }
      : {},
  );
  const changed = verdict.error instanceof ApiError && verdict.error.status === 409;
  return (
    <article aria-labelledby="held">
      <p className="flex flex-wrap gap-x-5 gap-y-1 text-small text-ink-2">
        <span>{KINDS[gate.gate_type]}</span>
        {gate.risk_level ? (
          <Tag dye={RISKS[gate.risk_level].dye}>{RISKS[gate.risk_level].name}</Tag>
        ) : null}
        {open ? <span className="figures">{until(new Date(gate.expires_at), now)}</span> : null}
      </p>
      <h2 id="held" className="mt-2 font-serif text-h2">
        {name ?? headline(gate)}
      </h2>
      {gate.risk_reasons.length ? (
        <p className="mt-2 max-w-[38rem] text-body text-ink-2">
          Why it waits: {gate.risk_reasons.join("; ")}.
        </p>
      ) : null}
      <div className="mt-6 border-t border-ink pt-5">
        {mode === "edit" ? (
          <DocEditor value={outside(edited)} onChange={(v) => setEdited({ ...edited, ...v })} />
        ) : (
          <Doc value={outside({ ...shown, ...(name ? { name: null } : {}) })} />
        )}
      </div>
      <div className="mt-8 space-y-4 border-t border-rule pt-5">
        {changed ? (
          <Limit>This was decided or changed elsewhere. What you see now is how it stands.</Limit>
        ) : verdict.error ? (
          <ErrorNote error={verdict.error} />
        ) : null}
        {open ? (
          mode === "reject" ? (
            <form
              onSubmit={(e) => {
                e.preventDefault();
                reject();
              }}
            >
              <TextArea
                autoFocus
                label="Why not"
                hint="It is remembered, so that the next one is better. You may leave it empty."
                value={reason}
                maxLength={2000}
                onChange={(e) => setReason(e.target.value)}
              />
              <div className="mt-3 flex gap-2">
                <Button kind="danger" type="submit" busy={verdict.isPending}>
                  Reject it
                </Button>
                <Button kind="quiet" onClick={() => setMode("")}>
                  Back
                </Button>
              </div>
            </form>
          ) : (
            <div className="flex flex-wrap gap-2">
              <Button kind="solid" size="l" wide="phone" busy={verdict.isPending} onClick={approve}>
                {mode === "edit" ? "Approve with my changes" : "Approve"} <Key>A</Key>
              </Button>
              {mode === "edit" ? (
                <Button
                  size="l"
                  onClick={() => {
                    setEdited(held);
                    setMode("");
                  }}
                >
                  Leave it as it was
                </Button>
              ) : (
                <Button size="l" onClick={() => setMode("edit")}>
                  Edit <Key>E</Key>
                </Button>
              )}
              <Button kind="quiet" size="l" onClick={() => setMode("reject")}>
                Reject <Key>R</Key>
              </Button>
            </div>
          )
        ) : (
          <Over gate={gate} />
        )}
        {gate.run_id ? (
          <p className="text-small text-ink-3">
            <Link className={inkLink} href={`/runs/${gate.run_id}` as Route}>
              How it came about
            </Link>
          </p>
        ) : null}
      </div>
    </article>
  );
}

function Over({ gate }: { gate: Gate }) {
  const at = new Date(gate.resolved_at ?? gate.expires_at);
  const again = AGAIN[gate.request_type ?? ""];
  return (
    <div>
      <p className="font-strong">
        {STATES[gate.status]}, {dateShort(at)}, {time(at)}
      </p>
      {gate.rejection_reason ? (
        <p className="mt-1 font-serif text-read text-ink-2">“{gate.rejection_reason}”</p>
      ) : null}
      {gate.status === "expired" ? (
        <>
          <p className="mt-1 text-body text-ink-2">
            Nobody decided in time, so it went no further. Nothing was sent.
          </p>
          {again ? (
            <p className="mt-4">
              <Button kind="solid" asChild>
                <Link href={again as Route}>Ask for it again</Link>
              </Button>
            </p>
          ) : null}
        </>
      ) : null}
    </div>
  );
}
