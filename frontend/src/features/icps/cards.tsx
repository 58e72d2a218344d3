"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useKeys } from "@/lib/keys";
import { toast } from "@/lib/toast";
import { Key, PageHead, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Radar, StageRuler } from "./figures";
import { icpsQuery, useSetPrimary, type Icp } from "./queries";
import { fearsOf, wordsOf } from "./words";

export function Cards() {
  const icps = useQuery(icpsQuery());
  const router = useRouter();
  useKeys({ n: () => router.push("/icps/new" as Route) });
  return (
    <>
      <PageHead
        title="Whom you win"
        lead="The few kinds of customer worth an hour of your day, and what your own documents say of them."
        acts={
          <Button asChild>
            <Link href={"/icps/new" as Route}>
              Describe one <Key>N</Key>
            </Link>
          </Button>
        }
      />
      <Shown query={icps}>
        {({ icps: all }) =>
          all.length ? (
            <ul className="grid gap-x-12 gap-y-12 xl:grid-cols-2">
              {all.map((icp) => (
                <Card key={icp.id} icp={icp} />
              ))}
            </ul>
          ) : (
            <Empty
              title="Nobody is described yet."
              act={
                <>
                  <Button kind="solid" asChild>
                    <Link href={"/onboarding" as Route}>Let your documents say it</Link>
                  </Button>
                  <Button asChild>
                    <Link href={"/icps/new" as Route}>Describe one yourself</Link>
                  </Button>
                </>
              }
            >
              Chapter five of the onboarding finds them in what you brought. Each is a kind of
              person, not an age group: what they fear, what makes them look, and how they say it.
            </Empty>
          )
        }
      </Shown>
    </>
  );
}

function Card({ icp }: { icp: Icp }) {
  const primary = useSetPrimary();
  const fear = fearsOf(icp)[0];
  const word = wordsOf(icp)[0];
  return (
    <li className="border-t border-ink pt-4">
      <div className="flex min-h-9 items-baseline justify-between gap-4">
        <h2 className="font-serif text-h3">
          <Link
            href={`/icps/${icp.id}` as Route}
            className="hover:underline hover:decoration-1 hover:underline-offset-4"
          >
            {icp.name}
          </Link>
        </h2>
        {icp.is_primary ? (
          <Tag dye="mor">Primary</Tag>
        ) : (
          <Button
            kind="quiet"
            size="s"
            busy={primary.isPending}
            onClick={() =>
              primary.mutate(icp.id, {
                onSuccess: () => toast(`${icp.name} is the primary one now.`),
              })
            }
          >
            Make primary
          </Button>
        )}
      </div>
      {icp.tagline ? (
        <p className="mt-1 font-serif text-read text-ink-2 italic">{icp.tagline}</p>
      ) : null}
      <dl className="mt-4 space-y-2 text-body">
        {fear ? (
          <div className="grid grid-cols-[4.5rem_1fr]">
            <dt className="text-small leading-6 text-ink-3">Fears</dt>
            <dd>{fear}</dd>
          </div>
        ) : null}
        {word ? (
          <div className="grid grid-cols-[4.5rem_1fr]">
            <dt className="text-small leading-6 text-ink-3">Says</dt>
            <dd>“{word}”</dd>
          </div>
        ) : null}
      </dl>
      <div className="mt-5 grid gap-6 sm:grid-cols-2 sm:items-center">
        <Radar icp={icp} />
        <StageRuler icp={icp} />
      </div>
    </li>
  );
}
