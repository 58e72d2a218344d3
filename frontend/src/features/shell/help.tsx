"use client";
import { useState } from "react";
import { keysOff, turnKeysOff } from "@/lib/keys";
import { Check } from "@/ui/field";
import { Dialog } from "@/ui/layer";
import { ownPlaces, places } from "./nav";

const general: [string, string][] = [
  ["⌘K or Ctrl K", "Find or jump"],
  ["N", "Make something new here"],
  ["J, K", "Next row, row before"],
  ["Enter, E, X", "Yes, correct it, not true: on a fact"],
  ["A, E, R", "Approve, edit, reject: on an approval"],
  ["Esc", "Stop writing, or close"],
  ["?", "This list"],
];

export default function Help({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (v: boolean) => void;
}) {
  const [off, setOff] = useState(keysOff);
  const rows = [
    ...general,
    ...[...places.flat(), ...ownPlaces].map(
      (p) => [`G ${p.key.toUpperCase()}`, `Go to ${p.name}`] as [string, string],
    ),
  ];
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keys">
      <dl className="text-body">
        {rows.map(([key, what]) => (
          <div
            key={key}
            className="grid grid-cols-[9rem_1fr] border-t border-rule py-2 first:border-0"
          >
            <dt className="font-strong">{key}</dt>
            <dd className="text-ink-2">{what}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-4 border-t border-rule pt-2">
        <Check
          label="Turn single letters off"
          hint="For speech input and screen readers. Cmd or Ctrl K stays."
          checked={off}
          onChange={(e) => {
            turnKeysOff(e.target.checked);
            setOff(e.target.checked);
          }}
        />
      </div>
    </Dialog>
  );
}
