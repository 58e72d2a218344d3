"use client";
import { useState } from "react";
import { kept } from "@/lib/kept";
import { Button } from "@/ui/button";
import { TextArea, TextField } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import { useEdit, type Asset } from "./queries";

/** The founder's own hand. What is saved is a new version, and its claims are checked anew. */
export function Editor({ asset, done }: { asset: Asset; done: () => void }) {
  const name = `muse-${asset.id}`;
  const [title, setTitle] = useState(asset.title);
  const [text, setText] = useState(() => kept.read(name) || asset.content);
  const edit = useEdit(asset.id);
  const end = () => {
    kept.write(name, "");
    done();
  };
  const save = () =>
    edit.mutate(
      {
        ...(title.trim() && title !== asset.title ? { title: title.trim() } : {}),
        ...(text !== asset.content ? { content: text } : {}),
      } as Parameters<typeof edit.mutate>[0],
      { onSuccess: end },
    );
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
      className="space-y-5"
    >
      <TextField
        label="Title"
        value={title}
        maxLength={200}
        onChange={(e) => setTitle(e.target.value)}
      />
      <TextArea
        serif
        rows={12}
        label="Text"
        hint="Saving makes a new version. Each claim is checked against your documents again."
        value={text}
        maxLength={50_000}
        onChange={(e) => {
          setText(e.target.value);
          kept.write(name, e.target.value === asset.content ? "" : e.target.value);
        }}
      />
      {edit.error ? <ErrorNote error={edit.error} retry={save} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button kind="solid" type="submit" busy={edit.isPending} disabled={!text.trim()}>
          {edit.isPending ? "Checking each claim" : "Save it"}
        </Button>
        <Button kind="quiet" onClick={end}>
          Leave it as it was
        </Button>
      </div>
    </form>
  );
}
