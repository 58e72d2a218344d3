"""Feeds that a workspace follows for its daily wins."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import BaseModel, Field, model_validator

from backend.core.database import Reads, Tx
from backend.core.errors import Conflict
from backend.core.records import WorkspaceTable
from backend.domain.values import INPUT, Name, Timestamp, without_protected

MOST_FEEDS = 20
"""All of them are read in one run."""
MOST_LATEST = 3

Url = Annotated[
    str, Field(min_length=4, max_length=2000, examples=["https://example.com/feed.xml"])
]


class FeedEntry(BaseModel):
    title: str
    url: str
    published: Timestamp | None


class WinFeed(BaseModel):
    """`last_error` says why it could not be read the last time, `latest` is of when it could."""

    id: UUID
    workspace_id: UUID
    url: str
    title: str
    is_active: bool
    last_read_at: Timestamp | None
    last_error: str | None
    latest: list[FeedEntry]
    created_at: Timestamp
    updated_at: Timestamp


class WinFeedPage(BaseModel):
    feeds: list[WinFeed]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class WinFeedCreate(BaseModel):
    """Without `title` the feed's own is taken."""

    model_config = INPUT

    url: Url
    title: Name | None = None


class WinFeedUpdate(BaseModel):
    """Only what is sent is changed. One that is not active is kept, but not read."""

    model_config = INPUT

    title: Name = ""
    is_active: bool = True

    _drop = model_validator(mode="before")(without_protected)


table = WorkspaceTable("win_feeds", WinFeed, "Feed")

LOCK = "select pg_advisory_xact_lock(hashtextextended('win_feeds:' || %(workspace_id)s::text, 0))"
COUNT = "select count(*) as followed from public.win_feeds where workspace_id = %(workspace_id)s"
ACTIVE = """
select id::text, url, title from public.win_feeds
where workspace_id = %(workspace_id)s and is_active order by created_at, id
"""
READ = """
update public.win_feeds
set last_read_at = %(at)s, last_error = %(error)s, latest = coalesce(%(latest)s, latest)
where workspace_id = %(workspace_id)s and id = %(id)s
"""


async def check_room(db: Reads) -> None:
    """Raise Conflict `too_many_feeds` when as many are followed as may be."""
    row = await db.one(COUNT)
    if row and row["followed"] >= MOST_FEEDS:
        raise Conflict(
            f"A workspace follows at most {MOST_FEEDS} feeds. Remove one first.",
            code="too_many_feeds",
        )


def newest(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The first few of a feed's entries, as they are kept with it."""
    return [
        FeedEntry.model_validate(entry).model_dump(mode="json") for entry in entries[:MOST_LATEST]
    ]


async def follow(
    tx: Tx, url: str, title: str, entries: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Keep a feed that was read. Raises Conflict `already_exists` and `too_many_feeds`."""
    await tx.run(LOCK)
    await check_room(tx)
    read = {"last_read_at": datetime.now(UTC), "latest": newest(entries)}
    return await table.insert(tx, {"url": url, "title": title, **read})


async def active(db: Reads) -> list[dict[str, Any]]:
    """Those to be read: id, url, title."""
    return await db.all(ACTIVE)


async def note_read(tx: Tx, read: Mapping[str, str | list[dict[str, Any]]]) -> None:
    """That feeds were read just now, by id, each with its `newest`, or with why it could not be."""
    for id, gave in read.items():
        error, latest = (gave, None) if isinstance(gave, str) else (None, Jsonb(gave))
        await tx.run(READ, {"id": id, "error": error, "latest": latest, "at": datetime.now(UTC)})
