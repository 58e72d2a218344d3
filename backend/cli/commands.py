"""The subcommands. Each imports what it needs when it runs."""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from backend.core.config import ConfigError
from backend.core.errors import AppError
from backend.core.migrations import MigrationError
from backend.local.address import StackError
from backend.local.clients import ServerError

WRONG_SETTING, REFUSED = 2, 1
INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM

app = typer.Typer(
    name="raptorflow",
    help="From a founder's own documents to a running marketing plan.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
errors = Console(stderr=True)

DataDir = Annotated[
    Path,
    typer.Option("--data-dir", help="Where the embedded stack keeps its data.", file_okay=False),
]
DEFAULT_DATA_DIR = Path(".raptorflow")
Result = TypeVar("Result")


def run() -> None:
    """Run the command; a wrong setting or a refused action is one clear line, not a traceback."""
    try:
        app()
    except ConfigError as error:
        _complain(*error.lines)
        raise SystemExit(WRONG_SETTING) from None
    except (AppError, MigrationError, ServerError, StackError) as error:
        _complain(str(error))
        raise SystemExit(REFUSED) from None


def _complain(*lines: str) -> None:
    for line in lines:
        errors.print(f"[red]✗[/red] {escape(line)}", highlight=False, soft_wrap=True)


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end. Ctrl-C and SIGTERM cancel the work, which then clears up."""

    async def cancellable() -> Result:
        task = asyncio.current_task()
        if task:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    try:
        return asyncio.run(cancellable())
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except asyncio.CancelledError:
        raise SystemExit(TERMINATED) from None


@app.command()
def up(
    port: Annotated[
        int, typer.Option(help="Port of the API; 0 picks a free one.", min=0, max=65535)
    ] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    data_dir: DataDir = DEFAULT_DATA_DIR,
    web: Annotated[
        bool,
        typer.Option("--web/--no-web", help="Build the web app once and serve it; needs Node."),
    ] = True,
    web_port: Annotated[
        int, typer.Option(help="Port of the web app; another if it is taken.", min=0, max=65535)
    ] = 3000,
    workers: Annotated[int, typer.Option(help="Worker processes.", min=1, max=32)] = 1,
    for_process: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Start everything: database, cache, local sign-in and storage, workers, API."""
    from backend.cli.up import Wishes, run

    _run(run(Wishes(host, port, data_dir, web, web_port, workers, for_process)))


@app.command()
def demo(
    evidence: Annotated[
        list[str] | None, typer.Option("--evidence", help="A file or a URL; may be repeated.")
    ] = None,
    goal: Annotated[str | None, typer.Option(help="What the move is to reach.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    api_url: Annotated[
        str | None, typer.Option(help="A running API; else the one of --data-dir.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Walk a founder's whole way over HTTP and print what came of it."""
    from backend.cli.demo import Wishes, run

    wishes = Wishes(evidence or [], goal, as_json, api_url, data_dir)
    raise SystemExit(_run(run(wishes)))


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Say of each part whether it is real, embedded or missing, and whether it works."""
    from backend.cli.doctor import run

    raise SystemExit(_run(run(as_json=as_json, data_dir=data_dir)))


@app.command()
def migrate(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Bring the database to the newest schema (MIGRATION_DATABASE_URL, else the embedded one)."""
    from backend.cli.database import migrate as run

    run(data_dir)


@app.command()
def verify(
    database_url: Annotated[
        str | None,
        typer.Option(
            help="Another database, as the owner of its schema; settings are not checked."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Prove that the database keeps tenants apart and that secrets are strong; changes nothing."""
    from backend.cli.verify import run

    raise SystemExit(run(database_url=database_url, as_json=as_json, data_dir=data_dir))


@app.command()
def worker() -> None:
    """Run one worker on the settings of the environment."""
    from backend.core.config import get_settings
    from backend.worker import run

    run(get_settings())


@app.command()
def token(
    email: Annotated[str, typer.Option(help="Whose token; the account is made if there is none.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Print an access token of the running local stack, for trying the API by hand."""
    from backend.cli.token import run

    print(_run(run(email, data_dir)))  # noqa: T201


@app.command()
def gstr1(
    month: Annotated[str, typer.Option(help="The month of the return, such as 2026-11.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Print the GST return of outward supplies of a month as CSV."""
    from backend.cli.gst_return import run

    sys.stdout.write(_run(run(month, data_dir)))


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from backend.cli.openapi import document

    print(json.dumps(document(), indent=2, ensure_ascii=False))  # noqa: T201
