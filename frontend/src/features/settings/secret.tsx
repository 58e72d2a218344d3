"use client";
import { useState } from "react";
import { Button } from "@/ui/button";

/** Something that nobody can read again once this is closed. */
export function Secret({
  what,
  value,
  note,
  done,
}: {
  what: string;
  value: string;
  note: string;
  done: () => void;
}) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value).catch(() => {});
    setCopied(true);
  };
  return (
    <div className="space-y-4">
      <p className="border-l-[3px] border-genda bg-genda-wash px-4 py-3 text-body">
        This is the only time it is shown. {note}
      </p>
      <input
        readOnly
        aria-label={what}
        value={value}
        onFocus={(e) => e.target.select()}
        className="h-11 w-full rounded-control border border-rule-2 bg-paper-2 px-3 text-small figures"
      />
      <div className="flex flex-wrap items-center gap-2">
        <Button kind="solid" onClick={() => void copy()}>
          {copied ? "Copied" : "Copy it"}
        </Button>
        <Button kind="quiet" onClick={done}>
          I have kept it
        </Button>
        <span role="status" className="sr-only">
          {copied ? "Copied" : ""}
        </span>
      </div>
    </div>
  );
}
