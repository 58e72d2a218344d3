"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { lazy, Suspense, useState } from "react";
import { Cite } from "@/features/evidence/cite";
import { useFacts } from "@/features/evidence/facts";
import { toast } from "@/lib/toast";
import { warm } from "@/lib/warm";
import { PageHead, Section, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { Doc, isEmpty, withoutIds, type Json } from "@/ui/doc";
import { Menu } from "@/ui/menu";
import { ErrorNote } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Radar, StageRuler } from "./figures";
import { icpQuery, useChangeIcp, useDeleteIcp, useSetPrimary, type Icp } from "./queries";

const IcpForm = lazy(warm(() => import("./form").then((m) => ({ default: m.IcpForm }))));

const PARTS = [
  ["demographics", "Who they are"],
  ["psychographics", "What moves them"],
  ["behaviors", "What they do and say"],
] as const;

export function Profile({ id }: { id: string }) {
  const icp = useQuery(icpQuery(id));
  return <Shown query={icp}>{(i) => <Whole icp={i} />}</Shown>;
}

function Whole({ icp }: { icp: Icp }) {
  const [mending, setMending] = useState(false);
  const change = useChangeIcp(icp.id);
  return (
    <>
      <PageHead
        trail={
          <Link href={"/icps" as Route} className="hover:text-ink hover:underline">
            ICPs
          </Link>
        }
        title={icp.name}
        lead={icp.tagline}
        acts={mending ? null : <Acts icp={icp} mend={() => setMending(true)} />}
      />
      {mending ? (
        <Suspense>
          <IcpForm
            icp={icp}
            busy={change.isPending}
            error={change.error}
            cancel={() => setMending(false)}
            save={(body) =>
              change.mutate(body, {
                onSuccess: () => {
                  setMending(false);
                  toast("Kept.");
                },
              })
            }
          />
        </Suspense>
      ) : (
        <Read icp={icp} />
      )}
    </>
  );
}

function Acts({ icp, mend }: { icp: Icp; mend: () => void }) {
  const primary = useSetPrimary();
  const remove = useDeleteIcp(icp.id);
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  return (
    <>
      {icp.is_primary ? (
        <Tag dye="mor">Primary</Tag>
      ) : (
        <Button size="s" busy={primary.isPending} onClick={() => primary.mutate(icp.id)}>
          Make primary
        </Button>
      )}
      <Button size="s" onClick={mend}>
        Mend it
      </Button>
      <Menu
        label={`More for ${icp.name}`}
        acts={[{ name: "Delete it", act: () => setAsking(true), danger: true }]}
      />
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${icp.name}?`}
        lead="Moves made for them stay, without a profile."
        yes="Delete it"
        busy={remove.isPending}
        act={() => remove.mutate(undefined, { onSuccess: () => router.push("/icps" as Route) })}
      />
      {remove.error ? <ErrorNote error={remove.error} /> : null}
    </>
  );
}

function Read({ icp }: { icp: Icp }) {
  const facts = useFacts();
  const sources = icp.sources as { [key: string]: Json };
  return (
    <div className="grid gap-x-14 gap-y-12 lg:grid-cols-[minmax(0,1fr)_19rem]">
      <div className="space-y-12">
        {PARTS.map(([part, title]) => {
          const value = icp[part] as { [key: string]: Json };
          return (
            <Section key={part} id={part} title={title}>
              <div className="pt-2">
                {isEmpty(value) ? (
                  <p className="text-body text-ink-2">Your documents say nothing on this.</p>
                ) : (
                  <Doc
                    value={{ ...value, sources }}
                    cite={(ids) => <Cite ids={ids} facts={facts} />}
                  />
                )}
              </div>
            </Section>
          );
        })}
      </div>
      <aside aria-label="In figures" className="space-y-10">
        <Section id="scores" title="Scores">
          <div className="pt-2">
            <Radar icp={icp} />
          </div>
        </Section>
        <Section id="stage" title="What they know already">
          <div className="pt-3">
            <StageRuler icp={icp} />
            {typeof icp.market_sophistication.reasoning === "string" ? (
              <p className="mt-2 text-small text-ink-3">
                {withoutIds(icp.market_sophistication.reasoning)}
              </p>
            ) : null}
          </div>
        </Section>
        {icp.summary ? (
          <Section id="summary" title="In short">
            <p className="pt-2 font-serif text-read text-ink-2">{icp.summary}</p>
          </Section>
        ) : null}
      </aside>
    </div>
  );
}
