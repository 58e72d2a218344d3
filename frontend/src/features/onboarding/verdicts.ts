"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Schemas } from "@/lib/api/client";
import { kept } from "@/lib/kept";
import { toast } from "@/lib/toast";
import { explain } from "@/ui/explain";
import { stepQuery, useRunStep, type StepInputs } from "./queries";
import type { Fact } from "@/features/evidence/queries";

export type Verdict = { verdict: "accept" | "correct" | "reject"; correction?: string };
type Waiting = Record<string, Verdict>;

const PAUSE_MS = 4_000;

/**
 * The founder's words on facts. They are taken down at once and sent together after a short pause, because each
 * sending is a run of step 4; what could not be sent is kept in this tab and sent with the next.
 */
export function useVerdicts(id: string) {
  const truth = useQuery(stepQuery(id, 4));
  const { mutateAsync, isPending } = useRunStep(id);
  const name = `verdicts-${id}`;
  const [waiting, setWaiting] = useState<Waiting>(() => read(name));
  const latest = useRef(waiting);
  const put = (next: Waiting) => {
    latest.current = next;
    setWaiting(next);
    kept.write(name, Object.keys(next).length ? JSON.stringify(next) : "");
  };

  const send = async (inputs: StepInputs = {}): Promise<boolean> => {
    const sent = latest.current;
    const corrections = Object.entries(sent).map(([fact_id, v]) => ({ fact_id, ...v }));
    try {
      await mutateAsync({ step: 4, inputs: { corrections, ...inputs } });
      put(Object.fromEntries(Object.entries(latest.current).filter(([k, v]) => sent[k] !== v)));
      return true;
    } catch (error) {
      const { title, text } = explain(error);
      toast.error(`Not saved yet. ${title}. ${text}`);
      return false;
    }
  };
  const sender = useRef(send);
  useEffect(() => {
    sender.current = send;
  });
  useEffect(() => {
    if (!Object.keys(waiting).length || isPending) return;
    const timer = setTimeout(() => void sender.current(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [waiting, isPending]);
  useEffect(() => {
    const hidden = () => {
      if (document.hidden && Object.keys(latest.current).length) void sender.current();
    };
    document.addEventListener("visibilitychange", hidden);
    return () => document.removeEventListener("visibilitychange", hidden);
  }, []);

  const data = (truth.data?.data ?? null) as Schemas["Truth"] | null;
  const rulings = new Map((data?.rulings ?? []).map((r) => [r.quote, r]));
  return {
    /** What was said of a fact, sent or not. */
    of: (fact: Fact): Verdict | null => {
      const said = waiting[fact.id];
      if (said) return said;
      const ruling = rulings.get(fact.quote);
      return ruling
        ? {
            verdict: ruling.verdict,
            ...(ruling.correction ? { correction: ruling.correction } : {}),
          }
        : null;
    },
    say: (fact: Fact, verdict: Verdict) => put({ ...latest.current, [fact.id]: verdict }),
    send,
    unsent: Object.keys(waiting).length,
    saving: isPending,
    truth: data,
    ready: truth.data?.status === "completed",
  };
}

function read(name: string): Waiting {
  try {
    return JSON.parse(kept.read(name) || "{}") as Waiting;
  } catch {
    return {};
  }
}
