"""The evidence vault: what a founder brought, as text with offsets (PRODUCT 4)."""

from collections.abc import Collection
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from backend.core.database import Reads, Tx
from backend.core.errors import Conflict, NotFound
from backend.core.records import WorkspaceTable
from backend.domain import billing
from backend.domain.facts import Evidence
from backend.domain.values import Timestamp

MAX_ITEMS = 50


class EvidenceItem(BaseModel):
    """An item as lists show it: without its text. `ocr`: the text was read off a picture."""

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
    ocr: bool
    processing_status: Literal["pending", "processing", "completed", "failed"]
    error: str | None
    created_at: Timestamp


class EvidenceDetail(EvidenceItem):
    """With the text that facts quote; `page_starts` are the offsets of its pages."""

    text: str | None
    page_starts: list[int]


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
    ocr: bool
    processing_status: str
    error: str | None
    created_at: Timestamp
    updated_at: Timestamp


table = WorkspaceTable("evidence_items", EvidenceRow, "Evidence")

LIST = """
select id, session_id, source_type, source_name, content_type, size_bytes, url, word_count,
  greatest(1, coalesce(array_length(page_starts, 1), 1)) as pages, truncated, ocr, processing_status,
  error, created_at
from public.evidence_items
where workspace_id = %(workspace_id)s and session_id = %(session_id)s
  and (%(sha256)s::text is null or sha256 = %(sha256)s)
order by created_at, id
"""

MY_TEXTS = """
select id, source_name as name, text, page_starts from public.evidence_items
where workspace_id = %(workspace_id)s and processing_status = 'completed' and text is not null
order by created_at, id
"""
TEXTS = """
select id, source_name as name, text, page_starts from public.evidence_items
where workspace_id = %(workspace_id)s and session_id = %(session_id)s
  and processing_status = 'completed' and text is not null
order by created_at, id
"""

ROOM = """
select s.status, (select count(*) from public.evidence_items e
  where e.workspace_id = s.workspace_id and e.session_id = s.id) as items,
  (select coalesce(sum(size_bytes), 0)::bigint from public.evidence_items e
  where e.workspace_id = s.workspace_id) as bytes
from public.onboarding_sessions s
where s.workspace_id = %(workspace_id)s and s.id = %(session_id)s
"""

# The count and the insert that follows are one decision.
LOCK = """
select id from public.onboarding_sessions
where workspace_id = %(workspace_id)s and id = %(session_id)s for update
"""

INSERT = """
insert into public.evidence_items (id, workspace_id, session_id, source_type, source_name, content_type,
  size_bytes, sha256, storage_path, url, text, page_starts, word_count, truncated, ocr, processing_status)
values (%(id)s, %(workspace_id)s, %(session_id)s, %(source_type)s, %(source_name)s, %(content_type)s,
  %(size_bytes)s, %(sha256)s, %(storage_path)s, %(url)s, %(text)s, %(page_starts)s, %(word_count)s,
  %(truncated)s, %(ocr)s, 'completed')
on conflict (session_id, sha256) do nothing
"""

INSERT_WAITING = """
insert into public.evidence_items (id, workspace_id, session_id, source_type, source_name, content_type,
  size_bytes, sha256, storage_path, url, processing_status)
values (%(id)s, %(workspace_id)s, %(session_id)s, %(source_type)s, %(source_name)s, %(content_type)s,
  %(size_bytes)s, %(sha256)s, %(storage_path)s, %(url)s, 'pending')
on conflict (session_id, sha256) do nothing
"""

BEGIN = """
update public.evidence_items set processing_status = 'processing'
where workspace_id = %(workspace_id)s and id = %(id)s
  and processing_status in ('pending', 'processing')
returning *
"""

TWIN = """
select id from public.evidence_items
where workspace_id = %(workspace_id)s and session_id = %(session_id)s and sha256 = %(sha256)s
  and id <> %(id)s
"""

FINISH = """
update public.evidence_items set source_name = %(source_name)s, content_type = %(content_type)s,
  size_bytes = %(size_bytes)s, sha256 = %(sha256)s, storage_path = %(storage_path)s, url = %(url)s,
  text = %(text)s, page_starts = %(page_starts)s, word_count = %(word_count)s,
  truncated = %(truncated)s, ocr = %(ocr)s, processing_status = 'completed', error = null
where workspace_id = %(workspace_id)s and id = %(id)s and processing_status = 'processing'
"""

FAIL = """
update public.evidence_items set processing_status = 'failed', error = %(error)s
where workspace_id = %(workspace_id)s and id = %(id)s
  and processing_status in ('pending', 'processing')
"""

# What is older than a worker's start, and no job carries.
STRANDED = """
select e.id, e.workspace_id, w.user_id from public.evidence_items e
join public.workspaces w on w.id = e.workspace_id
where e.processing_status in ('pending', 'processing') and e.updated_at < now() - interval '15 seconds'
  and not exists (select 1 from jobs.procrastinate_jobs j
    where j.status in ('todo', 'doing') and j.args ->> 'evidence_id' = e.id::text)
order by e.created_at limit 100
"""

REMOVE_CORRECTIONS = """
delete from public.evidence_items
where workspace_id = %(workspace_id)s and session_id = %(session_id)s and source_name = %(name)s
  and storage_path is null and id is distinct from %(keep)s::uuid
"""


async def listing(db: Reads, session_id: UUID) -> list[dict[str, Any]]:
    return await db.all(LIST, {"session_id": session_id, "sha256": None})


async def duplicate_of(db: Reads, session_id: UUID, sha256: str) -> dict[str, Any] | None:
    """The item of this session with the same bytes, if there is one."""
    return await db.one(LIST, {"session_id": session_id, "sha256": sha256})


async def texts(db: Reads, session_id: UUID) -> list[Evidence]:
    """What composers read, in the order it was brought."""
    return [Evidence(**row) for row in await db.all(TEXTS, {"session_id": session_id})]


async def detail(db: Reads, session_id: UUID, id: UUID) -> dict[str, Any]:
    """One item with its text, so that every quote can be looked up at its span."""
    row = await table.get(db, id)
    if row["session_id"] != session_id:
        raise table.missing()
    return {**row, "pages": max(1, len(row["page_starts"]))}


async def check_room(db: Reads, session_id: UUID, size: int = 0) -> int:
    """Raise unless the session takes another item of so many bytes; asked before any work is done on it.

    Returns how many items it takes still. Raises NotFound, Conflict (`onboarding_completed`,
    `evidence_limit_reached`), Forbidden `plan_limit_reached` (the plan's storage).
    """
    room = await db.one(ROOM, {"session_id": session_id})
    if room is None:
        raise NotFound("Session not found", code="session_not_found")
    if room["status"] != "in_progress":
        raise Conflict("The onboarding is completed.", code="onboarding_completed")
    if room["items"] >= MAX_ITEMS:
        raise Conflict(
            f"A vault holds {MAX_ITEMS} items.", code="evidence_limit_reached", limit=MAX_ITEMS
        )
    plan = await billing.current_plan(db)
    if room["bytes"] + size > plan.vault_bytes:
        raise billing.limit_reached(plan, plan.vault_mb, "MB of evidence")
    return MAX_ITEMS - int(room["items"])


async def check_read(tx: Tx, session_id: UUID, read: Collection[UUID]) -> None:
    """Raise Conflict when the vault holds more than these items: a result that rests on them is late."""
    await tx.one(LOCK, {"session_id": session_id})
    if any(item["id"] not in read for item in await listing(tx, session_id)):
        raise Conflict(
            "New evidence came in while the step ran. Run it again.", code="evidence_changed"
        )


async def add(tx: Tx, session_id: UUID, item: dict[str, Any]) -> dict[str, Any]:
    """Store one item, to be read later when it has no `text`.

    The same bytes twice give the item that is there already.
    """
    await tx.one(LOCK, {"session_id": session_id})
    await check_room(tx, session_id, item["size_bytes"])
    await tx.run(INSERT if "text" in item else INSERT_WAITING, {**item, "session_id": session_id})
    stored = await duplicate_of(tx, session_id, item["sha256"])
    assert stored is not None, "inserted above, or in the way of the insert"
    return stored


async def begin(tx: Tx, id: UUID) -> dict[str, Any] | None:
    """Mark an item as being read and return it; None when it was read, removed, or has failed."""
    return await tx.one(BEGIN, {"id": id})


async def finish(tx: Tx, row: dict[str, Any], read: dict[str, Any]) -> bool:
    """Store what was read of a waiting item. An item with the same bytes makes this one go.

    Returns whether the text is in the vault now under this item's id. Raises Conflict.
    """
    session_id = row["session_id"]
    await tx.one(LOCK, {"session_id": session_id})
    room = await tx.one(ROOM, {"session_id": session_id})
    if room is None or room["status"] != "in_progress":
        raise Conflict("The onboarding was completed before this was read.")
    values = {"id": row["id"], "session_id": session_id, **read}
    if await tx.one(TWIN, values):
        await table.delete(tx, row["id"])
        return False
    return bool(await tx.run(FINISH, values))


async def fail(tx: Tx, id: UUID, error: str) -> None:
    """Say why an item cannot be read."""
    await tx.run(FAIL, {"id": id, "error": error})


async def stranded(tx: Tx) -> list[dict[str, Any]]:
    """Items that wait and that no job carries: `id`, `workspace_id`, `user_id`."""
    return await tx.all(STRANDED)


async def remove(tx: Tx, session_id: UUID, id: UUID) -> dict[str, Any]:
    """Take an item out of the vault; returns it. Raises NotFound, Conflict `onboarding_completed`."""
    await tx.one(LOCK, {"session_id": session_id})
    item = await detail(tx, session_id, id)
    room = await tx.one(ROOM, {"session_id": session_id})
    if room is None or room["status"] != "in_progress":
        raise Conflict("The onboarding is completed.", code="onboarding_completed")
    await table.delete(tx, id)
    return item


async def replace_corrections(
    tx: Tx, session_id: UUID, name: str, item: dict[str, Any] | None
) -> None:
    """Keep the founder's corrections as the one item of that name; those of before go."""
    await tx.run(
        REMOVE_CORRECTIONS,
        {"session_id": session_id, "name": name, "keep": item["id"] if item else None},
    )
    if item:
        await tx.run(INSERT, {**item, "session_id": session_id})
