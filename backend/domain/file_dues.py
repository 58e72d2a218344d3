"""Stored files that may have to go: named before they are stored and before their row is deleted.

The storage and the database have no transaction in common. What is overdue here and named by no row of the
vault is removed; what has its row was a file that came well.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.core.database import Tx
from backend.core.wire import Statement

MOST = 500

NOTE = """
insert into public.file_dues (path, evidence_id)
select path, evidence_id from unnest(%(paths)s::text[], %(ids)s::uuid[]) as named (path, evidence_id)
on conflict (path) do update set due_at = excluded.due_at
"""
KEPT = """
delete from public.file_dues d using public.evidence_items e
where d.due_at < now() and e.id = d.evidence_id and e.storage_path = d.path
"""
OVERDUE = """
select path from public.file_dues where due_at < now() order by due_at limit %(most)s
for update skip locked
"""
SETTLED = "delete from public.file_dues where path = any (%(paths)s)"


def note(files: Sequence[tuple[str, UUID]]) -> Statement:
    """Names files, each with the id of its item: they are looked at again an hour later."""
    return NOTE, {"paths": [path for path, _ in files], "ids": [id for _, id in files]}


async def overdue(tx: Tx) -> list[str]:
    """Files that no row names by now, held by this transaction: at most 500."""
    await tx.run(KEPT)
    found: list[dict[str, Any]] = await tx.all(OVERDUE, {"most": MOST})
    return [row["path"] for row in found]


async def settle(tx: Tx, paths: Sequence[str]) -> None:
    """These are no more."""
    await tx.run(SETTLED, {"paths": list(paths)})
