"""Apply `supabase/migrations/*.sql` and record them where the Supabase CLI does, so either may run next.

Each file is one transaction, under an advisory lock of that transaction: several replicas may start at once,
also behind a transaction pooler. (The CLI takes no lock.) ADR 0011.
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg

from backend.core import job_schema

FOLDER = Path(__file__).parents[2] / "supabase" / "migrations"
FILE_NAME = re.compile(r"([0-9]+)_(.+)\.sql")
TRANSACTION_CONTROL = re.compile(
    r"^\s*(begin|commit|rollback|start\s+transaction)\s*;", re.IGNORECASE | re.MULTILINE
)

LOCK: LiteralString = (
    "select pg_advisory_xact_lock(hashtextextended('raptorflow:migrations', 0));"
    " set local lock_timeout = '10s'"
)
"""Waits for other replicas as long as it takes, but for users' locks on a table only so long."""

HAS_HISTORY: LiteralString = """
select count(*) = 3 from pg_attribute
where attrelid = to_regclass('supabase_migrations.schema_migrations')
  and attname in ('version', 'name', 'statements') and not attisdropped
"""
CREATE_HISTORY: LiteralString = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text
"""
HISTORY: LiteralString = "select version from supabase_migrations.schema_migrations"
IS_APPLIED: LiteralString = "select from supabase_migrations.schema_migrations where version = %s"
RECORD: LiteralString = """
insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)
"""


class MigrationError(Exception):
    """Why the database stays at its version, with the way out. What was applied before stays applied."""


@dataclass(frozen=True)
class Migration:
    version: str
    """The digits the file name starts with. They order as text, as in the CLI."""
    name: str
    path: Path


def migrate(
    dsn: str, folder: Path = FOLDER, announce: Callable[[str], None] = lambda step: None
) -> list[str]:
    """Bring a database to the newest version, as the owner of its schema; no superuser is needed.

    Returns what was applied: file names, then steps of the job queue. `announce` hears of each. Raises
    MigrationError when the database has a version the folder lacks, when a new file sorts before an
    applied one (the CLI refuses both too), or when a file fails: nothing of that file remains.
    """
    migrations = read_folder(folder)
    with _connect(dsn) as connection:
        _ensure_history(connection)
        new = _new(_history(connection), migrations)
        applied = [m.path.name for m in new if _apply(connection, m, announce)]
        return applied + _update_jobs(connection, announce)


def pending(dsn: str, folder: Path = FOLDER) -> list[str]:
    """Names of the files that a database lacks; needs only the right to read its history."""
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
        have = _history(connection) if _has_history(connection) else set()
    return [m.path.name for m in read_folder(folder) if m.version not in have]


def read_folder(folder: Path) -> list[Migration]:
    """The migrations in order. Raises MigrationError for a name that does not say where it belongs."""
    migrations = [_read_name(path) for path in folder.glob("*.sql")]
    if not migrations:
        raise MigrationError(f"there are no migrations in {folder}")
    migrations.sort(key=lambda migration: migration.version)
    for one, other in itertools.pairwise(migrations):
        if one.version == other.version:
            raise MigrationError(f"{one.path.name} and {other.path.name} have the same version")
    return migrations


def _read_name(path: Path) -> Migration:
    match = FILE_NAME.fullmatch(path.name)
    if match is None:
        raise MigrationError(f"{path.name}: a migration is named <14 digits>_<name>.sql")
    return Migration(match[1], match[2], path)


def _connect(dsn: str) -> psycopg.Connection:
    try:
        return psycopg.connect(dsn, autocommit=True, prepare_threshold=None)
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise MigrationError(f"the database cannot be reached: {reason}") from error


def _has_history(connection: psycopg.Connection) -> bool:
    return connection.execute(HAS_HISTORY).fetchone() == (True,)


def _ensure_history(connection: psycopg.Connection) -> None:
    if not _has_history(connection):
        with connection.transaction():
            connection.execute(LOCK)
            connection.execute(CREATE_HISTORY)


def _history(connection: psycopg.Connection) -> set[str]:
    return {version for (version,) in connection.execute(HISTORY)}


def _new(have: set[str], migrations: list[Migration]) -> list[Migration]:
    unknown = have - {migration.version for migration in migrations}
    if unknown:
        raise MigrationError(
            f"the database has migration {min(unknown)}, which this version of Raptorflow lacks: "
            "run the version that has it"
        )
    new = [migration for migration in migrations if migration.version not in have]
    newest = max(have, default="")
    if new and new[0].version < newest:
        raise MigrationError(
            f"{new[0].path.name} sorts before {newest}, which is applied already: give it a newer version"
        )
    return new


def _apply(
    connection: psycopg.Connection, migration: Migration, announce: Callable[[str], None]
) -> bool:
    """Whether it was applied here; False when another replica has done so meanwhile."""
    text = migration.path.read_text(encoding="utf-8")
    if control := TRANSACTION_CONTROL.search(text):
        raise MigrationError(
            f"{migration.path.name}: `{control[0].strip()}` is not for a migration, which is one transaction"
        )
    try:
        with connection.transaction():
            connection.execute("reset all")
            connection.execute(LOCK)
            if connection.execute(IS_APPLIED, (migration.version,)).fetchone() is not None:
                return False
            announce(migration.path.name)
            connection.execute(text.encode())  # without parameters: many statements at once
            connection.execute(RECORD, (migration.version, migration.name, [text]))
    except psycopg.Error as error:
        place = migration.path.name + _line(error, text)
        raise MigrationError(f"{place}: {_reason(error)}") from error
    return True


def _line(error: psycopg.Error, text: str) -> str:
    position = error.diag.statement_position
    return f" line {text.count(chr(10), 0, int(position) - 1) + 1}" if position else ""


def _reason(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error)


def _update_jobs(connection: psycopg.Connection, announce: Callable[[str], None]) -> list[str]:
    try:
        with connection.transaction():
            connection.execute("reset all")
            connection.execute(LOCK)
            applied = job_schema.bring_up_to_date(connection)
    except psycopg.Error as error:
        raise MigrationError(f"the tables of the job queue: {_reason(error)}") from error
    for step in applied:
        announce(step)
    return applied
