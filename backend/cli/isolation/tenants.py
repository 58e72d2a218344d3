"""Tenants for tests: a signed-up user, and a valid row of theirs in every table there is."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal, Placeholder
from psycopg.types.json import Jsonb

from backend.cli.isolation.catalogue import Column, Table

Row = dict[str, Any]
Connection = psycopg.Connection[Any]

SAMPLES: dict[str, tuple[Any, ...]] = {
    "integer": (0, 1, 100),
    "bigint": (0, 1, 100),
    "numeric": (0, 1),
    "boolean": (False, True),
    "date": ("2026-11-01",),
    "timestamp with time zone": ("2026-11-01T00:00:00+00:00",),
    "jsonb": (Jsonb({}), Jsonb([])),
    "text[]": ([],),
    "integer[]": ([],),
    "extensions.vector": (json.dumps([1.0] + [0.0] * 383),),
    "vector": (json.dumps([1.0] + [0.0] * 383),),
}
TEXTS = ("2026-27", "29")
"""For columns whose format a pattern sets; most take the tenant's tag or a literal of their check."""


@dataclass
class Tenant:
    """`tag` is short and capital, so that it passes as a series, a name or an id of someone else's."""

    tag: str
    user_id: UUID
    workspace_id: UUID
    rows: dict[str, Row] = field(default_factory=dict)
    """One row of each table, as stored."""

    @property
    def claims(self) -> str:
        return claims(self.user_id)


def claims(user_id: UUID) -> str:
    """What a verified token of Supabase says."""
    return json.dumps({"sub": str(user_id), "role": "authenticated", "aud": "authenticated"})


def sign_up(connection: Connection, tag: str) -> Tenant:
    """A user as the auth server inserts one; the triggers do the rest. Needs the owner's connection."""
    user_id = uuid4()
    connection.execute(
        "insert into auth.users (id, email, raw_user_meta_data) values (%s, %s, %s)",
        (user_id, f"{tag.lower()}-{user_id}@example.in", Jsonb({"full_name": tag})),
    )
    row = connection.execute(
        "select id from public.workspaces where user_id = %s", (user_id,)
    ).fetchone()
    assert row is not None, "sign-up makes a workspace"
    return Tenant(tag, user_id, row[0])


def populate(connection: Connection, tables: dict[str, Table], tenant: Tenant) -> None:
    """Give the tenant one row in each table, every reference filled."""
    for table in tables.values():
        tenant.rows[table.name] = _existing(connection, table, tenant) or insert(
            connection, table, valid_row(connection, table, tenant)
        )


def _existing(connection: Connection, table: Table, tenant: Tenant) -> Row | None:
    column = table.tenant_column
    if column is None:
        return None
    value = tenant.user_id if column == "user_id" or table.name == "users" else tenant.workspace_id
    query = SQL("select * from public.{} where {} = %s").format(
        Identifier(table.name), Identifier(column)
    )
    return connection.cursor(row_factory=dict_row).execute(query, (value,)).fetchone()


def insert(connection: Connection, table: Table, row: Row) -> Row:
    """Insert and return the row as stored."""
    query = SQL("insert into public.{} ({}) values ({}) returning *").format(
        Identifier(table.name),
        SQL(", ").join(map(Identifier, row)),
        SQL(", ").join(map(Placeholder, row)),
    )
    stored = connection.cursor(row_factory=dict_row).execute(query, row).fetchone()
    assert stored is not None
    return stored


def valid_row(connection: Connection, table: Table, tenant: Tenant) -> Row:
    """Values for what has no default: references to the tenant's own rows, the rest by its checks."""
    row = _references(table, tenant)
    for column in table.columns:
        open_ = column.name not in row and not column.has_default and not column.generated
        if open_ and (column.required or column.name == "workspace_id"):
            row[column.name] = _fitting(connection, table, column, tenant)
    return row


def _references(table: Table, tenant: Tenant) -> Row:
    row: Row = {}
    for key in table.foreign_keys:
        parent = tenant.rows.get(key.parent)
        if parent is not None:
            row |= {
                own: parent[its] for own, its in zip(key.columns, key.parent_columns, strict=True)
            }
    return row


def _fitting(connection: Connection, table: Table, column: Column, tenant: Tenant) -> Any:
    """The first candidate that every check of this column alone accepts."""
    checks = [c.expression for c in table.checks if c.columns == (column.name,)]
    for value in _candidates(column, checks, tenant):
        if all(_accepts(connection, check, column, value) for check in checks):
            return value
    raise AssertionError(f"no sample fits {table.name}.{column.name} {column.type}: {checks}")


def _candidates(column: Column, checks: list[str], tenant: Tenant) -> Iterator[Any]:
    if column.type == "uuid":
        yield uuid4()
    elif column.type == "text":
        yield tenant.tag
        for check in checks:
            yield from re.findall(r"'([^']*)'::text", check)
        yield from TEXTS
    else:
        yield from SAMPLES[re.sub(r"\(.*\)", "", column.type)]


def _accepts(connection: Connection, check: str, column: Column, value: Any) -> bool:
    query = SQL(
        "select {check} from (select cast({value} as {type}) as {name}) as candidate"
    ).format(
        check=_raw(check),
        value=Literal(value),
        type=_raw(column.type),
        name=Identifier(column.name),
    )
    row = connection.execute(query).fetchone()
    return row is not None and row[0] is True


def _raw(sql: str) -> Composable:
    """SQL out of the catalogue; it is the database's own text."""
    return Composed([SQL(sql)])
