"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useKeys } from "@/lib/keys";
import { capital } from "@/lib/format";
import { PageHead, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { strategiesQuery, type Strategy } from "./queries";
import { Ruler } from "./ruler";
import { AREAS, STATUSES } from "./words";

export function Plays() {
  const router = useRouter();
  useKeys({ n: () => router.push("/blackbox/new" as Route) });
  return (
    <>
      <PageHead
        trail="Blackbox"
        title="Plays one does not make every week"
        lead="Each says what could come of it, what could go wrong, and when to stop."
        acts={
          <Button kind="solid" size="s" asChild>
            <Link href={"/blackbox/new" as Route}>Find a play</Link>
          </Button>
        }
      />
      <Shown query={useQuery(strategiesQuery())}>
        {(data) =>
          data.strategies.length ? (
            <ul>
              {data.strategies.map((s) => (
                <Row key={s.id} strategy={s} />
              ))}
            </ul>
          ) : (
            <Empty
              title="No play yet."
              act={
                <Button kind="solid" asChild>
                  <Link href={"/blackbox/new" as Route}>Find the first play</Link>
                </Button>
              }
            >
              Say what it is to reach and how much you would risk. From seven of ten on you approve
              a play before it can become a move.
            </Empty>
          )
        }
      </Shown>
    </>
  );
}

const Row = ({ strategy: s }: { strategy: Strategy }) => (
  <li className="settle border-t border-rule">
    <Link
      href={`/blackbox/${s.id}` as Route}
      className="group grid gap-x-10 gap-y-2 py-5 sm:grid-cols-[minmax(0,1fr)_13rem]"
    >
      <span>
        <span className="block font-serif text-h4 group-hover:underline group-hover:decoration-1 group-hover:underline-offset-4">
          {s.name}
        </span>
        {s.outcome ? (
          <span className="mt-0.5 block max-w-[38rem] text-body text-ink-2">
            {capital(s.outcome)}
          </span>
        ) : null}
        <span className="mt-1.5 block text-small text-ink-3">{AREAS[s.focus_area].name}</span>
      </span>
      <span className="flex flex-col gap-2 text-small sm:items-end">
        <Tag dye={STATUSES[s.status].dye}>{STATUSES[s.status].name}</Tag>
        {s.risk_level ? (
          <span className="flex items-center gap-3 text-ink-3 figures">
            <Ruler level={s.risk_level} /> risk {s.risk_level} of 10
          </span>
        ) : null}
      </span>
    </Link>
  </li>
);
