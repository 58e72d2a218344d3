"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cn } from "@/lib/cn";
import { datePlain, time } from "@/lib/format";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/button";
import { explain } from "@/ui/explain";
import { Shown } from "@/ui/query";
import { diffQuery, useRestore, versionsQuery, type Asset } from "./queries";
import { REASONS } from "./words";

/** What a version changed of the one it was made from, and the way back to any of them. */
export function Changes({ asset }: { asset: Asset }) {
  const [chosen, setChosen] = useState(asset.version);
  const versions = useQuery(versionsQuery(asset.id));
  const diff = useQuery(diffQuery(asset.id, chosen));
  const restore = useRestore(asset.id);
  return (
    <div className="grid grid-cols-1 gap-x-14 gap-y-10 pt-8 lg:grid-cols-[minmax(0,38rem)_17rem] lg:justify-between">
      <Shown query={diff}>
        {(data) => (
          <div>
            <p className="mb-4 text-small text-ink-3">
              {data.from_version
                ? `From version ${data.from_version} to ${data.to_version}`
                : "The first version"}
            </p>
            <div className="font-serif text-read">
              {data.lines.map((line, i) => (
                <Line key={i} op={line.op} text={line.text} />
              ))}
            </div>
          </div>
        )}
      </Shown>
      <aside aria-label="Versions">
        <h2 className="border-t border-ink pt-3 text-body font-strong tracking-normal">Versions</h2>
        <Shown query={versions}>
          {(data) => (
            <ol className="mt-1">
              {data.versions.map((v) => (
                <li key={v.version} className="border-t border-rule py-2.5 first:border-0">
                  <button
                    type="button"
                    aria-pressed={v.version === chosen}
                    onClick={() => setChosen(v.version)}
                    className={cn(
                      "block w-full text-left",
                      v.version === chosen ? "font-strong" : "text-ink-2 hover:text-ink",
                    )}
                  >
                    {v.version}. {REASONS[v.reason]}
                    <span className="block text-small font-body text-ink-3 figures">
                      {datePlain(new Date(v.created_at))}, {time(new Date(v.created_at))}
                    </span>
                  </button>
                  {v.version === chosen && v.version !== asset.version ? (
                    <div className="mt-2">
                      <Button
                        size="s"
                        busy={restore.isPending}
                        onClick={() =>
                          restore.mutate(v.version, {
                            onSuccess: ({ asset: now }) => {
                              if (now) setChosen(now.version);
                              toast(`Version ${v.version} is back, as a version of its own.`);
                            },
                            onError: (error) => {
                              const { title, text } = explain(error);
                              toast.error(`${title}. ${text}`);
                            },
                          })
                        }
                      >
                        Bring it back
                      </Button>
                    </div>
                  ) : null}
                </li>
              ))}
            </ol>
          )}
        </Shown>
      </aside>
    </div>
  );
}

/** Added and taken lines differ by mark and shape, not by colour alone. */
function Line({ op, text }: { op: "same" | "added" | "removed"; text: string }) {
  if (!text.trim()) return <div className="h-3" />;
  if (op === "same") return <p className="py-1 pl-6 text-ink-2">{text}</p>;
  const added = op === "added";
  const Tag = added ? "ins" : "del";
  return (
    <p className={cn("relative py-1 pl-6", added ? "bg-mor-wash" : "bg-madder-wash text-ink-2")}>
      <span
        aria-hidden
        className={cn(
          "absolute left-1.5 font-sans font-strong",
          added ? "text-mor" : "text-madder",
        )}
      >
        {added ? "+" : "−"}
      </span>
      <Tag className={added ? "no-underline" : "line-through decoration-1"}>{text}</Tag>
    </p>
  );
}
