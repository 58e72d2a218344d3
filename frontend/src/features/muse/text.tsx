"use client";
import { Fragment } from "react";
import { cn } from "@/lib/cn";
import type { Asset, Block, Claim } from "./queries";
import { piecesOf, STYLES, supportOf, type Support } from "./words";

/** Shape and colour: solid for what has a source, wavy for what has none or speaks against one. */
const MARK: Record<Support, string> = {
  sourced: "underline decoration-mor decoration-[1.5px] underline-offset-[5px]",
  none: "underline decoration-madder decoration-wavy decoration-[1.25px] underline-offset-[5px]",
  against:
    "underline decoration-madder decoration-double decoration-[1.5px] underline-offset-[4px]",
};

export type Lit = { lit: number | null; setLit: (claim: number | null) => void };

export function Text({ asset, lit, setLit }: { asset: Asset } & Lit) {
  if (!asset.blocks.length)
    return (
      <div className="max-w-[38rem] font-serif text-[1.3125rem] leading-[2.0625rem] whitespace-pre-wrap">
        {asset.content}
      </div>
    );
  return (
    <div
      lang={asset.language}
      className="max-w-[38rem] font-serif text-[1.3125rem] leading-[2.0625rem]"
    >
      {asset.blocks.map((block, at) => (
        <Line key={at} block={block} at={at} claims={asset.claims} lit={lit} setLit={setLit} />
      ))}
      {asset.hashtags.length && !asset.blocks.some((b) => b.text.startsWith("#")) ? (
        <p className="mt-6 font-sans text-body text-ink-3">
          {asset.hashtags.map((tag) => `#${tag}`).join(" ")}
        </p>
      ) : null}
    </div>
  );
}

function Line({ block, at, claims, ...lit }: { block: Block; at: number; claims: Claim[] } & Lit) {
  const text = piecesOf(block, at, claims).map((piece, i) =>
    piece.claim === undefined ? (
      <Fragment key={i}>{piece.text}</Fragment>
    ) : (
      <Marked key={i} text={piece.text} at={piece.claim} claim={claims[piece.claim]!} {...lit} />
    ),
  );
  const { style } = block;
  if (style === "bullet")
    return (
      <p className="mb-1.5 pl-5 -indent-5 before:inline-block before:w-5 before:indent-0 before:content-['•']">
        {text}
      </p>
    );
  if (["heading", "title", "question", "label"].includes(style))
    return (
      <p
        className={cn(
          "mt-7 mb-2 first:mt-0",
          style === "title" ? "text-h3" : "text-read font-strong",
        )}
      >
        {text}
      </p>
    );
  const name = STYLES[style];
  if (name)
    return (
      <div className="mb-4 grid gap-x-5 border-t border-rule pt-2.5 first:border-0 sm:grid-cols-[6rem_1fr]">
        <span className="pt-1 font-sans text-small text-ink-3">{name}</span>
        <span>{text}</span>
      </div>
    );
  return <p className="mb-5">{text}</p>;
}

function Marked({
  text,
  at,
  claim,
  lit,
  setLit,
}: { text: string; at: number; claim: Claim } & Lit) {
  return (
    <a
      href={`#claim-${at + 1}`}
      onMouseEnter={() => setLit(at)}
      onMouseLeave={() => setLit(null)}
      onFocus={() => setLit(at)}
      onBlur={() => setLit(null)}
      className={cn(
        "rounded-slip transition-colors",
        MARK[supportOf(claim)],
        lit === at && "bg-genda-mark",
      )}
    >
      {text}
      <sup className="ml-0.5 font-sans text-micro figures">{at + 1}</sup>
    </a>
  );
}
