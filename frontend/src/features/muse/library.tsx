"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { count, datePlain, many } from "@/lib/format";
import { useKeys } from "@/lib/keys";
import { PageHead, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Tabs } from "@/ui/tabs";
import { assetsQuery, type Filter, type Listed } from "./queries";
import { kindOf, STATUSES } from "./words";

const TABS = [
  { href: "/muse", name: "All" },
  { href: "/muse?status=draft", name: "Drafts" },
  { href: "/muse?status=approved", name: "Approved" },
  { href: "/muse?status=published", name: "Published" },
  { href: "/muse?status=archived", name: "Put away" },
];

/** What was written, newest first. */
export function Library({ filter }: { filter: Filter }) {
  const assets = useQuery(assetsQuery(filter));
  const router = useRouter();
  useKeys({ n: () => router.push("/muse/new" as Route) });
  return (
    <>
      <PageHead
        trail="Muse"
        title="Words that hold"
        lead="Posts, emails, ads and pages out of your own facts. Each claim shows what it rests on."
        acts={
          <>
            <Button size="s" asChild>
              <Link href={"/muse/templates" as Route}>Templates</Link>
            </Button>
            <Button kind="solid" size="s" asChild>
              <Link href={"/muse/new" as Route}>Write something</Link>
            </Button>
          </>
        }
      />
      <Tabs
        label="Drafts and finished pieces"
        here={filter.status ? `/muse?status=${filter.status}` : "/muse"}
        tabs={TABS}
      />
      <Shown query={assets}>
        {(data) =>
          data.assets.length ? (
            <ul className="grid grid-cols-1 gap-x-12 lg:grid-cols-2">
              {data.assets.map((a) => (
                <Row key={a.id} asset={a} />
              ))}
            </ul>
          ) : filter.status ? (
            <p className="py-8 text-body text-ink-2">
              Nothing here.{" "}
              <Link href={"/muse" as Route} className="underline underline-offset-3">
                See all
              </Link>
            </p>
          ) : (
            <Empty
              flush
              title="Nothing is written yet."
              act={
                <Button kind="solid" asChild>
                  <Link href={"/muse/new" as Route}>Write the first piece</Link>
                </Button>
              }
            >
              Say what it is about and where it goes. Muse writes it from what your documents say,
              in your voice, and leaves out what nothing supports.
            </Empty>
          )
        }
      </Shown>
    </>
  );
}

const Row = ({ asset: a }: { asset: Listed }) => (
  <li className="settle border-b border-rule">
    <Link href={`/muse/${a.id}` as Route} className="group block py-5">
      <span className="flex items-baseline justify-between gap-4 text-small text-ink-3">
        <span>{kindOf(a)}</span>
        <Tag dye={STATUSES[a.status].dye}>{STATUSES[a.status].name}</Tag>
      </span>
      <span className="mt-1.5 block font-serif text-h4 group-hover:underline group-hover:decoration-1 group-hover:underline-offset-4">
        {a.title}
      </span>
      <span className="mt-1 line-clamp-2 max-w-[38rem] font-serif text-body text-ink-2">
        {a.content}
      </span>
      <span className="mt-2 flex flex-wrap gap-x-3 text-small text-ink-3 figures">
        <span>{datePlain(new Date(a.created_at))}</span>
        {a.word_count ? <span>{count(a.word_count)} words</span> : null}
        {a.version > 1 ? <span>version {a.version}</span> : null}
        {a.unsupported ? (
          <span className="font-strong text-madder">
            {many(a.unsupported, "claim")} without a source
          </span>
        ) : null}
      </span>
    </Link>
  </li>
);
