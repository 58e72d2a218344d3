"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datePlain, many, time } from "@/lib/format";
import { toast } from "@/lib/toast";
import { inkLink, Section, Tag } from "@/ui/bits";
import { Confirm } from "@/ui/confirm";
import { explain } from "@/ui/explain";
import { Menu } from "@/ui/menu";
import { Limit } from "@/ui/notes";
import { Shown } from "@/ui/query";
import { FollowForm } from "./follow-form";
import { Frame } from "./frame";
import { Mornings } from "./mornings";
import { feedsQuery, MOST_FEEDS, useFeedChanged, useUnfollow, type Feed } from "./queries";

/** Where daily wins hear what is new: feeds that are followed, and when they are looked through. */
export function Feeds() {
  const feeds = useQuery(feedsQuery());
  const [followed, setFollowed] = useState<Feed | null>(null);
  return (
    <Frame
      title="Feeds"
      lead="News of your trade, read for daily wins. An idea says which item it came from."
    >
      <div className="grid gap-x-16 gap-y-14 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="max-w-[46rem] space-y-10">
          <Shown query={feeds}>
            {({ feeds: all, total }) => (
              <>
                {total >= MOST_FEEDS ? (
                  <Limit>
                    {MOST_FEEDS} feeds are followed, and more are not read. Remove one to follow
                    another.
                  </Limit>
                ) : (
                  <FollowForm followed={setFollowed} />
                )}
                {followed && all.some((f) => f.id === followed.id) ? (
                  <p
                    role="status"
                    className="border-l-[3px] border-mor bg-mor-wash px-4 py-3 font-strong"
                  >
                    {followed.title} is followed.
                  </p>
                ) : null}
                <Section
                  id="followed"
                  title="Followed"
                  aside={total ? `${many(total, "feed")} of ${MOST_FEEDS}` : ""}
                >
                  {all.length ? (
                    <ul>
                      {all.map((feed) => (
                        <Row key={feed.id} of={feed} />
                      ))}
                    </ul>
                  ) : (
                    <p className="py-2.5 text-body text-ink-2">
                      None so far. A trade paper, a regulator, a competitor&apos;s blog: whatever
                      you would look at yourself each morning.
                    </p>
                  )}
                </Section>
              </>
            )}
          </Shown>
        </div>
        <Mornings />
      </div>
    </Frame>
  );
}

/** The newest of what a feed brought, to see that it is the right one. */
const Latest = ({ of: feed }: { of: Feed }) => (
  <ul aria-label={`The newest of ${feed.title}`} className="mt-2.5 space-y-1.5">
    {feed.latest.map((entry) => (
      <li key={entry.url} className="flex flex-wrap items-baseline gap-x-3">
        <a
          href={entry.url}
          target="_blank"
          rel="noopener noreferrer"
          className={`font-serif text-read ${inkLink}`}
        >
          {entry.title}
        </a>
        {entry.published ? (
          <span className="text-small text-ink-3 figures">
            {datePlain(new Date(entry.published))}
          </span>
        ) : null}
      </li>
    ))}
  </ul>
);

function Row({ of: feed }: { of: Feed }) {
  const [removing, setRemoving] = useState(false);
  const change = useFeedChanged(feed.id);
  const remove = useUnfollow();
  const failed = (error: unknown) => {
    const { title, text } = explain(error);
    toast.error(`${title}. ${text}`);
  };
  return (
    <li className="flex items-start gap-4 border-t border-rule py-3.5 first:border-0">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-4">
          <span className="font-strong">{feed.title}</span>
          {!feed.is_active ? (
            <Tag dye="rule">Paused</Tag>
          ) : feed.last_error ? (
            <Tag dye="madder">Not read the last time</Tag>
          ) : null}
        </p>
        <p className="mt-0.5 text-small break-all text-ink-3">{feed.url}</p>
        {feed.last_error && feed.is_active ? (
          <p className="mt-1 text-body text-ink-2">{feed.last_error}</p>
        ) : null}
        <p className="mt-1 text-small text-ink-3 figures">
          {feed.last_read_at
            ? `Read ${datePlain(new Date(feed.last_read_at))}, ${time(new Date(feed.last_read_at))}`
            : "Not read so far"}
          {feed.last_read_at && !feed.last_error && !feed.latest.length
            ? ". It had nothing at that time"
            : ""}
        </p>
        {feed.latest.length ? <Latest of={feed} /> : null}
      </div>
      <Menu
        label={`More about ${feed.title}`}
        acts={[
          {
            name: feed.is_active ? "Pause it" : "Read it again",
            act: () => change.mutate({ is_active: !feed.is_active }, { onError: failed }),
          },
          { name: "Remove it", danger: true, act: () => setRemoving(true) },
        ]}
      />
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={`Remove ${feed.title}?`}
        lead="It is read no more. Ideas that came from it stay."
        yes="Remove it"
        busy={remove.isPending}
        act={() =>
          remove.mutate(feed.id, {
            onSuccess: () => toast(`${feed.title} is removed.`),
            onError: failed,
          })
        }
      />
    </li>
  );
}
