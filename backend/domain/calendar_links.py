"""Secret addresses that calendar programs subscribe to: the address is all it takes, deleting revokes it."""

import hashlib
import secrets
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from backend.core.database import Tx
from backend.core.errors import Conflict
from backend.core.records import WorkspaceTable
from backend.domain.values import INPUT, Name, Timestamp

MOST_LINKS = 20


class CalendarLink(BaseModel):
    id: UUID
    workspace_id: UUID
    name: str
    last_used_at: Timestamp | None
    created_at: Timestamp


class CalendarLinkPage(BaseModel):
    calendar_links: list[CalendarLink]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class CalendarLinkCreate(BaseModel):
    model_config = INPUT

    name: Name = "Calendar"


table = WorkspaceTable("calendar_links", CalendarLink, "Calendar link")

LOCK = "select pg_advisory_xact_lock(hashtextextended('calendars:' || %(workspace_id)s::text, 0))"
COUNT = "select count(*) as made from public.calendar_links where workspace_id = %(workspace_id)s"
USE = """
update public.calendar_links set last_used_at = now() where token_hash = %(hash)s
returning user_id, workspace_id
"""


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def create(tx: Tx, new: CalendarLinkCreate) -> tuple[dict[str, Any], str]:
    """The row, and the token of its address, which nobody can read again."""
    await tx.run(LOCK)
    counted = await tx.one(COUNT)
    if counted and counted["made"] >= MOST_LINKS:
        raise Conflict(
            f"A workspace has up to {MOST_LINKS} calendar links.", code="too_many_calendar_links"
        )
    token = secrets.token_urlsafe(32)
    user_id = tx.user.id if tx.user else None
    values = {"name": new.name, "user_id": user_id, "token_hash": hashed(token)}
    return await table.insert(tx, values), token
