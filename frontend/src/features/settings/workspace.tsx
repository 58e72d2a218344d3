"use client";
import { useQuery } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { meQuery } from "@/features/account/queries";
import { known, LANGUAGES } from "@/features/muse/words";
import { ApiError } from "@/lib/api/errors";
import { toast } from "@/lib/toast";
import { Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Select, TextField } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { useWorkspaceChange } from "./queries";

const HOME = "Asia/Kolkata";
const never = () => () => {};
let zones: string[] | undefined;
/** What this browser knows; it writes India's zone by its old name. */
const allZones = () =>
  (zones ??= [
    ...new Set([HOME, ...Intl.supportedValuesOf("timeZone").filter((z) => z !== "Asia/Calcutta")]),
  ]);
const onlyHome = [HOME];

type Known = { name: string; timezone: string; language: string };

/** The workspace's name, its zone, and the language its copy is written in. */
export function WorkspaceSettings() {
  const me = useQuery(meQuery());
  return (
    <Section id="workspace" title="The workspace">
      <Shown query={me}>
        {({ workspace }) =>
          workspace ? (
            <Form
              kept={{
                name: workspace.name,
                timezone: String(workspace.settings.timezone ?? HOME),
                language: known(workspace.settings.language),
              }}
            />
          ) : null
        }
      </Shown>
    </Section>
  );
}

function Form({ kept }: { kept: Known }) {
  const [typed, setTyped] = useState(kept);
  const change = useWorkspaceChange();
  const zones = useSyncExternalStore(never, allZones, () => onlyHome);
  const fields = change.error instanceof ApiError ? change.error.fields : {};
  const set = (part: Partial<Known>) => setTyped({ ...typed, ...part });
  const changed = Object.fromEntries(
    Object.entries(typed).filter(([k, v]) => v !== kept[k as keyof Known]),
  );
  const isSame = !Object.keys(changed).length;
  return (
    <form
      noValidate
      className="space-y-5 pt-3"
      onSubmit={(e) => {
        e.preventDefault();
        if (!isSame && typed.name.trim())
          change.mutate(changed, { onSuccess: () => toast("Kept.") });
      }}
    >
      <TextField
        label="Name"
        maxLength={200}
        value={typed.name}
        error={typed.name.trim() ? fields.name : "It needs a name."}
        onChange={(e) => set({ name: e.target.value })}
      />
      <Select
        label="Time zone"
        hint="When a day, a week and a month of budget begin. Times on these pages are Indian."
        value={typed.timezone}
        error={fields.timezone}
        onChange={(e) => set({ timezone: e.target.value })}
      >
        {(zones.includes(typed.timezone) ? zones : [typed.timezone, ...zones]).map((zone) => (
          <option key={zone} value={zone}>
            {zone.replaceAll("_", " ")}
          </option>
        ))}
      </Select>
      <Select
        label="Language of what is written"
        hint="Muse begins with it; each piece can have another."
        value={typed.language}
        error={fields.language}
        onChange={(e) => set({ language: e.target.value })}
      >
        {LANGUAGES.map(([code, name]) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </Select>
      {change.error && !Object.keys(fields).length ? <ErrorNote error={change.error} /> : null}
      <Button type="submit" busy={change.isPending} disabled={isSame}>
        Keep it
      </Button>
    </form>
  );
}
