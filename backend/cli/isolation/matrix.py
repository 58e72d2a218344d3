"""Who reaches whose rows: every table of the catalogue x four verbs x four actors.

Each cell is tried for real, by the service's own login role, in a transaction that is rolled back.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args

import psycopg
from psycopg import errors
from psycopg.sql import SQL, Composed, Identifier, Placeholder
from psycopg.types.json import Jsonb

from backend.cli.isolation.catalogue import Table
from backend.cli.isolation.tenants import Connection, Row, Tenant

Verb = Literal["select", "insert", "update", "delete"]
Actor = Literal["anon", "stranger", "owner", "service"]
Outcome = Literal["denied", "nothing", "reached"]
"""`denied`: refused by grant or policy; `nothing`: allowed, but no row was there to reach."""

VERBS: tuple[Verb, ...] = get_args(Verb)
ACTORS: tuple[Actor, ...] = get_args(Actor)
ROLES: dict[Actor, str] = {
    "anon": "anon",
    "stranger": "authenticated",
    "owner": "authenticated",
    "service": "service_role",
}


@contextmanager
def acting(connection: Connection, role: str, claims: str | None) -> Iterator[None]:
    """A transaction in which the login role has become `role` with these claims; never committed."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
            (role, claims or ""),
        )
        yield


def outcomes(
    connection: Connection, tables: dict[str, Table], victim: Tenant, stranger: Tenant
) -> dict[tuple[str, Actor, Verb], Outcome]:
    """Every actor's attempt on the victim's row in every table."""
    claims = {"anon": None, "stranger": stranger.claims, "owner": victim.claims, "service": None}
    found: dict[tuple[str, Actor, Verb], Outcome] = {}
    for table in tables.values():
        for actor in ACTORS:
            for verb in VERBS:
                with acting(connection, ROLES[actor], claims[actor]):
                    found[table.name, actor, verb] = attempt(
                        connection, ROLES[actor], verb, table, victim.rows[table.name]
                    )
    return found


def attempt(connection: Connection, role: str, verb: Verb, table: Table, row: Row) -> Outcome:
    """Try the verb on this row, with whatever columns the role is granted for it."""
    try:
        count = ATTEMPTS[verb](connection, role, table, row)
    except errors.InsufficientPrivilege:
        return "denied"
    except psycopg.IntegrityError:
        return "reached"  # past grants and policies: only a key stood in the way
    return "reached" if count else "nothing"


def _select(connection: Connection, role: str, table: Table, row: Row) -> int:
    query = SQL("select from public.{} where {}").format(Identifier(table.name), _is(table))
    return connection.execute(query, _key(table, row)).rowcount


def _insert(connection: Connection, role: str, table: Table, row: Row) -> int:
    """Insert the row once more: a duplicate that policies let pass fails on its key."""
    names = granted(connection, role, table, "insert") or [c.name for c in table.columns]
    plain = {c.name for c in table.columns if not c.generated}
    names = [name for name in names if name in plain]
    query = SQL("insert into public.{} ({}) values ({})").format(
        Identifier(table.name),
        SQL(", ").join(map(Identifier, names)),
        SQL(", ").join(map(Placeholder, names)),
    )
    return connection.execute(
        query, {name: _parameter(table, row, name) for name in names}
    ).rowcount


def _update(connection: Connection, role: str, table: Table, row: Row) -> int:
    plain = {c.name for c in table.columns if not c.generated}
    names = [n for n in granted(connection, role, table, "update") if n in plain]
    column = Identifier(names[0] if names else table.columns[-1].name)
    query = SQL("update public.{} set {} = {} where {}").format(
        Identifier(table.name), column, column, _is(table)
    )
    return connection.execute(query, _key(table, row)).rowcount


def _delete(connection: Connection, role: str, table: Table, row: Row) -> int:
    query = SQL("delete from public.{} where {}").format(Identifier(table.name), _is(table))
    return connection.execute(query, _key(table, row)).rowcount


ATTEMPTS: dict[Verb, Callable[[Connection, str, Table, Row], int]] = {
    "select": _select,
    "insert": _insert,
    "update": _update,
    "delete": _delete,
}


def granted(connection: Connection, role: str, table: Table, verb: str) -> list[str]:
    """The columns on which the role holds the privilege, in table order."""
    rows = connection.execute(
        "select a.attname from pg_attribute a"
        " where a.attrelid = %(table)s::regclass and a.attnum > 0 and not a.attisdropped"
        " and has_column_privilege(%(role)s, a.attrelid, a.attnum, %(verb)s) order by a.attnum",
        {"table": f"public.{table.name}", "role": role, "verb": verb},
    )
    return [row[0] for row in rows]


def _is(table: Table) -> Composed:
    return SQL(" and ").join(
        SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in table.primary_key
    )


def _key(table: Table, row: Row) -> Row:
    return {name: row[name] for name in table.primary_key}


def _parameter(table: Table, row: Row, name: str) -> Any:
    column = next(c for c in table.columns if c.name == name)
    return Jsonb(row[name]) if column.type == "jsonb" and row[name] is not None else row[name]
