"""Lists in an order that the client chose: one statement for every noun, composed from its table's columns.

The order that pages open with, newest first, has functions of its own in schema `api` (ADR 0006); this one
sorts a workspace's rows anew for each page. Cells without a value come last either way.
"""

import base64
import binascii
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Self, get_args, get_origin
from uuid import UUID

from psycopg.errors import DataError
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal, Placeholder
from pydantic import BaseModel

from backend.core.database import Reads
from backend.core.errors import AppError
from backend.core.records import WorkspaceTable

PAGE = SQL("""
with kept as (select t.* from {table} as t where t.workspace_id = %(workspace_id)s and {filters}),
page as (
  select row_number() over () as place, t.id, t.at::text as at, t.cells from (
    select t.id, {value} as at, {cells} as cells from kept as t where {after}
    order by {value} {direction} nulls last, t.id {direction}
    limit %(limit)s offset %(offset)s
  ) as t
)
select json_build_object({key}::text, coalesce(json_agg(cells order by place), '[]'),
  'total', (select count(*) from kept), 'limit', %(limit)s::int, 'offset', %(offset)s::int,
  'next_cursor', null)::text as page,
  (array_agg(at order by place desc))[1] as last_at, (array_agg(id order by place desc))[1] as last_id,
  count(*) as count
from page
""")
AFTER_VALUE = SQL(
    "({value} {than} %(at)s or ({value} = %(at)s and t.id {than} %(id)s) or {value} is null)"
)
AFTER_NOTHING = SQL("({value} is null and t.id {than} %(id)s)")

_SORTABLE = (str, int, float, bool, date, datetime)


class InvalidCursor(AppError):
    status = 422
    default_code = "cursor_invalid"
    default_detail = "The cursor is not one that this list gave."


@dataclass(frozen=True, slots=True)
class Order:
    """A column and a direction, written `name` or `-name`."""

    column: str
    descending: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.column}" if self.descending else self.column


def sortable(row: type[BaseModel]) -> list[str]:
    """The columns with one plain value in each cell; ids tell no order."""
    return [
        name
        for name, info in row.model_fields.items()
        if name != "workspace_id" and _is_plain(info.annotation)
    ]


def _is_plain(annotation: Any) -> bool:
    if isinstance(annotation, type):
        return issubclass(annotation, _SORTABLE)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _is_plain(parts[0])
    if origin is typing.Literal:
        return True
    if origin not in (typing.Union, types.UnionType):
        return False
    return all(_is_plain(part) for part in parts if part is not type(None))


async def page(
    db: Reads,
    table: WorkspaceTable,
    *,
    key: str,
    members: list[str],
    order: Order,
    equal: Mapping[str, Any],
    limit: int,
    offset: int,
    cursor: str | None,
) -> bytes:
    """The JSON of one page: rows with these members under `key`, `total`, `limit`, `offset`, `next_cursor`.

    `equal` are columns and what they must be. Raises InvalidCursor for a cursor of another order.
    """
    value = _value(table, order.column)
    after, position = _after(order, value, cursor)
    values = {**{f"is_{name}": value for name, value in equal.items()}, **position}
    statement = PAGE.format(
        table=table.table,
        filters=_filters(equal),
        cells=_cells(table, members),
        value=value,
        direction=SQL("desc" if order.descending else "asc"),
        after=after,
        key=Literal(key),
    )
    try:
        row = await db.one(statement, {**values, "limit": limit, "offset": offset})
    except DataError as error:  # a value that the column's type cannot be
        raise InvalidCursor from error
    assert row is not None, "an aggregate has one row"
    text: str = row["page"]
    if row["count"] == limit:
        text = _with_cursor(text, order, row["last_at"], row["last_id"])
    return text.encode()


def _value(table: WorkspaceTable, column: str) -> Composable:
    """What is compared: of a text its beginning, in whatever case, so that a cursor stays short."""
    is_text = table.row.model_fields[column].annotation in (str, str | None)
    return SQL("lower(left({}, 100))" if is_text else "{}").format(_cell(table, column))


def _filters(equal: Mapping[str, Any]) -> Composable:
    parts = [SQL("t.{} = {}").format(Identifier(name), Placeholder(f"is_{name}")) for name in equal]
    return SQL(" and ").join(parts) if parts else SQL("true")


def _cells(table: WorkspaceTable, members: list[str]) -> Composed:
    return SQL("json_build_object({})").format(
        SQL(", ").join(
            SQL("{}::text, {}").format(Literal(name), _cell(table, name)) for name in members
        )
    )


def _cell(table: WorkspaceTable, name: str) -> Composable:
    if name in table.derived:
        return SQL(table.derived[name])
    return SQL("t.{}").format(Identifier(name))


def _after(
    order: Order, value: Composable, cursor: str | None
) -> tuple[Composable, dict[str, Any]]:
    if cursor is None:
        return SQL("true"), {}
    try:
        written, at, id = json.loads(base64.b64decode(cursor, validate=True))
        position: dict[str, Any] = {"at": at, "id": UUID(id)}
    except (binascii.Error, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidCursor from error
    if written != str(order) or not isinstance(at, str | None) or "\0" in (at or ""):
        raise InvalidCursor("The cursor is of a list in another order.")
    shape = AFTER_NOTHING if at is None else AFTER_VALUE
    than = SQL("<" if order.descending else ">")
    return shape.format(value=value, than=than), position


def _with_cursor(page: str, order: Order, at: str | None, id: UUID) -> str:
    cursor = base64.b64encode(json.dumps([str(order), at, str(id)]).encode()).decode()
    head, _, _ = page.rpartition("null")
    return f'{head}"{cursor}"}}'
