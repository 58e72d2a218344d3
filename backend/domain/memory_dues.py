"""Workspaces whose foundation or ICPs have changed since memory last read them (PRODUCT 8).

Written by triggers of those tables, so that no writer can forget it.
"""

from typing import Any

from backend.core.database import Tx

DUE = """
select d.workspace_id, d.since, w.user_id
from public.memory_dues d join public.workspaces w on w.id = d.workspace_id
order by d.since limit 100
"""
DONE = """
delete from public.memory_dues where workspace_id = %(workspace_id)s and since = %(since)s
"""


async def oldest(tx: Tx) -> list[dict[str, Any]]:
    """Up to 100 of them: `workspace_id`, `user_id`, `since`."""
    return await tx.all(DUE)


async def done(tx: Tx, due: dict[str, Any]) -> None:
    """Cross one off, unless it has changed again since it was read."""
    await tx.run(DONE, due)
