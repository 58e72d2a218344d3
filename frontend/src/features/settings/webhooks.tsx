"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { many } from "@/lib/format";
import { inkLink, Section, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/layer";
import { Empty } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { EndpointForm } from "./endpoint-form";
import { Frame } from "./frame";
import { endpointsQuery, useEndpointMade, type Endpoint } from "./queries";
import { Secret } from "./secret";

/** Addresses of yours that are told what happens here. */
export function Webhooks() {
  const endpoints = useQuery(endpointsQuery());
  const [making, setMaking] = useState(false);
  const make = (
    <Button kind="solid" onClick={() => setMaking(true)}>
      Name an address
    </Button>
  );
  return (
    <Frame
      title="Webhooks"
      lead="What happens here is told to an address of yours, signed, and again until it arrives."
    >
      <Shown query={endpoints}>
        {(data) => (
          <div className="max-w-[56rem] space-y-10">
            {data.endpoints.length ? (
              <>
                {make}
                <Section
                  id="endpoints"
                  title="Addresses"
                  aside={many(data.total, "address", "addresses")}
                >
                  <ul>
                    {data.endpoints.map((e) => (
                      <Row key={e.id} of={e} />
                    ))}
                  </ul>
                </Section>
              </>
            ) : (
              <Empty flush title="Nobody is told." act={make}>
                A move that starts, an approval that waits, a run that ends: your own server or an
                automation can hear of it within seconds.
              </Empty>
            )}
          </div>
        )}
      </Shown>
      <Making open={making} close={() => setMaking(false)} />
    </Frame>
  );
}

const Row = ({ of: e }: { of: Endpoint }) => (
  <li className="border-t border-rule py-3.5 first:border-0">
    <p className="flex flex-wrap items-baseline justify-between gap-x-4">
      <Link
        href={`/settings/webhooks/${e.id}` as Route}
        className={`${inkLink} min-w-0 font-strong break-all`}
      >
        {e.url}
      </Link>
      <StateTag of={e} />
    </p>
    <p className="mt-1 text-small text-ink-3">
      {e.description ? `${e.description}. ` : ""}
      {e.events.includes("*") ? "Hears everything" : `Hears ${many(e.events.length, "event")}`}
    </p>
  </li>
);

export const StateTag = ({ of: e }: { of: Endpoint }) => (
  <Tag dye={e.is_active ? "mor" : e.disabled_reason ? "madder" : "rule"}>
    {e.is_active ? "On" : e.disabled_reason ? "Switched off by us" : "Off"}
  </Tag>
);

function Making({ open, close }: { open: boolean; close: () => void }) {
  const make = useEndpointMade();
  const router = useRouter();
  const made = make.data;
  const end = () => {
    close();
    if (made) router.push(`/settings/webhooks/${made.endpoint.id}` as Route);
    make.reset();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(v) => !v && end()}
      title={made ? "The secret that signs" : "Where to tell it"}
    >
      {made ? (
        <Secret
          what="The secret"
          value={made.secret}
          note="Your server checks each message with it, as Standard Webhooks describe."
          done={end}
        />
      ) : (
        <EndpointForm
          yes="Tell it there"
          busy={make.isPending}
          error={make.error}
          cancel={end}
          save={(wish) => make.mutate(wish)}
        />
      )}
    </Dialog>
  );
}
