"""`raptorflow migrate`."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql
from rich.console import Console

from backend.cli.steps import Steps
from backend.core import migrations
from backend.core.config import Settings, given_settings, load_settings
from backend.core.migrations import MigrationError
from backend.local import postgres, stack

console = Console(highlight=False)


def migrate(data_dir: Path) -> None:
    """Apply what is missing to the real database, or to the embedded one if none is set."""
    if "database_url" in given_settings():
        _migrate_real(load_settings())
    else:
        _migrate_embedded(data_dir)


def _migrate_embedded(data_dir: Path) -> None:
    with Steps(console) as steps:
        with steps.step("Postgres"):
            server = postgres.start(data_dir / "postgres")
        try:
            stack.migrate_embedded(server, steps.step)
        finally:
            server.leave()
    console.print("The embedded database is at the newest version.")


def _migrate_real(settings: Settings) -> None:
    owner, runtime = settings.owner_database_url, settings.database_url.get_secret_value()
    try:
        applied = migrations.migrate(owner, announce=lambda name: console.print(name, style="dim"))
        _let_runtime_role_log_in(owner, runtime)
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationError(
            f"MIGRATION_DATABASE_URL: must log in as the owner ({error.diag.message_primary})"
        ) from error
    done = f"{len(applied)} applied" if applied else "nothing to apply"
    console.print(f"[green]✓[/green] The database is at the newest version ({done}).")


def _let_runtime_role_log_in(owner_url: str, runtime_url: str) -> None:
    """Give the runtime role the password that DATABASE_URL names, when that is the role it logs in as."""
    parts = urlsplit(runtime_url)
    role = unquote(parts.username or "").partition(".")[0]  # poolers append the project to the name
    if role != "raptorflow_app" or not parts.password:
        return
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("alter role {} password {}").format(
                sql.Identifier(role), unquote(parts.password)
            )
        )
