"use client";
import { useState } from "react";
import { Button } from "@/ui/button";
import { Select } from "@/ui/field";
import { Dialog } from "@/ui/layer";
import { ErrorNote } from "@/ui/notes";
import { Secret } from "./secret";

const HOURS = [
  [0, "at once"],
  [24, "after a day"],
  [168, "after a week"],
] as const;

/** A new secret in place of an old one, which stays good for a while. */
export function Rotate({
  open,
  close,
  title,
  lead,
  what,
  note,
  busy,
  error,
  rotate,
}: {
  open: boolean;
  close: () => void;
  title: string;
  lead: string;
  what: string;
  note: string;
  busy: boolean;
  error: unknown;
  /** Calls back with the new secret. */
  rotate: (hours: number, there: (secret: string) => void) => void;
}) {
  const [hours, setHours] = useState(24);
  const [secret, setSecret] = useState("");
  const end = () => {
    setSecret("");
    close();
  };
  return (
    <Dialog open={open} onOpenChange={(v) => !v && end()} title={title} lead={lead}>
      {secret ? (
        <Secret what={what} value={secret} note={note} done={end} />
      ) : (
        <div className="space-y-5">
          <Select
            label="The old one stops"
            value={hours}
            onChange={(e) => setHours(Number(e.target.value))}
          >
            {HOURS.map(([n, name]) => (
              <option key={n} value={n}>
                {name}
              </option>
            ))}
          </Select>
          {error ? <ErrorNote error={error} /> : null}
          <div className="flex flex-wrap justify-end gap-2">
            <Button kind="quiet" onClick={end}>
              Leave it
            </Button>
            <Button kind="solid" busy={busy} onClick={() => rotate(hours, setSecret)}>
              Make a new one
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
