"""`raptorflow verify`: does this database keep tenants apart, and do these settings keep strangers out?

The catalogue is read in a read-only transaction; the isolation matrix is tried in one that is rolled back.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from rich.console import Console
from rich.text import Text

from backend.cli import secret_strength
from backend.cli.isolation import trial
from backend.cli.isolation.catalogue import read_tables
from backend.cli.isolation.laws import LAWS, MIGRATE
from backend.cli.isolation.matrix import ACTORS, Actor
from backend.cli.isolation.tenants import Connection
from backend.core import migrations
from backend.core.config import Settings, given_settings, load_settings
from backend.core.startup import ROLE_CHECK
from backend.local import postgres
from backend.local.address import StackError

CONNECT_SECONDS = 10
MEANT: dict[Actor, str] = {
    "anon": "a visitor without a token reaches nothing",
    "stranger": "a user of another workspace reaches nothing",
    "owner": "a user reaches their own rows, by the verbs that are theirs",
    "service": "the server's role does what it must, and leaves the books alone",
}


@dataclass(frozen=True)
class Finding:
    """`faults` are sentences; without any the check is passed."""

    check: str
    holds: str
    faults: list[str]
    mend: str


def run(*, database_url: str | None, as_json: bool, data_dir: Path) -> int:
    """Print what was found; 1 when something is wrong. Raises StackError, ConfigError, MigrationError."""
    try:
        findings = list(_findings(database_url, data_dir))
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise StackError(f"the database cannot be reached: {reason}") from error
    if as_json:
        found = [{"ok": not finding.faults, **asdict(finding)} for finding in findings]
        print(json.dumps(found, indent=2))  # noqa: T201
    else:
        _print(findings)
    return 1 if any(finding.faults for finding in findings) else 0


def _findings(database_url: str | None, data_dir: Path) -> Iterator[Finding]:
    if database_url is not None:
        yield from _database(database_url)
    elif "database_url" in given_settings():
        settings = load_settings()
        yield _login(settings)
        yield from _database(settings.owner_database_url)
        yield _secrets(settings)
    else:
        with _embedded(data_dir) as owner:
            yield from _database(owner)


@contextmanager
def _embedded(data_dir: Path) -> Iterator[str]:
    """The embedded database, started if it does not run."""
    folder = data_dir / "postgres"
    if not folder.exists():
        raise StackError(
            f"there is no database in {data_dir}: start it with `raptorflow up`, or give --database-url"
        )
    server = postgres.start(folder)
    try:
        yield server.dsn()
    finally:
        server.leave()


def _connect(url: str) -> Connection:
    return psycopg.connect(
        url, autocommit=True, prepare_threshold=None, connect_timeout=CONNECT_SECONDS
    )


def _login(settings: Settings) -> Finding:
    with _connect(settings.database_url.get_secret_value()) as connection:
        row = connection.execute(ROLE_CHECK).fetchone()
    unsafe, owns, may_be_user = row or (True, 0, False)
    faults = []
    if unsafe:
        faults.append("it logs in above row-level security")
    if owns:
        faults.append(f"it logs in as the owner of {owns} tables and indexes")
    if not may_be_user:
        faults.append("it logs in as a role that cannot act as a user")
    return Finding(
        "login",
        "DATABASE_URL logs in as a role that stands under row-level security",
        faults,
        "DATABASE_URL takes raptorflow_app, MIGRATION_DATABASE_URL the owner",
    )


def _database(url: str) -> Iterator[Finding]:
    behind = migrations.pending(url)
    faults = [f"{len(behind)} migrations are missing, first {behind[0]}"] if behind else []
    yield Finding("schema", "every migration is applied", faults, MIGRATE)
    if behind:
        return  # the rest would only say so again, table by table
    with _connect(url) as connection:
        with connection.transaction():
            connection.execute("set transaction read only")
            tables = read_tables(connection)
            for law in LAWS:
                yield Finding(law.name, law.holds, list(law.faults(connection, tables)), law.mend)
        try:
            tried = trial.hold(connection, tables)
        except trial.NotTried as error:
            mend = "log in as the owner of the schema (--database-url or MIGRATION_DATABASE_URL)"
            yield Finding("isolation", "", [f"the matrix was not tried: {error}"], mend)
            return
        for actor in ACTORS:
            holds = f"{MEANT[actor]} ({tried.count(actor)} attempts)"
            mend = "restore policies and grants as supabase/migrations has them"
            yield Finding(f"as {actor}", holds, list(tried.faults(actor)), mend)


def _secrets(settings: Settings) -> Finding:
    return Finding(
        "settings",
        "secrets are long enough, keys are not mixed up, nothing travels in plain text",
        list(secret_strength.faults(settings)),
        "make a secret with `openssl rand -hex 32`; docs/runbooks has how to change one",
    )


def _print(findings: list[Finding]) -> None:
    console = Console(highlight=False)
    for finding in findings:
        name = (f"{finding.check:<20}", "bold")
        if not finding.faults:
            console.print(Text.assemble(("✓ ", "green"), name, finding.holds), soft_wrap=True)
            continue
        for fault in finding.faults:
            console.print(Text.assemble(("✗ ", "red"), name, fault), soft_wrap=True)
        console.print(Text(f"  mend: {finding.mend}", style="dim"), soft_wrap=True)
    wrong = sum(len(finding.faults) for finding in findings)
    console.print(
        Text(f"{wrong} faults." if wrong else "Nothing is wrong.", "red" if wrong else "green")
    )
