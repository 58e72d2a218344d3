"""The evidence vault: what a founder brought, as text with offsets (PRODUCT 4)."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from backend.core.database import Reads, Tx
from backend.core.errors import Conflict
from backend.core.records import WorkspaceTable
from backend.domain.facts import Evidence
from backend.domain.values import Timestamp

MAX_ITEMS = 50


class EvidenceItem(BaseModel):
    """An item as lists show it: without its text."""

    id: UUID
    session_id: UUID
    source_type: Literal["file", "url"]
    source_name: str
    content_type: str | None
    size_bytes: int | None
    url: str | None
    word_count: int
    pages: int
    truncated: bool
    processing_status: Literal["pending", "processing", "completed", "failed"]
    error: str | None
    created_at: Timestamp


class EvidenceRow(BaseModel):
    id: UUID
    workspace_id: UUID
    session_id: UUID
    source_type: str
    source_name: str
    content_type: str | None
    size_bytes: int | None
    sha256: str
    storage_path: str | None
    url: str | None
    text: str | None
    page_starts: list[int]
    word_count: int
    truncated: bool
    processing_status: str
    error: str | None
    created_at: Timestamp
    updated_at: Timestamp


table = WorkspaceTable("evidence_items", EvidenceRow, "Evidence")

LIST = """
select id, session_id, source_type, source_name, content_type, size_bytes, url, word_count,
  greatest(1, coalesce(array_length(page_starts, 1), 1)) as pages, truncated, processing_status,
  error, created_at
from public.evidence_items
where workspace_id = %(workspace_id)s and session_id = %(session_id)s
  and (%(sha256)s::text is null or sha256 = %(sha256)s)
order by created_at, id
"""

TEXTS = """
select id, source_name as name, text, page_starts from public.evidence_items
where workspace_id = %(workspace_id)s and session_id = %(session_id)s
  and processing_status = 'completed' and text is not null
order by created_at, id
"""

# Locks the session: the count and the insert that follows are one decision.
ROOM = """
select s.status, (select count(*) from public.evidence_items e
  where e.workspace_id = s.workspace_id and e.session_id = s.id) as items
from public.onboarding_sessions s
where s.workspace_id = %(workspace_id)s and s.id = %(session_id)s for update
"""

INSERT = """
insert into public.evidence_items (id, workspace_id, session_id, source_type, source_name, content_type,
  size_bytes, sha256, storage_path, url, text, page_starts, word_count, truncated, processing_status)
values (%(id)s, %(workspace_id)s, %(session_id)s, %(source_type)s, %(source_name)s, %(content_type)s,
  %(size_bytes)s, %(sha256)s, %(storage_path)s, %(url)s, %(text)s, %(page_starts)s, %(word_count)s,
  %(truncated)s, 'completed')
on conflict (session_id, sha256) do nothing
"""


async def listing(db: Reads, session_id: UUID) -> list[dict[str, Any]]:
    return await db.all(LIST, {"session_id": session_id, "sha256": None})


async def duplicate_of(db: Reads, session_id: UUID, sha256: str) -> dict[str, Any] | None:
    """The item of this session with the same bytes, if there is one."""
    return await db.one(LIST, {"session_id": session_id, "sha256": sha256})


async def texts(db: Reads, session_id: UUID) -> list[Evidence]:
    """What composers read, in the order it was brought."""
    return [Evidence(**row) for row in await db.all(TEXTS, {"session_id": session_id})]


async def add(tx: Tx, session_id: UUID, item: dict[str, Any]) -> dict[str, Any]:
    """Store one item; the same bytes twice give the item that is there already."""
    room = await tx.one(ROOM, {"session_id": session_id})
    if room is None:
        raise WorkspaceTable("onboarding_sessions", EvidenceRow, "Session").missing()
    if room["status"] != "in_progress":
        raise Conflict("The onboarding is completed.", code="onboarding_completed")
    if room["items"] >= MAX_ITEMS:
        raise Conflict(
            f"A vault holds {MAX_ITEMS} items.", code="evidence_limit_reached", limit=MAX_ITEMS
        )
    await tx.run(INSERT, {**item, "session_id": session_id})
    stored = await duplicate_of(tx, session_id, item["sha256"])
    assert stored is not None, "inserted above, or in the way of the insert"
    return stored
