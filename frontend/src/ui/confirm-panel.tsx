"use client";
import { useState } from "react";
import { Button } from "./button";
import { TextField } from "./field";
import type { ConfirmProps } from "./confirm";
import { Dialog } from "./layer";

/** For what cannot be undone. With `type`, the word has to be typed first. */
export default function ConfirmPanel({
  open,
  onOpenChange,
  title,
  lead,
  yes,
  type,
  busy,
  act,
}: ConfirmProps) {
  const [typed, setTyped] = useState("");
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} lead={lead}>
      {type ? (
        <div className="mb-5">
          <TextField
            label={`Type ${type} to go on`}
            value={typed}
            autoComplete="off"
            onChange={(e) => setTyped(e.target.value)}
          />
        </div>
      ) : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button kind="quiet" onClick={() => onOpenChange(false)}>
          Keep it
        </Button>
        <Button
          kind="danger"
          disabled={!!type && typed !== type}
          busy={busy ?? false}
          onClick={act}
        >
          {yes}
        </Button>
      </div>
    </Dialog>
  );
}
