"use client";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { count, many } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { explain } from "@/ui/explain";
import { Menu } from "@/ui/menu";
import { ErrorNote, isLimit, Limit } from "@/ui/notes";
import { Rating } from "@/ui/rating";
import {
  exportOf,
  useDelete,
  useEdit,
  useRewrite,
  type Asset,
  type Rewrite,
  type Status,
} from "./queries";
import { openClaims, TONES } from "./words";

const failed = (error: unknown) => {
  const { title, text } = explain(error);
  toast.error(`${title}. ${text}`);
};

/** Under the text: approve, edit, write it otherwise, take it along. */
export function Acts({ asset, edit }: { asset: Asset; edit: () => void }) {
  const router = useRouter();
  const [asking, setAsking] = useState<"" | "vouch" | "delete">("");
  const change = useEdit(asset.id);
  const rewrite = useRewrite(asset.id);
  const remove = useDelete(asset.id);
  const open = openClaims(asset);
  const set = (status: Status, said: string) =>
    change.mutate({ status } as Parameters<typeof change.mutate>[0], {
      onSuccess: () => {
        setAsking("");
        toast(said);
      },
      onError: failed,
    });
  const anew = (wish: Rewrite) => rewrite.mutate(wish, { onError: failed });
  useKeys({ e: edit, a: () => (open ? setAsking("vouch") : set("approved", "Approved.")) });
  const draft = asset.status === "draft" || asset.status === "archived";
  return (
    <div className="mt-8 space-y-4 border-t border-rule pt-4">
      <div className="flex flex-wrap items-center gap-2">
        {draft ? (
          <Button
            kind="solid"
            disabled={open > 0}
            busy={change.isPending}
            onClick={() => set("approved", "Approved.")}
          >
            Approve
          </Button>
        ) : asset.status === "approved" ? (
          <Button kind="solid" onClick={() => set("published", "Marked as published.")}>
            It is published
          </Button>
        ) : null}
        <Button onClick={edit}>{open ? `Fix ${many(open, "claim")}` : "Edit"}</Button>
        <Copy text={asset.content} />
        <Menu
          label="More for this piece"
          acts={[
            { name: "Write it shorter", act: () => anew({ how: "shorter" }) },
            { name: "Write it with more punch", act: () => anew({ how: "punchier" }) },
            ...Object.entries(TONES)
              .filter(([tone]) => tone !== asset.tone)
              .map(([tone, name]) => ({
                name: `In another tone: ${name.toLowerCase()}`,
                act: () => anew({ how: "tone", tone: tone as NonNullable<Rewrite["tone"]> }),
              })),
            { name: "Export as Markdown", act: () => take(exportOf(asset.id, "markdown")) },
            { name: "Export as a web page", act: () => take(exportOf(asset.id, "html")) },
            ...(asset.status === "archived"
              ? [{ name: "Take it out again", act: () => set("draft", "It is a draft again.") }]
              : [{ name: "Put it away", act: () => set("archived", "Put away.") }]),
            { name: "Delete it", danger: true, act: () => setAsking("delete") },
          ]}
        />
        <p role="status" className="w-full text-small text-ink-3 figures sm:ml-auto sm:w-auto">
          {rewrite.isPending
            ? "Writing it anew"
            : asset.word_count
              ? `${count(asset.word_count)} words`
              : ""}
        </p>
      </div>
      {isLimit(rewrite.error) ? <ErrorNote error={rewrite.error} /> : null}
      {draft && open ? (
        <p className="max-w-[38rem] text-body text-ink-2">
          It cannot be approved while {open === 1 ? "a claim has" : `${count(open)} claims have`} no
          source. Fix {open === 1 ? "it" : "them"}, or{" "}
          <button
            type="button"
            onClick={() => setAsking("vouch")}
            className="underline decoration-rule-2 underline-offset-3 hover:decoration-ink"
          >
            vouch for {open === 1 ? "it" : "them"} yourself
          </button>
          .
        </p>
      ) : null}
      <Rating
        label="How good is it?"
        value={asset.rating}
        onChange={(rating) => change.mutate({ rating }, { onError: failed })}
      />
      {asset.problems.map((problem) => (
        <Limit key={problem}>{problem}</Limit>
      ))}
      <Confirm
        open={asking === "vouch"}
        onOpenChange={(v) => !v && setAsking("")}
        title="You vouch for it?"
        lead={`${many(open, "claim")} in this piece ${open === 1 ? "has" : "have"} no source in your documents. Approved, it goes out on your word alone.`}
        yes="I vouch for it"
        busy={change.isPending}
        act={() => set("approved", "Approved on your word.")}
      />
      <Confirm
        open={asking === "delete"}
        onOpenChange={(v) => !v && setAsking("")}
        title="Delete this piece?"
        lead="With all its versions. This cannot be undone; putting it away can."
        yes="Delete it"
        busy={remove.isPending}
        act={() =>
          remove.mutate(undefined, {
            onSuccess: () => router.push("/muse" as Route),
            onError: failed,
          })
        }
      />
    </div>
  );
}

const take = (url: string) => window.location.assign(url);

function Copy({ text }: { text: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied.");
    } catch {
      toast.error("The browser did not allow copying. Select the text instead.");
    }
  };
  return <Button onClick={() => void copy()}>Copy</Button>;
}
