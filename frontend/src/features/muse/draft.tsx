"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { PageHead, Tag } from "@/ui/bits";
import { Shown } from "@/ui/query";
import { Tabs } from "@/ui/tabs";
import { Acts } from "./acts";
import { Changes } from "./changes";
import { Claims } from "./claims";
import { Editor } from "./editor";
import { assetQuery, type Asset } from "./queries";
import { Text } from "./text";
import { kindOf, STATUSES, TONES } from "./words";

export type View = "text" | "changes";

/** One piece: its text with each claim marked, what the claims rest on, and what was changed. */
export function Draft({ id, beside, view }: { id: string; beside: string[]; view: View }) {
  return (
    <Shown query={useQuery(assetQuery(id))}>
      {(asset) => <Open key={asset.id} asset={asset} beside={beside} view={view} />}
    </Shown>
  );
}

function Open({ asset, beside, view }: { asset: Asset; beside: string[]; view: View }) {
  const [lit, setLit] = useState<number | null>(null);
  const [editing, setEditing] = useState(false);
  const status = STATUSES[asset.status];
  return (
    <>
      <PageHead
        trail={
          <>
            <Link href={"/muse" as Route} className="hover:text-ink hover:underline">
              Muse
            </Link>
            <span className="mx-2 text-ink-3">/</span>
            {kindOf(asset)}
          </>
        }
        title={asset.title}
        acts={<Tag dye={status.dye}>{status.name}</Tag>}
        lead={standfirst(asset)}
      />
      <Views asset={asset} beside={beside} view={view} />
      {view === "changes" ? (
        <Changes asset={asset} />
      ) : (
        <div className="grid grid-cols-1 gap-x-14 gap-y-10 pt-8 lg:grid-cols-[minmax(0,38rem)_17rem] lg:justify-between">
          <div>
            {editing ? (
              <Editor asset={asset} done={() => setEditing(false)} />
            ) : (
              <>
                <Text asset={asset} lit={lit} setLit={setLit} />
                <Acts asset={asset} edit={() => setEditing(true)} />
              </>
            )}
          </div>
          {editing ? null : <Claims claims={asset.claims} lit={lit} setLit={setLit} />}
        </div>
      )}
    </>
  );
}

const standfirst = (asset: Asset) =>
  asset.tone ? `${TONES[asset.tone] ?? asset.tone}, out of your own facts.` : null;

/** Its variants, where it was written with some, and what the newest version changed. */
function Views({ asset, beside, view }: { asset: Asset; beside: string[]; view: View }) {
  const at = (id: string, others: string[], changes = false) => {
    const query = new URLSearchParams({
      ...(others.length ? { with: others.join(",") } : {}),
      ...(changes ? { view: "changes" } : {}),
    }).toString();
    return `/muse/${id}${query ? `?${query}` : ""}`;
  };
  const all = [asset.id, ...beside].toSorted();
  const tabs = [
    ...(beside.length
      ? all.map((id, i) => ({
          href: at(
            id,
            all.filter((o) => o !== id),
          ),
          name: `Variant ${i + 1}`,
        }))
      : [
          {
            href: at(asset.id, []),
            name: asset.version > 1 ? `Version ${asset.version}` : "Draft",
          },
        ]),
    ...(asset.version > 1 ? [{ href: at(asset.id, beside, true), name: "Changes" }] : []),
  ];
  if (tabs.length === 1) return <div className="border-t border-rule" />;
  return (
    <Tabs
      label="Views of this piece"
      here={at(
        asset.id,
        view === "changes" ? beside : all.filter((o) => o !== asset.id),
        view === "changes",
      )}
      tabs={tabs}
    />
  );
}
