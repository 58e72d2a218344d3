"""A page newest first and how many rows there are, in one statement: for lists that are no `api` function.

A page starts after a row, so that a deep one costs what the first does where an index has the order
`(..., created_at desc, id desc)`. The rows are called `t`.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Composed

from backend.core.database import Reads

_PAGE = SQL("""
select counted.total, item.* from (
  select count(*)::int as total from {table} as t where {wanted}
) as counted left join lateral (
  select {columns} from {table} as t
  where {wanted} and (t.created_at, t.id) < (%(after_at)s::timestamptz, %(after_id)s::uuid)
  order by t.created_at desc, t.id desc limit %(limit)s offset %(offset)s
) as item on true
order by item.created_at desc, item.id desc
""")
# Without a row to start after, the page starts after the end of time: one condition for the index.
_FROM_THE_START = ("infinity", UUID(int=(1 << 128) - 1))


def statement(columns: Composable, table: Composable, wanted: Composable) -> Composed:
    """`columns` have `created_at` and `id` among them; `wanted` says whose rows these are."""
    return _PAGE.format(columns=columns, table=table, wanted=wanted)


async def page(
    db: Reads,
    listed: Composed,
    values: Mapping[str, Any],
    *,
    limit: int,
    offset: int,
    after: tuple[str, UUID] | None,
) -> tuple[list[DictRow], int]:
    """The rows after `after` (created_at, id), and how many there are in all, however deep the page is."""
    at, id = after or _FROM_THE_START
    place = {"limit": limit, "offset": offset, "after_at": at, "after_id": id}
    rows = await db.all(listed, {**values, **place})
    total: int = rows[0]["total"]
    return [
        {name: value for name, value in row.items() if name != "total"}
        for row in rows
        if row["id"] is not None
    ], total
