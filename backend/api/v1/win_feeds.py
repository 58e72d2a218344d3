"""Feeds for the daily wins: followed, renamed, paused, dropped."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from backend.api.deps import CurrentUser, Db, Deleted, WorkspaceDB, WorkspaceReader
from backend.api.paging import Plain, paged
from backend.core import later
from backend.domain import win_feeds
from backend.domain.win_feeds import WinFeed, WinFeedCreate, WinFeedPage, WinFeedUpdate
from backend.services.egress import Egress

router = APIRouter()


class WinFeedEnvelope(BaseModel):
    feed: WinFeed


async def _egress(request: Request) -> Egress:
    egress: Egress = request.app.state.egress
    return egress


@router.post("")
async def create_feed(
    new: WinFeedCreate, user: CurrentUser, db: Db, egress: Annotated[Egress, Depends(_egress)]
) -> WinFeedEnvelope:
    """Follow a feed. It is read first: a page, or an address that is not on the public web, is refused."""
    await win_feeds.check_room(db.reader(user))
    feeds = await later.module("backend.services.feeds")
    found = await feeds.read_feed(new.url, egress)
    async with db.workspace(user) as tx:
        row = await win_feeds.follow(
            tx, found.url, new.title or found.title, [asdict(entry) for entry in found.entries]
        )
    return WinFeedEnvelope.model_validate({"feed": row})


@router.get("")
async def list_feeds(db: WorkspaceReader, query: Plain) -> WinFeedPage:
    """Feeds of the workspace, newest first, each with how its last reading went and what it brought."""
    rows, total = await win_feeds.table.list(
        db, limit=query.limit, offset=query.offset, after=query.after()
    )
    return WinFeedPage.model_validate(paged("feeds", rows, total, query))


@router.get("/{feed_id}")
async def get_feed(feed_id: UUID, db: WorkspaceReader) -> WinFeedEnvelope:
    """One feed."""
    return WinFeedEnvelope.model_validate({"feed": await win_feeds.table.get(db, feed_id)})


@router.put("/{feed_id}")
async def update_feed(feed_id: UUID, changes: WinFeedUpdate, db: WorkspaceDB) -> WinFeedEnvelope:
    """Rename a feed, or pause it."""
    sent = changes.model_dump(exclude_unset=True)
    return WinFeedEnvelope.model_validate({"feed": await win_feeds.table.update(db, feed_id, sent)})


@router.delete("/{feed_id}")
async def delete_feed(feed_id: UUID, db: WorkspaceDB) -> Deleted:
    """Follow a feed no more."""
    await win_feeds.table.delete(db, feed_id)
    return Deleted()
