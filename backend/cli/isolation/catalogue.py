"""What the database itself says about its tables, read from its catalogue.

Nothing here knows a table by name, so a table that a later migration adds is tested without being asked.
"""

import graphlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

TABLES = """
select c.relname as name, c.relrowsecurity as rls_enabled, c.relforcerowsecurity as rls_forced,
  array(select polname::text from pg_policy where polrelid = c.oid) as policies
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
order by 1
"""
COLUMNS = """
select c.relname as table_name, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
  a.attnotnull as required, a.atthasdef as has_default, a.attgenerated <> '' as generated
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and a.attnum > 0 and not a.attisdropped
order by c.relname, a.attnum
"""
CONSTRAINTS = """
select c.relname as table_name, k.conname as name, k.contype as kind,
  array(select a.attname::text from unnest(k.conkey) with ordinality as key (num, position)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = key.num
    order by key.position) as columns,
  case when p.relnamespace = 'public'::regnamespace then p.relname
    else p.relnamespace::regnamespace || '.' || p.relname end as parent,
  array(select a.attname::text from unnest(k.confkey) with ordinality as key (num, position)
    join pg_attribute a on a.attrelid = k.confrelid and a.attnum = key.num
    order by key.position) as parent_columns,
  pg_get_expr(k.conbin, k.conrelid) as expression
from pg_constraint k join pg_class c on c.oid = k.conrelid left join pg_class p on p.oid = k.confrelid
where c.relnamespace = 'public'::regnamespace
order by c.relname, k.conname
"""
INDEXES = """
select c.relname as table_name,
  array(select a.attname::text from unnest(i.indkey::int2[]) with ordinality as key (num, position)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = key.num
    order by key.position) as columns
from pg_index i join pg_class c on c.oid = i.indrelid
where c.relnamespace = 'public'::regnamespace and i.indpred is null
"""


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    required: bool
    has_default: bool
    generated: bool


@dataclass(frozen=True)
class ForeignKey:
    name: str
    columns: tuple[str, ...]
    parent: str
    """`users` in schema public, with its schema elsewhere: `auth.users`."""
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    columns: tuple[str, ...]
    expression: str


@dataclass(frozen=True)
class Table:
    name: str
    rls_enabled: bool
    rls_forced: bool
    policies: tuple[str, ...]
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    checks: tuple[Check, ...]
    indexes: tuple[tuple[str, ...], ...]
    """Columns of each index that covers the whole table; expressions are left out."""

    def has(self, column: str) -> bool:
        return any(c.name == column for c in self.columns)

    @property
    def tenant_column(self) -> str | None:
        """What ties a row to its tenant; None for tables that belong to no tenant."""
        if self.name in ("users", "workspaces"):
            return "id"
        return next((c for c in ("workspace_id", "user_id") if self.has(c)), None)


def read_tables(connection: psycopg.Connection[Any]) -> dict[str, Table]:
    """All tables of schema public, parents before children."""
    cursor = connection.cursor(row_factory=dict_row)

    def rows(sql: str) -> Sequence[dict[str, Any]]:
        return cursor.execute(sql).fetchall()

    columns, constraints, indexes = rows(COLUMNS), rows(CONSTRAINTS), rows(INDEXES)
    tables = {}
    for row in rows(TABLES):
        own = [k for k in constraints if k["table_name"] == row["name"]]
        tables[row["name"]] = Table(
            name=row["name"],
            rls_enabled=row["rls_enabled"],
            rls_forced=row["rls_forced"],
            policies=tuple(row["policies"]),
            columns=tuple(
                Column(c["name"], c["type"], c["required"], c["has_default"], c["generated"])
                for c in columns
                if c["table_name"] == row["name"]
            ),
            primary_key=next(tuple(k["columns"]) for k in own if k["kind"] == "p"),
            foreign_keys=tuple(
                ForeignKey(k["name"], tuple(k["columns"]), k["parent"], tuple(k["parent_columns"]))
                for k in own
                if k["kind"] == "f"
            ),
            checks=tuple(
                Check(tuple(k["columns"]), k["expression"]) for k in own if k["kind"] == "c"
            ),
            indexes=tuple(tuple(i["columns"]) for i in indexes if i["table_name"] == row["name"]),
        )
    return {name: tables[name] for name in _parents_first(tables)}


def _parents_first(tables: dict[str, Table]) -> list[str]:
    graph = {
        name: {key.parent for key in table.foreign_keys if key.parent in tables} - {name}
        for name, table in tables.items()
    }
    return list(graphlib.TopologicalSorter(graph).static_order())
