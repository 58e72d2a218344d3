"use client";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { datePlain } from "@/lib/format";
import { Button } from "@/ui/button";
import { Select, TextField } from "@/ui/field";
import { ErrorNote, Limit } from "@/ui/notes";
import type { ApiKey, KeyWish } from "./queries";
import { AREAS } from "./words";

const ENDS: [days: number, name: string][] = [
  [0, "Never, until you stop it"],
  [30, "In 30 days"],
  [90, "In 90 days"],
  [365, "In a year"],
];
const DAY_MS = 86_400_000;
/** The end that a key has already. */
const AS_IT_IS = -1;
const AREA_NAMES: [string, string][] = [["*", "Everything"], ...Object.entries(AREAS)];

/** A name, an end, and what the key may read and do. */
export function KeyForm({
  of: kept,
  yes,
  busy,
  error,
  cancel,
  save,
}: {
  /** The key that is changed; none for a new one. */
  of?: ApiKey;
  yes: string;
  busy: boolean;
  error: unknown;
  cancel: () => void;
  save: (wish: KeyWish) => void;
}) {
  const [name, setName] = useState(kept?.name ?? "");
  const [days, setDays] = useState(kept ? AS_IT_IS : 90);
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set(kept?.scopes ?? ["*:read"]));
  const [tried, setTried] = useState(false);
  const unnamed = tried && !name.trim();
  const toggle = (scope: string, on: boolean) => {
    const next = new Set(scopes);
    if (on) next.add(scope);
    else next.delete(scope);
    setScopes(next);
  };
  const refused = error instanceof ApiError ? error : null;
  return (
    <form
      noValidate
      className="space-y-5"
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (!name.trim() || !scopes.size) return;
        save({
          name: name.trim(),
          scopes: [...scopes],
          expires_at:
            days === AS_IT_IS
              ? (kept?.expires_at ?? null)
              : days
                ? new Date(Date.now() + days * DAY_MS).toISOString()
                : null,
        });
      }}
    >
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          label="What the program is called"
          maxLength={200}
          value={name}
          error={unnamed ? "So that you know it again." : refused?.fields.name}
          onChange={(e) => setName(e.target.value)}
        />
        <Select label="It ends" value={days} onChange={(e) => setDays(Number(e.target.value))}>
          {kept ? (
            <option value={AS_IT_IS}>
              {kept.expires_at ? `On ${datePlain(new Date(kept.expires_at))}` : "Never, as now"}
            </option>
          ) : null}
          {ENDS.map(([n, text]) => (
            <option key={n} value={n}>
              {text}
            </option>
          ))}
        </Select>
      </div>
      <table className="w-full text-body">
        <caption className="mb-1 text-left text-small font-strong">What it may do</caption>
        <thead className="text-small text-ink-3">
          <tr>
            <th scope="col" className="py-1.5 text-left font-body">
              Part
            </th>
            <th scope="col" className="w-20 py-1.5 font-body">
              Read
            </th>
            <th scope="col" className="w-20 py-1.5 font-body">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {AREA_NAMES.map(([area, words]) => (
            <tr key={area} className="border-t border-rule">
              <th scope="row" className="py-1 text-left font-body">
                {words}
              </th>
              {(["read", "write"] as const).map((right) => (
                <td key={right} className="text-center">
                  <label className="inline-grid size-9 cursor-pointer place-items-center max-lg:size-11">
                    <input
                      type="checkbox"
                      aria-label={`${words}: ${right === "read" ? "read" : "change"}`}
                      className="size-4 accent-mor"
                      checked={scopes.has(`${area}:${right}`) || scopes.has(`*:${right}`)}
                      disabled={area !== "*" && scopes.has(`*:${right}`)}
                      onChange={(e) => toggle(`${area}:${right}`, e.target.checked)}
                    />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {tried && !scopes.size ? (
        <p role="alert" className="text-small text-madder">
          It has to be allowed something.
        </p>
      ) : null}
      {refused?.status === 403 ? (
        <Limit
          act={
            <Button size="s" asChild>
              <Link href={"/billing/plans" as Route}>See plans</Link>
            </Button>
          }
        >
          {refused.detail}
        </Limit>
      ) : error ? (
        <ErrorNote error={error} />
      ) : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button kind="quiet" onClick={cancel}>
          Leave it
        </Button>
        <Button kind="solid" type="submit" busy={busy}>
          {yes}
        </Button>
      </div>
    </form>
  );
}
