"use client";
import { useQuery } from "@tanstack/react-query";
import { useTheme } from "next-themes";
import { useState, useSyncExternalStore } from "react";
import { meQuery } from "@/features/account/queries";
import { signOut } from "@/features/auth/actions";
import { datePlain, many } from "@/lib/format";
import { forgetAll } from "@/lib/kept";
import { keysOff, turnKeysOff } from "@/lib/keys";
import { Section } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Check, Choice, TextField } from "@/ui/field";
import { Shown } from "@/ui/query";
import { Frame } from "./frame";
import { memoryQuery, preferencesQuery, useForget } from "./queries";
import { inPlain, learned } from "./words";
import { WorkspaceSettings } from "./workspace";

export function Settings() {
  return (
    <Frame title="You and your workspace">
      <div className="grid gap-x-16 gap-y-14 lg:grid-cols-2">
        <div className="space-y-14">
          <WorkspaceSettings />
          <Account />
          <Look />
          <Keyboard />
        </div>
        <div className="space-y-14">
          <Learned />
          <Remembered />
        </div>
      </div>
    </Frame>
  );
}

function Account() {
  const me = useQuery(meQuery());
  return (
    <Section id="account" title="You">
      <Shown query={me}>
        {({ user, subscription }) => (
          <dl>
            {(
              [
                ["Name", user?.full_name],
                ["Email", user?.email],
                [
                  "Plan",
                  subscription ? subscription.plan.replace(/^./, (c) => c.toUpperCase()) : "Free",
                ],
                ["Here since", user ? datePlain(new Date(user.created_at)) : null],
              ] as const
            ).map(([name, value]) =>
              value ? (
                <div
                  key={name}
                  className="grid grid-cols-[8rem_minmax(0,1fr)] border-t border-rule py-2.5 first:border-0"
                >
                  <dt className="text-ink-3">{name}</dt>
                  <dd className="break-words">{value}</dd>
                </div>
              ) : null,
            )}
          </dl>
        )}
      </Shown>
      <form
        action={async () => {
          forgetAll();
          await signOut();
        }}
        className="mt-4"
      >
        <Button type="submit">Sign out</Button>
      </form>
    </Section>
  );
}

const never = () => () => {};

function Look() {
  const { theme, setTheme } = useTheme();
  const here = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <Section id="look" title="Pages">
      <div className="pt-2">
        <Choice
          label="Light or dark"
          value={here ? (theme ?? "system") : ""}
          onChange={setTheme}
          options={[
            { value: "system", title: "As the device has it" },
            { value: "light", title: "Light" },
            { value: "dark", title: "Dark" },
          ]}
        />
      </div>
    </Section>
  );
}

function Keyboard() {
  const stored = useSyncExternalStore(never, keysOff, () => false);
  const [off, setOff] = useState<boolean | null>(null);
  return (
    <Section id="keys" title="Keyboard">
      <Check
        label="Turn single letters off"
        hint="For speech input and screen readers. Cmd or Ctrl K stays; the list of keys is under ?."
        checked={off ?? stored}
        onChange={(e) => {
          turnKeysOff(e.target.checked);
          setOff(e.target.checked);
        }}
      />
    </Section>
  );
}

function Learned() {
  const preferences = useQuery(preferencesQuery());
  return (
    <Section id="learned" title="What your verdicts have taught">
      <Shown query={preferences}>
        {(p) => {
          const rows = learned(p);
          return !p.feedback_count ? (
            <p className="py-2.5 text-body text-ink-2">
              Nothing yet. What you approve, change and reject shapes the next draft, and stands
              here.
            </p>
          ) : (
            <dl>
              {rows.map(([name, said]) => (
                <div
                  key={name}
                  className="grid grid-cols-[8rem_minmax(0,1fr)] border-t border-rule py-2.5 first:border-0"
                >
                  <dt className="text-ink-3">{name}</dt>
                  <dd>{said}</dd>
                </div>
              ))}
            </dl>
          );
        }}
      </Shown>
    </Section>
  );
}

function Remembered() {
  const [wanted, setWanted] = useState("");
  const [q, setQ] = useState("");
  const memory = useQuery(memoryQuery(q));
  const forget = useForget();
  return (
    <Section
      id="memory"
      title="What is remembered"
      aside={memory.data ? many(memory.data.total, "memory", "memories") : ""}
    >
      <form
        className="flex items-end gap-2 py-3"
        onSubmit={(e) => {
          e.preventDefault();
          setQ(wanted.trim());
        }}
      >
        <div className="flex-1">
          <TextField
            label="Find by meaning"
            type="search"
            maxLength={200}
            value={wanted}
            onChange={(e) => setWanted(e.target.value)}
          />
        </div>
        <Button size="l" type="submit">
          Find
        </Button>
      </form>
      <Shown query={memory}>
        {({ memories }) =>
          memories.length ? (
            <ul>
              {memories.map((m) => (
                <li key={m.id} className="flex items-baseline gap-4 border-t border-rule py-2.5">
                  <p className="line-clamp-3 min-w-0 flex-1 font-serif text-[0.9375rem] leading-6">
                    {inPlain(m.content)}
                    <span className="block font-sans text-micro text-ink-3">
                      {m.type.replaceAll("_", " ")}, {datePlain(new Date(m.created_at))}
                    </span>
                  </p>
                  <Button
                    kind="quiet"
                    size="s"
                    busy={forget.isPending && forget.variables === m.id}
                    onClick={() => forget.mutate(m.id)}
                  >
                    Forget
                  </Button>
                </li>
              ))}
            </ul>
          ) : (
            <p className="text-body text-ink-2">
              {q ? "Nothing is remembered of that." : "Nothing is remembered yet."}
            </p>
          )
        }
      </Shown>
    </Section>
  );
}
