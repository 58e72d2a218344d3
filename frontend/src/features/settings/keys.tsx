"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { meQuery } from "@/features/account/queries";
import { datePlain, many } from "@/lib/format";
import { toast } from "@/lib/toast";
import { Section, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { explain } from "@/ui/explain";
import { Dialog } from "@/ui/layer";
import { Menu } from "@/ui/menu";
import { Empty, Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Frame } from "./frame";
import { Rotate } from "./grace";
import { KeyForm } from "./key-form";
import {
  keysQuery,
  useKeyMade,
  useKeyRevoked,
  useKeyChanged,
  useKeyRotated,
  type ApiKey,
} from "./queries";
import { Secret } from "./secret";
import { scopesInWords } from "./words";

const NOTE = "Keep it where your program reads it, not in its code.";

/** Keys for programs: made once, narrowed, renewed, stopped. */
export function Keys() {
  const keys = useQuery(keysQuery());
  const { data: me } = useQuery(meQuery());
  const [making, setMaking] = useState(false);
  const plan = me?.subscription?.plan ?? "free";
  const hasThem = !me || plan === "growth" || plan === "enterprise";
  const live = keys.data?.api_keys.filter((k) => !k.revoked_at) ?? [];
  const gone = keys.data?.api_keys.filter((k) => k.revoked_at) ?? [];
  const make = hasThem ? (
    <Button kind="solid" onClick={() => setMaking(true)}>
      Make a key
    </Button>
  ) : (
    <NeedsGrowth />
  );
  return (
    <Frame
      title="API keys"
      lead="A key lets a program do here what you can do, within what you allow it."
    >
      <Shown query={keys}>
        {() => (
          <div className="max-w-[56rem] space-y-12">
            {live.length ? (
              <>
                {make}
                <Section id="live" title="In use" aside={many(live.length, "key")}>
                  <ul>
                    {live.map((key) => (
                      <Row key={key.id} of={key} />
                    ))}
                  </ul>
                </Section>
              </>
            ) : (
              <Empty flush title="No program has a key." act={make}>
                With one, a script or an automation reads your moves or asks the agents for work,
                and what it spends counts as yours.
              </Empty>
            )}
            {gone.length ? (
              <Section id="gone" title="Stopped">
                <ul className="text-small text-ink-3">
                  {gone.map((key) => (
                    <li
                      key={key.id}
                      className="flex justify-between gap-4 border-t border-rule py-2.5 first:border-0"
                    >
                      <span>
                        {key.name} <span className="figures">{key.hint}…</span>
                      </span>
                      <span className="figures">{datePlain(new Date(key.revoked_at!))}</span>
                    </li>
                  ))}
                </ul>
              </Section>
            ) : null}
          </div>
        )}
      </Shown>
      <Making open={making} close={() => setMaking(false)} />
    </Frame>
  );
}

const NeedsGrowth = () => (
  <Limit
    act={
      <Button size="s" asChild>
        <Link href={"/billing/plans" as Route}>See plans</Link>
      </Button>
    }
  >
    API keys come with Growth. Keys you have stay listed here; on a smaller plan they are refused.
  </Limit>
);

function Making({ open, close }: { open: boolean; close: () => void }) {
  const make = useKeyMade();
  const [key, setKey] = useState("");
  const end = () => {
    setKey("");
    make.reset();
    close();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(v) => !v && end()}
      title={key ? "The key" : "A key for a program"}
    >
      {key ? (
        <Secret what="The key" value={key} note={NOTE} done={end} />
      ) : (
        <KeyForm
          yes="Make it"
          busy={make.isPending}
          error={make.error}
          cancel={end}
          save={(wish) => make.mutate(wish, { onSuccess: (made) => setKey(made.key) })}
        />
      )}
    </Dialog>
  );
}

function Row({ of: key }: { of: ApiKey }) {
  const [open, setOpen] = useState<"" | "change" | "rotate" | "revoke">("");
  const change = useKeyChanged(key.id);
  const rotate = useKeyRotated(key.id);
  const revoke = useKeyRevoked();
  const [now] = useState(() => new Date());
  const isOver = !!key.expires_at && new Date(key.expires_at) <= now;
  const isDouble = !!key.previous_until && new Date(key.previous_until) > now;
  return (
    <li className="flex items-start gap-4 border-t border-rule py-3.5 first:border-0">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-4">
          <span className="font-strong">{key.name}</span>
          <span className="text-small text-ink-3 figures">{key.hint}…</span>
          {isOver ? <Tag dye="madder">Expired</Tag> : null}
          {isDouble ? <Tag dye="genda">The one before works too</Tag> : null}
        </p>
        <p className="mt-1 text-body text-ink-2">{scopesInWords(key.scopes)}</p>
        <p className="mt-1 flex flex-wrap gap-x-4 text-small text-ink-3 figures">
          <span>
            {key.last_used_at
              ? `Last used ${datePlain(new Date(key.last_used_at))}`
              : "Never used so far"}
          </span>
          <span>
            {key.expires_at
              ? `${isOver ? "Ended" : "Ends"} ${datePlain(new Date(key.expires_at))}`
              : "Without an end"}
          </span>
        </p>
      </div>
      <Menu
        label={`More about ${key.name}`}
        acts={[
          { name: "Change it", act: () => setOpen("change") },
          { name: "Renew it", act: () => setOpen("rotate") },
          { name: "Stop it", danger: true, act: () => setOpen("revoke") },
        ]}
      />
      <Dialog
        open={open === "change"}
        onOpenChange={(v) => !v && setOpen("")}
        title={`Change ${key.name}`}
        lead="Programs that have it are held to this from their next request."
      >
        <KeyForm
          of={key}
          yes="Keep it"
          busy={change.isPending}
          error={change.error}
          cancel={() => setOpen("")}
          save={(wish) => change.mutate(wish, { onSuccess: () => setOpen("") })}
        />
      </Dialog>
      <Rotate
        open={open === "rotate"}
        close={() => setOpen("")}
        title={`Renew ${key.name}`}
        lead="A new key with the same rights takes its place."
        what="The new key"
        note={NOTE}
        busy={rotate.isPending}
        error={rotate.error}
        rotate={(hours, there) => rotate.mutate(hours, { onSuccess: (made) => there(made.key) })}
      />
      <Confirm
        open={open === "revoke"}
        onOpenChange={(v) => !v && setOpen("")}
        title={`Stop ${key.name}?`}
        lead="Programs that use it are refused from this moment. It cannot be started again."
        yes="Stop it"
        busy={revoke.isPending}
        act={() =>
          void revoke
            .mutateAsync(key.id)
            .then(() => toast(`${key.name} is stopped.`))
            .catch((error: unknown) => toast.error(explain(error).title))
        }
      />
    </li>
  );
}
