"""What a workspace takes away: its nouns as rows, its calendar, and every table it has rows in.

Which columns leave is asked of the catalogue: those that the user may read, without vectors. So a new column
is exported by being granted, and a secret one is not.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from psycopg.sql import SQL, Composable, Identifier

from backend.core.database import Reads

if TYPE_CHECKING:
    from icalendar import Event

Noun = Literal["moves", "campaigns", "wins", "assets"]
Format = Literal["csv", "json"]
TABLES: dict[str, tuple[str, str]] = {
    "moves": ("moves", "created_at"),
    "campaigns": ("campaigns", "created_at"),
    "wins": ("daily_wins", "generated_at"),
    "assets": ("muse_assets", "created_at"),
}
"""The table of each noun, and the column that tells which row was first."""
PAGE_ROWS = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would execute at the beginning of a cell."""

COLUMNS = """
select a.attname as name from pg_catalog.pg_attribute a
where a.attrelid = %(table)s::regclass and a.attnum > 0 and not a.attisdropped
  and has_column_privilege(a.attrelid, a.attnum, 'select')
  and format_type(a.atttypid, a.atttypmod) !~ '(^|\\.)vector'
order by a.attnum
"""
READABLE = """
select c.relname as name, max(a.attname) filter (where a.attname = 'workspace_id') is not null as of_workspace
from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
  and a.attname in ('workspace_id', 'user_id') and has_any_column_privilege(c.oid, 'select')
  and has_column_privilege(c.oid, a.attnum, 'select')
group by c.relname order by c.relname
"""
PAGE = SQL("""
select to_jsonb(t) as row, (t.{at})::text as at, t.id::text as id
from (select {columns} from public.{table}) as t
where t.workspace_id = %(workspace_id)s
  and (%(at)s::timestamptz is null or (t.{at}, t.id) > (%(at)s::timestamptz, %(id)s::uuid))
order by t.{at}, t.id limit %(rows)s
""")
WHOLE = SQL(
    "select to_jsonb(t) as row from (select {columns} from public.{table}) as t where {owned}"
)
CALENDAR = """
select 'move' as kind, id, name as title, goal as about, status, start_date as starts,
  end_date as ends, updated_at as changed
from public.moves where workspace_id = %(workspace_id)s and start_date is not null
union all
select 'task', id, title, description, status, scheduled_date, scheduled_date, updated_at
from public.move_tasks where workspace_id = %(workspace_id)s and scheduled_date is not null
union all
select 'campaign', id, name, goal, status, start_date, end_date, updated_at
from public.campaigns where workspace_id = %(workspace_id)s and start_date is not null
union all
select 'win', id, topic, hook, status, generated_at::date, generated_at::date, generated_at
from public.daily_wins where workspace_id = %(workspace_id)s
order by starts, kind, id
"""


async def columns(db: Reads, table: str) -> list[str]:
    """The columns of a table that this user may take away."""
    return [row["name"] for row in await db.all(COLUMNS, {"table": f"public.{table}"})]


async def rows(db: Reads, noun: str, names: list[str]) -> AsyncIterator[dict[str, Any]]:
    """The rows of a noun, first made first, read a page at a time."""
    table, at = TABLES[noun]
    statement = PAGE.format(at=Identifier(at), columns=_listed(names), table=Identifier(table))
    after: dict[str, Any] = {"at": None, "id": None}
    while True:
        page = await db.all(statement, {**after, "rows": PAGE_ROWS})
        for row in page:
            yield row["row"]
        if len(page) < PAGE_ROWS:
            return
        after = {"at": page[-1]["at"], "id": page[-1]["id"]}


async def tables(db: Reads) -> list[tuple[str, bool]]:
    """Every table that may hold rows of this user; whether it is of the workspace or of the person."""
    return [(row["name"], row["of_workspace"]) for row in await db.all(READABLE)]


async def whole(db: Reads, table: str, *, of_workspace: bool) -> list[dict[str, Any]]:
    """All rows of a table that are this user's."""
    names = await columns(db, table)
    owned = "workspace_id = %(workspace_id)s" if of_workspace else "user_id = %(user_id)s"
    statement = WHOLE.format(columns=_listed(names), table=Identifier(table), owned=SQL(owned))
    return [row["row"] for row in await db.all(statement)]


def _listed(names: list[str]) -> Composable:
    return SQL(", ").join(map(Identifier, names))


async def as_csv(names: list[str], found: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """A table for spreadsheets: UTF-8 with a mark, lists and objects as JSON, no cell that is a formula."""
    yield b"\xef\xbb\xbf" + _line(names)
    async for row in found:
        yield _line([_cell(row[name]) for name in names])


async def as_json(noun: str, found: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """One object with a list of rows."""
    yield f'{{"{noun}":['.encode()
    first = True
    async for row in found:
        yield (b"" if first else b",\n") + json.dumps(row, ensure_ascii=False).encode()
        first = False
    yield b"]}"


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return json.dumps(value, ensure_ascii=False)


async def calendar(db: Reads) -> bytes:
    """The workspace's days as iCalendar (RFC 5545): moves, their tasks, campaigns and wins, all day long."""
    from icalendar import Calendar  # 80 modules that few processes need

    found = Calendar()
    found.add("prodid", "-//Raptorflow//Calendar//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", "Raptorflow")
    for row in await db.all(CALENDAR):
        found.add_component(_event(row))
    text: bytes = found.to_ical()
    return text


def _event(row: dict[str, Any]) -> "Event":
    starts: date = row["starts"]
    changed: datetime = row["changed"]
    from icalendar import Event

    event = Event()
    event.add("uid", f"{row['kind']}-{row['id']}@raptorflow.com")
    event.add("dtstamp", changed)
    event.add("dtstart", starts)
    event.add("dtend", (row["ends"] or starts) + timedelta(days=1))
    event.add("summary", row["title"])
    if row["about"]:
        event.add("description", row["about"])
    event.add("categories", [row["kind"]])
    event.add("status", "CANCELLED" if row["status"] in ("cancelled", "skipped") else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event
