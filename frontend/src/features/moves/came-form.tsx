"use client";
import { useState } from "react";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Rating } from "@/ui/rating";
import { cameOf, noted, type Came as Noted, type Wrong } from "./came";
import { useTask, type Task } from "./queries";
import { toast } from "@/lib/toast";

/** What came of a done task: one's own rating, what was counted, time, money, where it can be seen. */
export function Came({ task }: { task: Task }) {
  const { mutate } = useTask();
  const [came, setCame] = useState(() => cameOf(task));
  const [wrong, setWrong] = useState<Wrong>({});
  const set = (change: Partial<Noted>) => setCame({ ...came, ...change });
  const count = (at: number, change: Partial<Noted["counted"][number]>) =>
    set({ counted: came.counted.map((c, i) => (i === at ? { ...c, ...change } : c)) });
  const keep = (e: React.FormEvent) => {
    e.preventDefault();
    const found = noted(came);
    if ("wrong" in found) return setWrong(found.wrong);
    setWrong({});
    mutate({ task, change: found.change }, { onSuccess: () => toast("Noted.") });
  };
  const field = (name: "minutes" | "spent" | "url") => ({
    value: came[name],
    onChange: (e: React.ChangeEvent<HTMLInputElement>) => set({ [name]: e.target.value }),
    ...(wrong[name] ? { error: wrong[name] } : {}),
  });
  return (
    <form onSubmit={keep} noValidate className="space-y-5 border-t border-ink pt-4">
      <p className="font-strong">What came of it</p>
      <Rating
        label="How well it worked"
        value={task.rating}
        onChange={(rating) => mutate({ task, change: { rating } })}
      />
      <fieldset className="space-y-2">
        <legend className="mb-1.5 text-small font-strong">What you counted</legend>
        {came.counted.map((c, i) => (
          <div key={i} className="grid grid-cols-[minmax(0,1fr)_6.5rem] gap-2">
            <TextField
              bare
              label={`What, ${i + 1}`}
              placeholder="enquiries"
              maxLength={60}
              value={c.name}
              onChange={(e) => count(i, { name: e.target.value })}
            />
            <TextField
              bare
              label={`How many, ${i + 1}`}
              inputMode="decimal"
              placeholder="4"
              value={c.value}
              onChange={(e) => count(i, { value: e.target.value })}
            />
          </div>
        ))}
        {wrong.counted ? (
          <p role="alert" className="text-small text-madder">
            {wrong.counted}
          </p>
        ) : null}
        {came.counted.length < 5 ? (
          <Button
            size="s"
            kind="quiet"
            onClick={() => set({ counted: [...came.counted, { name: "", value: "" }] })}
          >
            Count something else
          </Button>
        ) : null}
      </fieldset>
      <div className="grid grid-cols-2 gap-3">
        <TextField label="Minutes it took" inputMode="numeric" {...field("minutes")} />
        <TextField label="Rupees it cost" inputMode="decimal" {...field("spent")} />
      </div>
      <TextField
        label="Where it can be seen"
        type="url"
        placeholder="https://"
        maxLength={2000}
        {...field("url")}
      />
      <Button type="submit">Note it</Button>
    </form>
  );
}
