"""Apply `supabase/migrations/*.sql` and record them where the Supabase CLI does, so either may run next.

One transaction a file; an advisory lock keeps several replicas from migrating at once (the CLI takes none).
The job queue's tables come from the queue's own library and live in a schema of their own (ADR 0011).
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql

FOLDER = Path(__file__).parents[2] / "supabase" / "migrations"
FILE_NAME = re.compile(r"^([0-9]+)_(.*)\.sql$")
JOBS_SCHEMA = "jobs"
JOB_ROLES = ("raptorflow_app", "service_role")
"""The worker's own connections, and the service door when it queues a run in its transaction."""

HISTORY = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
"""
RECORD = """
insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)
"""
LOCK = "select pg_advisory_lock(hashtextextended('raptorflow:migrations', 0))"
UNLOCK = "select pg_advisory_unlock(hashtextextended('raptorflow:migrations', 0))"

GRANT_JOBS = sql.SQL("""
grant usage on schema {schema} to {roles};
grant select, insert, update, delete on all tables in schema {schema} to {roles};
grant usage, select on all sequences in schema {schema} to {roles};
revoke execute on all functions in schema {schema} from public;
grant execute on all functions in schema {schema} to {roles};
alter role raptorflow_app set search_path = public, {schema};
""")
"""The queue's client names its functions without a schema. The role's own search_path reaches them behind a
transaction pooler too, where a session's SET and start-up options do not last."""


class MigrationError(Exception):
    """Why the database cannot be brought to this version, with the way out."""


@dataclass(frozen=True)
class Migration:
    version: str
    name: str
    path: Path


def read_folder(folder: Path) -> list[Migration]:
    """The migrations in order. Raises MigrationError for two files of one version."""
    found = [
        Migration(match[1], match[2], path)
        for path in sorted(folder.glob("*.sql"))
        if (match := FILE_NAME.match(path.name))
    ]
    found.sort(key=lambda migration: migration.version)
    for one, other in itertools.pairwise(found):
        if one.version == other.version:
            raise MigrationError(f"{one.path.name} and {other.path.name} have the same version")
    return found


def migrate(
    dsn: str, folder: Path = FOLDER, announce: Callable[[str], None] = lambda name: None
) -> list[str]:
    """Bring the database to the newest version as the schema's owner; returns the files applied.

    Raises MigrationError when the database has a migration that the folder lacks, or when a file sorts
    before one that is applied: the CLI refuses the same.
    """
    local = read_folder(folder)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(LOCK)
        try:
            applied = _apply(connection, local, announce)
            _install_job_queue(connection)
        finally:
            connection.execute(UNLOCK)
    return applied


def pending(dsn: str, folder: Path = FOLDER) -> list[str]:
    """Files that the database still lacks; needs only the right to read the history."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        have = _history(connection)
    return [
        migration.path.name for migration in read_folder(folder) if migration.version not in have
    ]


def _apply(
    connection: psycopg.Connection, local: list[Migration], announce: Callable[[str], None]
) -> list[str]:
    with connection.transaction():
        connection.execute(HISTORY)
    have = _history(connection)
    _check_order(have, local)
    new = [migration for migration in local if migration.version not in have]
    for migration in new:
        announce(migration.path.name)
        _apply_one(connection, migration)
    return [migration.path.name for migration in new]


def _history(connection: psycopg.Connection) -> set[str]:
    known = connection.execute(
        "select to_regclass('supabase_migrations.schema_migrations')"
    ).fetchone()
    if known is None or known[0] is None:
        return set()
    rows = connection.execute("select version from supabase_migrations.schema_migrations")
    return {version for (version,) in rows}


def _check_order(have: set[str], local: list[Migration]) -> None:
    unknown = have - {migration.version for migration in local}
    if unknown:
        raise MigrationError(
            f"the database has migration {min(unknown)}, which this version of Raptorflow lacks: "
            "install the newer version"
        )
    newest = max(have, default="")
    late = [m for m in local if m.version not in have and m.version < newest]
    if late:
        raise MigrationError(
            f"{late[0].path.name} sorts before {newest}, which is already applied: give it a newer version"
        )


def _apply_one(connection: psycopg.Connection, migration: Migration) -> None:
    text = migration.path.read_text()
    try:
        with connection.transaction():
            connection.execute("reset all")
            connection.execute(text.encode())  # without parameters: many statements at once
            connection.execute(RECORD, (migration.version, migration.name, [text]))
    except psycopg.Error as error:
        raise MigrationError(f"{migration.path.name}: {error}") from error


def _install_job_queue(connection: psycopg.Connection) -> None:
    """The queue's tables, once, with search_path pinned on its functions so that any caller may use them."""
    present = connection.execute(
        "select to_regclass(%s)", (f"{JOBS_SCHEMA}.procrastinate_jobs",)
    ).fetchone()
    if present and present[0] is not None:
        return
    roles = sql.SQL(", ").join(map(sql.Identifier, JOB_ROLES))
    names = {"schema": sql.Identifier(JOBS_SCHEMA), "roles": roles}
    with connection.transaction():
        connection.execute(sql.SQL("create schema if not exists {schema}").format(**names))
        connection.execute(sql.SQL("set local search_path = {schema}").format(**names))
        connection.execute(SchemaManager.get_schema().encode())
        _pin_search_path(connection)
        if connection.execute(
            "select 1 from pg_roles where rolname = %s", (JOB_ROLES[0],)
        ).fetchone():
            connection.execute(GRANT_JOBS.format(**names))


def _pin_search_path(connection: psycopg.Connection) -> None:
    functions = connection.execute(
        "select oid::regprocedure::text from pg_proc where pronamespace = %s::regnamespace",
        (JOBS_SCHEMA,),
    ).fetchall()
    for (signature,) in functions:
        statement = f"alter function {signature} set search_path = {JOBS_SCHEMA}, pg_temp"
        connection.execute(statement.encode())
