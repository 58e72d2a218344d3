"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { Button } from "@/ui/button";
import { Check, Choice, TextField } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { eventsQuery, type Endpoint, type EndpointWish } from "./queries";
import { eventInWords } from "./words";

/** An address, and which events it hears. */
export function EndpointForm({
  endpoint,
  yes,
  busy,
  error,
  cancel,
  save,
}: {
  endpoint?: Endpoint;
  yes: string;
  busy: boolean;
  error: unknown;
  cancel: () => void;
  save: (wish: EndpointWish) => void;
}) {
  const [url, setUrl] = useState(endpoint?.url ?? "https://");
  const [about, setAbout] = useState(endpoint?.description ?? "");
  const [which, setWhich] = useState<"all" | "some">(
    endpoint && !endpoint.events.includes("*") ? "some" : "all",
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    new Set(endpoint?.events.filter((e) => e !== "*")),
  );
  const [tried, setTried] = useState(false);
  const isUrl = URL.canParse(url) && /^https?:\/\/[^/]/.test(url);
  const refused = error instanceof ApiError ? error : null;
  const atUrl =
    refused &&
    (refused.fields.url ?? (/url|address|egress/.test(refused.code) ? refused.detail : ""));
  return (
    <form
      noValidate
      className="space-y-5"
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (!isUrl || (which === "some" && !chosen.size)) return;
        save({
          url: url.trim(),
          description: about.trim() || null,
          events: which === "all" ? ["*"] : [...chosen],
          is_active: endpoint?.is_active ?? true,
        });
      }}
    >
      <TextField
        label="Address"
        type="url"
        inputMode="url"
        spellCheck={false}
        value={url}
        error={tried && !isUrl ? "A whole address, with https:// at its start." : (atUrl ?? "")}
        onChange={(e) => setUrl(e.target.value)}
      />
      <TextField
        label="What it is for, if you like"
        maxLength={200}
        value={about}
        onChange={(e) => setAbout(e.target.value)}
      />
      <Choice
        label="What it hears"
        value={which}
        onChange={setWhich}
        options={[
          { value: "all", title: "Everything, also what is added later" },
          { value: "some", title: "Only some events" },
        ]}
      />
      {which === "some" ? <Events chosen={chosen} choose={setChosen} /> : null}
      {tried && which === "some" && !chosen.size ? (
        <p role="alert" className="text-small text-madder">
          Choose at least one event.
        </p>
      ) : null}
      {error && !atUrl ? <ErrorNote error={error} /> : null}
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

function Events({
  chosen,
  choose,
}: {
  chosen: ReadonlySet<string>;
  choose: (events: ReadonlySet<string>) => void;
}) {
  const [find, setFind] = useState("");
  const wanted = find.trim().toLowerCase();
  return (
    <div className="space-y-2">
      <TextField
        label="Find an event"
        type="search"
        value={find}
        onChange={(e) => setFind(e.target.value)}
      />
      <Shown query={useQuery(eventsQuery())}>
        {(events) => (
          <div
            role="group"
            aria-label="Events"
            tabIndex={0}
            className="max-h-56 overflow-y-auto border-y border-rule"
          >
            {events
              .filter((e) => eventInWords(e).toLowerCase().includes(wanted) || e.includes(wanted))
              .map((event) => (
                <Check
                  key={event}
                  label={eventInWords(event)}
                  hint={event}
                  checked={chosen.has(event)}
                  onChange={(e) => {
                    const next = new Set(chosen);
                    if (e.target.checked) next.add(event);
                    else next.delete(event);
                    choose(next);
                  }}
                />
              ))}
          </div>
        )}
      </Shown>
      <p className="text-small text-ink-3" aria-live="polite">
        {chosen.size} chosen
      </p>
    </div>
  );
}
