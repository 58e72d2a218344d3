"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery } from "@/features/account/queries";
import { signOut } from "@/features/auth/actions";
import { datePlain } from "@/lib/format";
import { forgetAll } from "@/lib/kept";
import { toast } from "@/lib/toast";
import { link, Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { explain } from "@/ui/explain";
import { TextField } from "@/ui/field";
import { Dialog } from "@/ui/layer";
import { ErrorNote } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Frame } from "./frame";
import {
  calendarLinksQuery,
  nounFile,
  useCalendarLinkDeleted,
  useCalendarLinkMade,
  useWorkspaceEnd,
  WORKSPACE_ZIP,
} from "./queries";
import { Secret } from "./secret";

const NOUNS = [
  ["moves", "Moves"],
  ["campaigns", "Campaigns"],
  ["wins", "Daily wins"],
  ["assets", "Pieces from Muse"],
] as const;

/** It is yours: in your calendar, as files, and gone when you say so. */
export function YourData() {
  return (
    <Frame title="Your data" lead="In your calendar, as files, and gone when you say so.">
      <div className="grid grid-cols-1 gap-x-16 gap-y-14 lg:grid-cols-2">
        <Calendars />
        <div className="space-y-14">
          <Files />
          <End />
        </div>
      </div>
    </Frame>
  );
}

function Calendars() {
  const links = useQuery(calendarLinksQuery());
  const [making, setMaking] = useState(false);
  const [going, setGoing] = useState<{ id: string; name: string } | null>(null);
  const remove = useCalendarLinkDeleted();
  return (
    <Section
      id="calendars"
      title="In your calendar"
      aside={
        <Button size="s" onClick={() => setMaking(true)}>
          Make an address
        </Button>
      }
    >
      <p className="max-w-[38rem] pb-2 text-body text-ink-2">
        A calendar program subscribes to a secret address and shows moves, tasks, campaigns and wins
        on their days.
      </p>
      <Shown query={links}>
        {({ calendar_links }) => (
          <ul>
            {calendar_links.map((l) => (
              <li
                key={l.id}
                className="flex items-baseline justify-between gap-4 border-t border-rule py-2.5"
              >
                <span>
                  {l.name}
                  <span className="block text-small text-ink-3 figures">
                    Made {datePlain(new Date(l.created_at))},{" "}
                    {l.last_used_at
                      ? `last read ${datePlain(new Date(l.last_used_at))}`
                      : "not read so far"}
                  </span>
                </span>
                <Button kind="quiet" size="s" onClick={() => setGoing(l)}>
                  Revoke<span className="sr-only"> {l.name}</span>
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Shown>
      <NewCalendar open={making} close={() => setMaking(false)} />
      <Confirm
        open={!!going}
        onOpenChange={(v) => !v && setGoing(null)}
        title={`Revoke ${going?.name ?? ""}?`}
        lead="Programs that subscribed to it find nothing there from now on."
        yes="Revoke it"
        busy={remove.isPending}
        act={() =>
          remove.mutate(going!.id, {
            onError: (error) => toast.error(explain(error).title),
            onSettled: () => setGoing(null),
          })
        }
      />
    </Section>
  );
}

function NewCalendar({ open, close }: { open: boolean; close: () => void }) {
  const make = useCalendarLinkMade();
  const [name, setName] = useState("");
  const end = () => {
    make.reset();
    setName("");
    close();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(v) => !v && end()}
      title={make.data ? "The address" : "An address for a calendar"}
    >
      {make.data ? (
        <Secret
          what="The address"
          value={make.data.url}
          note="Whoever has it can read your calendar. Paste it where your calendar program asks for a URL to subscribe to."
          done={end}
        />
      ) : (
        <form
          className="space-y-5"
          onSubmit={(e) => {
            e.preventDefault();
            make.mutate(name.trim() || "Calendar");
          }}
        >
          <TextField
            label="Which calendar it is for"
            placeholder="Google, on the phone"
            maxLength={200}
            value={name}
            onChange={(e) => setName(e.target.value)}
          />
          {make.error ? <ErrorNote error={make.error} /> : null}
          <div className="flex flex-wrap justify-end gap-2">
            <Button kind="quiet" onClick={end}>
              Leave it
            </Button>
            <Button kind="solid" type="submit" busy={make.isPending}>
              Make it
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

const Files = () => (
  <Section id="files" title="As files">
    <table className="w-full text-body">
      <caption className="sr-only">Files to take away</caption>
      <tbody>
        {NOUNS.map(([noun, name]) => (
          <tr key={noun} className="border-t border-rule first:border-0">
            <th scope="row" className="py-2.5 text-left font-body">
              {name}
            </th>
            {(["csv", "json"] as const).map((format) => (
              <td key={format} className="w-16 py-2.5 text-right">
                <a className={link} href={nounFile(noun, format)} download>
                  {format.toUpperCase()}
                  <span className="sr-only"> of {name}</span>
                </a>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    <p className="border-t border-rule pt-4 pb-3 text-body text-ink-2">
      Or everything at once: each table as JSON, and your documents as you brought them.
    </p>
    <Button asChild>
      <a href={WORKSPACE_ZIP} download>
        Download it all as a zip
      </a>
    </Button>
  </Section>
);

function End() {
  const { data: me } = useQuery(meQuery());
  const [open, setOpen] = useState(false);
  const end = useWorkspaceEnd();
  const workspace = me?.workspace;
  return (
    <Section id="end" title="The end">
      <p className="max-w-[38rem] pb-3 text-body text-ink-2">
        Deleting the workspace deletes its documents, facts, moves, drafts and memory for good.
        Invoices stay, as the law wants. Take the zip first.
      </p>
      {end.error ? (
        <div className="pb-3">
          <ErrorNote error={end.error} />
        </div>
      ) : null}
      <Button kind="danger" disabled={!workspace} onClick={() => setOpen(true)}>
        Delete the workspace
      </Button>
      {workspace ? (
        <Confirm
          open={open}
          onOpenChange={setOpen}
          title="Delete the workspace?"
          lead="Everything in it is gone at once, and nobody can bring it back."
          type={workspace.name}
          yes="Delete it for good"
          busy={end.isPending || end.isSuccess}
          act={() =>
            end.mutate(workspace.id, {
              onSuccess: () => {
                forgetAll();
                void signOut();
              },
              onError: () => setOpen(false),
            })
          }
        />
      ) : null}
    </Section>
  );
}
