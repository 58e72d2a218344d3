"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { datePlain, many, time } from "@/lib/format";
import { toast } from "@/lib/toast";
import { link, PageHead, Section, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { explain } from "@/ui/explain";
import { Dialog } from "@/ui/layer";
import { Menu } from "@/ui/menu";
import { Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Tabs } from "@/ui/tabs";
import { EndpointForm } from "./endpoint-form";
import { Rotate } from "./grace";
import {
  deliveriesQuery,
  endpointQuery,
  useEndpointChanged,
  useEndpointDeleted,
  useReplay,
  useSecretRotated,
  useTest,
  type Delivery,
  type Endpoint,
} from "./queries";
import { StateTag } from "./webhooks";
import { DELIVERED, eventInWords } from "./words";

type Status = Delivery["status"] | null;
const failed = (error: unknown) => {
  const { title, text } = explain(error);
  toast.error(`${title}. ${text}`);
};

/** One address: whether it hears, and everything it was sent for thirty days. */
export function OneEndpoint({ id, status }: { id: string; status: Status }) {
  const endpoint = useQuery(endpointQuery(id));
  return (
    <Shown query={endpoint}>
      {(e) => (
        <>
          <Head of={e} />
          <Log id={id} status={status} />
        </>
      )}
    </Shown>
  );
}

function Head({ of: e }: { of: Endpoint }) {
  const [open, setOpen] = useState<"" | "change" | "rotate" | "delete">("");
  const router = useRouter();
  const test = useTest(e.id);
  const change = useEndpointChanged(e.id);
  const rotate = useSecretRotated(e.id);
  const remove = useEndpointDeleted(e.id);
  const close = () => setOpen("");
  const turn = (is_active: boolean) => change.mutate({ is_active }, { onError: failed });
  return (
    <>
      <PageHead
        trail={
          <Link className={link} href={"/settings/webhooks" as Route}>
            Webhooks
          </Link>
        }
        title={<span className="break-all">{new URL(e.url).host}</span>}
        lead={
          <>
            <span className="break-all">{e.url}</span>.{" "}
            {e.events.includes("*")
              ? "It hears everything."
              : `It hears ${many(e.events.length, "event")}.`}
          </>
        }
        acts={
          <>
            <StateTag of={e} />
            <Button
              size="s"
              busy={test.isPending}
              onClick={() =>
                test.mutate(undefined, {
                  onSuccess: () => toast("A test is on its way."),
                  onError: failed,
                })
              }
            >
              Send a test
            </Button>
            <Menu
              label="More about this address"
              acts={[
                { name: "Change it", act: () => setOpen("change") },
                { name: "New secret", act: () => setOpen("rotate") },
                {
                  name: e.is_active ? "Switch it off" : "Switch it on",
                  act: () => turn(!e.is_active),
                },
                { name: "Delete it", danger: true, act: () => setOpen("delete") },
              ]}
            />
          </>
        }
      />
      {e.disabled_reason ? (
        <div className="mb-8">
          <Limit
            act={
              <Button size="s" busy={change.isPending} onClick={() => turn(true)}>
                Switch it on
              </Button>
            }
          >
            It was switched off by itself: {e.disabled_reason.replaceAll("_", " ")}.
          </Limit>
        </div>
      ) : null}
      <Dialog open={open === "change"} onOpenChange={(v) => !v && close()} title="Change it">
        <EndpointForm
          endpoint={e}
          yes="Keep it"
          busy={change.isPending}
          error={change.error}
          cancel={close}
          save={(wish) => change.mutate(wish, { onSuccess: close })}
        />
      </Dialog>
      <Rotate
        open={open === "rotate"}
        close={close}
        title="A new secret"
        lead="Until the old one stops, messages carry a signature of each."
        what="The new secret"
        note="Your server checks each message with it."
        busy={rotate.isPending}
        error={rotate.error}
        rotate={(hours, there) => rotate.mutate(hours, { onSuccess: (made) => there(made.secret) })}
      />
      <Confirm
        open={open === "delete"}
        onOpenChange={(v) => !v && close()}
        title="Delete this address?"
        lead="It hears nothing more, and the log of what it was sent goes with it."
        yes="Delete it"
        busy={remove.isPending}
        act={() =>
          remove.mutate(undefined, {
            onSuccess: () => router.push("/settings/webhooks" as Route),
            onError: failed,
          })
        }
      />
    </>
  );
}

function Log({ id, status }: { id: string; status: Status }) {
  const deliveries = useQuery(deliveriesQuery(id, status));
  const at = (s?: string) => `/settings/webhooks/${id}${s ? `?status=${s}` : ""}`;
  return (
    <>
      <Tabs
        label="What it was sent"
        here={at(status ?? undefined)}
        tabs={[
          { href: at(), name: "All" },
          ...Object.entries(DELIVERED).map(([s, name]) => ({ href: at(s), name })),
        ]}
      />
      <div className="max-w-[56rem] pt-6">
        <Section
          id="sent"
          title="What it was sent"
          aside={deliveries.data ? many(deliveries.data.total, "message") : ""}
        >
          <Shown query={deliveries}>
            {(data) =>
              data.deliveries.length ? (
                <ul>
                  {data.deliveries.map((d) => (
                    <Sent key={d.id} of={d} endpoint={id} />
                  ))}
                </ul>
              ) : (
                <p className="py-3 text-body text-ink-2">
                  Nothing {status ? "of this kind " : ""}in the last thirty days. A test shows
                  whether your server hears.
                </p>
              )
            }
          </Shown>
        </Section>
      </div>
    </>
  );
}

const DYE = { pending: "genda", delivered: "mor", failed: "madder" } as const;

function Sent({ of: d, endpoint }: { of: Delivery; endpoint: string }) {
  const replay = useReplay(endpoint);
  const last = d.log.at(-1);
  const when = (text: string) => `${datePlain(new Date(text))}, ${time(new Date(text))}`;
  return (
    <li className="border-t border-rule first:border-0">
      <details>
        <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-4 gap-y-1 py-3 hover:bg-paper-2">
          <span className="min-w-0 flex-1 basis-48">{eventInWords(d.event)}</span>
          <Tag dye={DYE[d.status]}>{DELIVERED[d.status]}</Tag>
          <span className="text-small text-ink-3 figures">{when(d.created_at)}</span>
        </summary>
        <div className="space-y-4 pb-5">
          <table className="w-full text-small figures">
            <caption className="sr-only">Attempts</caption>
            <tbody>
              {d.log.map((a) => (
                <tr key={a.at} className="border-t border-rule align-baseline">
                  <td className="py-2 pr-4 text-ink-3">{when(a.at)}</td>
                  <td className="py-2 pr-4">
                    {a.status_code ? `Your server said ${a.status_code}` : (a.error ?? "No answer")}
                  </td>
                  <td className="py-2 text-right text-ink-3">{a.milliseconds} ms</td>
                </tr>
              ))}
            </tbody>
          </table>
          {d.status === "pending" && d.next_attempt_at ? (
            <p className="text-small text-ink-3">
              {last ? "It is tried again" : "It is sent"} on {when(d.next_attempt_at)}.
            </p>
          ) : null}
          <pre
            tabIndex={0}
            aria-label="The message"
            className="max-h-72 overflow-auto rounded-control bg-paper-2 p-3 text-micro"
          >
            {JSON.stringify(d.payload, null, 2)}
          </pre>
          <Button
            size="s"
            busy={replay.isPending}
            onClick={() =>
              replay.mutate(d.id, { onSuccess: () => toast("Sent once more."), onError: failed })
            }
          >
            Send it again
          </Button>
        </div>
      </details>
    </li>
  );
}
