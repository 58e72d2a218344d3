"""The job queue's tables, from the queue's own library, in a schema of their own (ADR 0011).

The library writes its SQL without a schema. So its functions get a pinned search_path, which makes its
triggers work under any caller's, and the runtime role gets one that ends in `jobs`, which makes its queries
work: a setting of the role holds behind a transaction pooler too, where one of the session would not.
"""

from pathlib import Path
from typing import LiteralString

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql

RUNTIME_ROLE = "raptorflow_app"
ROLES = (RUNTIME_ROLE, "service_role")
"""The worker's own connections, and the service door, which queues a run in its own transaction."""

CREATE: LiteralString = "create schema jobs; set local search_path = jobs"
STATE: LiteralString = "select obj_description(to_regnamespace('jobs'), 'pg_namespace')"
"""The schema's comment names the newest of the library's own migrations that it contains."""

PIN_SEARCH_PATH: LiteralString = """
do $$
declare
  signature regprocedure;
begin
  for signature in select oid from pg_proc where pronamespace = 'jobs'::regnamespace loop
    execute format('alter function %s set search_path = jobs, pg_temp', signature);
  end loop;
end
$$
"""
GRANT: LiteralString = """
grant usage on schema jobs to {roles};
grant select, insert, update, delete on all tables in schema jobs to {roles};
grant usage, select on all sequences in schema jobs to {roles};
revoke execute on all functions in schema jobs from public;
grant execute on all functions in schema jobs to {roles}
"""
HAS_SEARCH_PATH: LiteralString = """
select exists (
  select from pg_db_role_setting s
  where s.setrole = to_regrole(%s) and s.setdatabase = 0
    and 'search_path=public, extensions, jobs' = any (s.setconfig)
)
"""
SET_SEARCH_PATH: LiteralString = "alter role {role} set search_path = public, extensions, jobs"


def bring_up_to_date(connection: psycopg.Connection) -> list[str]:
    """Within the caller's transaction; returns what was applied, named after the library's versions."""
    have = _value(connection, STATE)
    library = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    newest = library[-1].name
    if have is None:
        connection.execute(CREATE)
        connection.execute(SchemaManager.get_schema())
        applied = [f"jobs: procrastinate up to {newest}"]
    else:
        missing = [file for file in library if file.name > str(have)]
        connection.execute("set local search_path = jobs")
        for file in missing:
            connection.execute(file.read_bytes())
        applied = [f"jobs: procrastinate {file.name}" for file in missing]
    if applied:
        _open_to_roles(connection)
        connection.execute(sql.SQL("comment on schema jobs is {}").format(newest))
    if not _value(connection, HAS_SEARCH_PATH, (RUNTIME_ROLE,)):
        connection.execute(sql.SQL(SET_SEARCH_PATH).format(role=sql.Identifier(RUNTIME_ROLE)))
    return applied


def _open_to_roles(connection: psycopg.Connection) -> None:
    connection.execute(PIN_SEARCH_PATH)
    roles = sql.SQL(", ").join(map(sql.Identifier, ROLES))
    connection.execute(sql.SQL(GRANT).format(roles=roles))


def _value(
    connection: psycopg.Connection, query: LiteralString, params: tuple[str, ...] = ()
) -> object:
    row = connection.execute(query, params).fetchone()
    return row[0] if row else None
