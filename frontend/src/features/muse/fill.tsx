"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useRef, useState, useSyncExternalStore } from "react";
import { ApiError } from "@/lib/api/errors";
import { cn } from "@/lib/cn";
import { capital, inWords } from "@/lib/format";
import { kept } from "@/lib/kept";
import { PageHead } from "@/ui/bits";
import { Button } from "@/ui/button";
import { TextArea } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { pieces, wanting } from "./filling";
import { templateQuery, useFill, type TemplateDetail } from "./queries";
import { kindOf } from "./words";

const never = () => () => {};

export function Fill({ id }: { id: string }) {
  // The server does not know what was typed in this tab.
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <Shown query={useQuery(templateQuery(id))}>
      {(detail) => <Form key={`${id} ${inBrowser}`} detail={detail} inBrowser={inBrowser} />}
    </Shown>
  );
}

type Values = Record<string, string>;

/** What was typed before a reload or a sign-in. */
function before(name: string): Values {
  try {
    return JSON.parse(kept.read(name) || "{}") as Values;
  } catch {
    return {};
  }
}

/** The gaps at the left, the text as it will be at the right. */
function Form({ detail, inBrowser }: { detail: TemplateDetail; inBrowser: boolean }) {
  const { template: t, suggestions } = detail;
  const router = useRouter();
  const fill = useFill(t.id);
  const form = useRef<HTMLFormElement>(null);
  const keep = `template-${t.id}`;
  const [values, setValues] = useState<Values>(() => (inBrowser ? before(keep) : {}));
  const [pressed, setPressed] = useState(false);
  const names = t.variables.map((v) => v.name);
  const labels = Object.fromEntries(t.variables.map((v) => [v.name, v.label]));
  const open = wanting(names, values);
  const set = (name: string, value: string) => {
    const next = { ...values, [name]: value };
    setValues(next);
    kept.write(keep, JSON.stringify(next));
  };
  const wrong = (name: string) => {
    if (pressed && open.includes(name)) return "This gap is still open.";
    const said = fill.error instanceof ApiError ? fill.error : null;
    const own = (said?.extra.variables as Values | undefined)?.[name];
    return said?.fields[`values.${name}`] ?? (own ? `${own}.` : undefined);
  };
  const submit = (e: React.FormEvent) => {
    e.preventDefault();
    setPressed(true);
    if (open[0]) {
      form.current?.querySelector<HTMLElement>(`[name="${open[0]}"]`)?.focus();
      return;
    }
    const said = Object.fromEntries(names.map((n) => [n, (values[n] ?? "").trim()]));
    fill.mutate(said, {
      onSuccess: ({ asset }) => {
        kept.write(keep, "");
        router.push(`/muse/${asset.id}` as Route);
      },
    });
  };
  const atFields = fill.error instanceof ApiError && fill.error.status === 422;
  return (
    <>
      <PageHead
        trail={
          <>
            <Link href={"/muse" as Route} className="hover:text-ink hover:underline">
              Muse
            </Link>
            <span aria-hidden className="mx-2 text-ink-3">
              /
            </span>
            <Link href={"/muse/templates" as Route} className="hover:text-ink hover:underline">
              Templates
            </Link>
          </>
        }
        title={t.name}
        lead={`${kindOf({ type: t.content_type, platform: t.platform })}. ${t.when}.`}
      />
      <form
        ref={form}
        onSubmit={submit}
        noValidate
        className="grid gap-x-14 gap-y-10 lg:grid-cols-[minmax(0,26rem)_minmax(0,1fr)]"
      >
        <div className="space-y-5">
          {t.variables.map((v) => {
            const error = wrong(v.name);
            return (
              <div key={v.name}>
                <TextArea
                  label={v.label}
                  name={v.name}
                  rows={1}
                  maxLength={v.most}
                  placeholder={v.example}
                  value={values[v.name] ?? ""}
                  onChange={(e) => set(v.name, e.target.value)}
                  {...(error ? { error } : {})}
                />
                <Offers
                  label={v.label}
                  texts={suggestions[v.name] ?? []}
                  chosen={values[v.name] ?? ""}
                  choose={(text) => set(v.name, text)}
                />
              </div>
            );
          })}
          {fill.error && !atFields ? <ErrorNote error={fill.error} /> : null}
          <div className="flex flex-wrap items-center gap-3">
            <Button kind="solid" size="l" type="submit" busy={fill.isPending}>
              Make a draft of it
            </Button>
            <p role="status" className="text-small text-ink-3">
              {open.length
                ? `${open.length === 1 ? "One gap is" : `${capital(inWords(open.length))} gaps are`} open.`
                : "Nothing is open. Each claim is checked against your documents."}
            </p>
          </div>
        </div>
        <section aria-label="The text as it will be">
          <div className="border-t border-ink pt-4 lg:sticky lg:top-8">
            <p className="max-w-[38rem] font-serif text-read whitespace-pre-wrap">
              {pieces(t.body, values, labels).map((p, i) =>
                p.variable ? (
                  <span
                    key={i}
                    className={cn(
                      p.empty
                        ? "rounded-slip bg-genda-mark px-1 font-sans text-small text-ink"
                        : "underline decoration-mor decoration-1 underline-offset-4",
                    )}
                  >
                    {p.text}
                  </span>
                ) : (
                  p.text
                ),
              )}
            </p>
          </div>
        </section>
      </form>
    </>
  );
}

type OffersProps = {
  label: string;
  texts: string[];
  chosen: string;
  choose: (text: string) => void;
};

/** What the documents offer for a gap; one press takes it. */
function Offers({ label, texts, chosen, choose }: OffersProps) {
  const left = texts.filter((text) => text !== chosen);
  if (!left.length) return null;
  return (
    <ul aria-label={`From your documents, for: ${label}`} className="mt-1.5 space-y-1">
      {left.slice(0, 3).map((text) => (
        <li key={text}>
          <button
            type="button"
            onClick={() => choose(text)}
            className="min-h-6 text-left text-small text-mor underline decoration-1 underline-offset-3 hover:decoration-2 max-lg:min-h-9"
          >
            {text}
          </button>
        </li>
      ))}
    </ul>
  );
}
