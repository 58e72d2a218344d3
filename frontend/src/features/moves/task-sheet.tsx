"use client";
import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { useState } from "react";
import { Source } from "@/features/evidence/source";
import { dateShort, fromDay, minutes } from "@/lib/format";
import { Overline, Tag } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Select, TextArea, TextField } from "@/ui/field";
import { Sheet } from "@/ui/layer";
import { Skeleton } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { Came } from "./came-form";
import type { Day } from "./days";
import { toldQuery, useTask, type Move, type Task, type Told } from "./queries";
import { draftOf, isOpen, kindOf, platform, PRIORITIES } from "./words";

type Whole = Task & Told;
const NOTHING: Told = { description: null, deliverable: null, sources: [] };
type Props = { move: Move; task: Task | undefined; days: Day[]; close: () => void };

/** A task in full: what to do, what it rests on, when, and what came of it. */
export default function TaskSheet({ move, task, days, close }: Props) {
  const told = useQuery({ ...toldQuery(move.id), enabled: !!task });
  return (
    <Sheet open={!!task} onOpenChange={(v) => !v && close()} title={task?.title ?? ""}>
      {task ? (
        <Shown query={told} wait={<Skeleton lines={4} />}>
          {(all) => (
            <Body
              key={task.id}
              move={move}
              task={{ ...NOTHING, ...task, ...all[task.id] }}
              days={days}
              close={close}
            />
          )}
        </Shown>
      ) : null}
    </Sheet>
  );
}

function Body({ move, task, days, close }: Omit<Required<Props>, "task"> & { task: Whole }) {
  const { mutate } = useTask();
  const [mending, setMending] = useState(false);
  const fixed = move.status !== "active" && move.status !== "paused";
  const kind = kindOf(task);
  const set = (status: Task["status"]) => {
    mutate({ task, change: { status } });
    if (status !== "pending") close();
  };
  return (
    <div className="space-y-6">
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-small text-ink-2">
        <Tag dye={kind.dye}>{kind.name}</Tag>
        <span>{PRIORITIES[task.priority]}</span>
        {task.platform ? <span>{platform(task.platform)}</span> : null}
        <span className="figures">{minutes(task.estimated_minutes)}</span>
      </p>
      {mending ? (
        <Mend task={task} done={() => setMending(false)} />
      ) : (
        <>
          {task.description ? <p className="font-serif text-read">{task.description}</p> : null}
          {task.deliverable ? (
            <div>
              <Overline>What comes of it</Overline>
              <p className="mt-1 text-body text-ink-2">{task.deliverable}</p>
            </div>
          ) : null}
        </>
      )}
      {fixed || mending ? null : (
        <>
          <div className="flex flex-wrap gap-2">
            {isOpen(task) ? (
              <>
                <Button kind="solid" onClick={() => set("completed")}>
                  Done
                </Button>
                <Button onClick={() => set("skipped")}>Skip it</Button>
              </>
            ) : (
              <Button onClick={() => set("pending")}>Put it back</Button>
            )}
            {isOpen(task) && draftOf(task) ? (
              <Button asChild>
                <Link href={draftOf(task) as Route}>Draft it in Muse</Link>
              </Button>
            ) : null}
            <Button kind="quiet" onClick={() => setMending(true)}>
              Mend it
            </Button>
          </div>
          {isOpen(task) ? (
            <Select
              label="On another day"
              value={task.scheduled_date ?? ""}
              onChange={(e) => mutate({ task, change: { scheduled_date: e.target.value } })}
            >
              {days
                .filter((d) => !d.past || d.date === task.scheduled_date)
                .map((d) => (
                  <option key={d.date} value={d.date}>
                    {dateShort(fromDay(d.date))}
                    {d.today ? ", today" : ""}
                  </option>
                ))}
            </Select>
          ) : null}
          {task.status === "completed" ? <Came task={task} /> : null}
        </>
      )}
      <Sources task={task} />
    </div>
  );
}

function Mend({ task, done }: { task: Whole; done: () => void }) {
  const { mutate } = useTask();
  const [title, setTitle] = useState(task.title);
  const [text, setText] = useState(task.description ?? "");
  const [mins, setMins] = useState(String(task.estimated_minutes));
  return (
    <form
      className="space-y-4"
      onSubmit={(e) => {
        e.preventDefault();
        mutate({
          task,
          change: {
            title: title.trim(),
            description: text.trim() || null,
            estimated_minutes: Number(mins),
          },
        });
        done();
      }}
    >
      <TextField
        label="What to do"
        required
        maxLength={200}
        value={title}
        onChange={(e) => setTitle(e.target.value)}
      />
      <TextArea
        serif
        label="How"
        maxLength={5000}
        value={text}
        onChange={(e) => setText(e.target.value)}
      />
      <TextField
        label="Minutes"
        type="number"
        min={0}
        max={1440}
        required
        value={mins}
        onChange={(e) => setMins(e.target.value)}
      />
      <div className="flex gap-2">
        <Button kind="solid" type="submit">
          Keep it
        </Button>
        <Button kind="quiet" onClick={done}>
          Leave it as it was
        </Button>
      </div>
    </form>
  );
}

function Sources({ task }: { task: Whole }) {
  const passages = task.sources.filter((s) => s.evidence_id && Number.isFinite(s.start + s.end));
  if (!passages.length) return null;
  return (
    <div className="space-y-8 border-t border-ink pt-4">
      <p className="font-strong">What it rests on</p>
      {passages.slice(0, 4).map((p) => (
        <Source key={`${p.evidence_id}-${p.start}`} passage={p} />
      ))}
    </div>
  );
}
