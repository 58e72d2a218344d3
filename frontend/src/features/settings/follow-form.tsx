"use client";
import { useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { ErrorNote } from "@/ui/notes";
import { useFollow, type Feed } from "./queries";

/** An address to follow. A page that is no feed offers those it names. */
export function FollowForm({ followed }: { followed: (feed: Feed) => void }) {
  const [url, setUrl] = useState("");
  const [isBare, setBare] = useState(false);
  const follow = useFollow();
  const refused = follow.error instanceof ApiError ? follow.error : null;
  const offered = refused ? named(refused) : [];
  const atField = refused && (refused.status === 422 || refused.code === "already_exists");
  const ask = (address: string) => {
    setUrl(address);
    follow.mutate(address, {
      onSuccess: (made) => {
        setUrl("");
        followed(made);
      },
    });
  };
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(e) => {
        e.preventDefault();
        const address = url.trim();
        setBare(address.length < 4);
        if (address.length >= 4 && !follow.isPending) ask(address);
      }}
    >
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <TextField
            label="Address of a feed or page"
            type="url"
            inputMode="url"
            spellCheck={false}
            autoCapitalize="off"
            placeholder="example.com/feed"
            maxLength={2000}
            value={url}
            error={isBare ? "An address such as example.com/feed." : says(refused, !!atField)}
            onChange={(e) => setUrl(e.target.value)}
          />
        </div>
        <div className="pt-[1.625rem]">
          <Button kind="solid" size="l" type="submit" busy={follow.isPending}>
            {follow.isPending ? "Reading it" : "Follow"}
          </Button>
        </div>
      </div>
      {offered.length ? (
        <div>
          <p className="text-small text-ink-2">
            The page names {offered.length === 1 ? "this feed" : "these feeds"}:
          </p>
          <ul className="mt-1">
            {offered.map((address) => (
              <li
                key={address}
                className="flex items-center justify-between gap-4 border-t border-rule py-2 first:border-0"
              >
                <span className="min-w-0 text-body break-all">{address}</span>
                <Button
                  size="s"
                  aria-label={`Follow ${address}`}
                  busy={follow.isPending}
                  onClick={() => ask(address)}
                >
                  Follow it
                </Button>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {follow.error && !atField ? <ErrorNote error={follow.error} /> : null}
    </form>
  );
}

function says(refused: ApiError | null, atField: boolean) {
  if (!refused || !atField) return undefined;
  if (refused.code === "already_exists") return "This one is followed already.";
  if (refused.code === "feed_is_page" && named(refused).length)
    return "This is a page, not a feed.";
  return refused.fields.url ?? refused.detail;
}

/** Feeds that the page points to, as the refusal lists them. */
const named = ({ extra }: ApiError) =>
  Array.isArray(extra.feeds)
    ? extra.feeds.filter((f): f is string => typeof f === "string").slice(0, 8)
    : [];
