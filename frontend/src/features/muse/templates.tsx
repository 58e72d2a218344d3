"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { many } from "@/lib/format";
import { PageHead, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Shown } from "@/ui/query";
import { templatesQuery, type Named, type Type } from "./queries";
import { kindOf, TYPES } from "./words";

/** Texts that are nearly written, by kind; one fills in what only the founder knows. */
export function Templates() {
  const templates = useQuery(templatesQuery());
  return (
    <>
      <PageHead
        trail={
          <Link href={"/muse" as Route} className="hover:text-ink hover:underline">
            Muse
          </Link>
        }
        title="Nearly written"
        lead="Texts for what comes up again and again. You fill in what only you know; your documents offer the rest. No model, no cost."
        acts={
          <Button size="s" asChild>
            <Link href={"/muse/new" as Route}>Write something new</Link>
          </Button>
        }
      />
      <Shown query={templates}>
        {(all) => (
          <div className="space-y-10">
            {(Object.keys(TYPES) as Type[]).map((type) => {
              const own = all.filter((t) => t.content_type === type);
              return own.length ? (
                <Section key={type} id={type} title={TYPES[type].name} aside={own.length}>
                  <ul className="grid gap-x-12 sm:grid-cols-2">
                    {own.map((t) => (
                      <Row key={t.id} template={t} />
                    ))}
                  </ul>
                </Section>
              ) : null;
            })}
          </div>
        )}
      </Shown>
    </>
  );
}

const Row = ({ template: t }: { template: Named }) => (
  <li className="border-t border-rule py-3.5">
    <h3 className="font-serif text-[1.0625rem] leading-6">
      <Link
        href={`/muse/templates/${t.id}` as Route}
        className="rounded-slip hover:underline hover:decoration-1 hover:underline-offset-4"
      >
        {t.name}
      </Link>
    </h3>
    <p className="mt-0.5 text-body text-ink-2">{t.when}.</p>
    <p className="mt-1 text-small text-ink-3 figures">
      {kindOf({ type: t.content_type, platform: t.platform })}, {many(t.gaps, "gap")} to fill
    </p>
  </li>
);
