"""`raptorflow up`: the whole stack in one go, and all of it down again on Ctrl-C or SIGTERM."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
import uvicorn
from rich.console import Console
from rich.markup import escape
from starlette.applications import Starlette

from backend.cli import seconds_since_start
from backend.cli.steps import NAME_WIDTH, Interrupted, Steps
from backend.core.config import Settings
from backend.core.logs import configure_logging
from backend.local import address, ports, stack
from backend.local.address import Address, StackError
from backend.local.processes import WorkerProcess
from backend.local.stack import Stack
from backend.local.web import WebApp, why_not

GRACE_SECONDS = 5
"""How long requests may take to finish after the wish to stop."""
LOOK_SECONDS = 1.0
"""How often we look whether an embedded server was killed."""
MOST_REVIVALS = 5

console = Console()
log = structlog.get_logger("stack")


@dataclass(frozen=True)
class Wishes:
    """The options of the command."""

    host: str
    port: int
    data_dir: Path
    web: bool
    web_port: int
    workers: int
    for_process: int | None
    """The process that started this one, if the stack and its data are to go when that one does."""

    @property
    def home(self) -> Path:
        return self.data_dir.resolve()

    @property
    def logs(self) -> Path:
        return self.home / "logs"


async def run(wishes: Wishes) -> None:
    """Start, say where everything is, and return when told to stop.

    Raises ConfigError, StackError, ServerError or MigrationError for what cannot start or go on.
    """
    try:
        await _live(wishes)
    finally:
        if wishes.for_process is not None:
            stack.remove_data(wishes.home)


async def _live(wishes: Wishes) -> None:
    stack.check_settings()
    configure_logging("WARNING")
    stop, steps = asyncio.Event(), Steps(console)
    with (
        contextlib.suppress(Interrupted),
        address.sole(wishes.home),
        ports.listen(wishes.host, wishes.port) as listener,
        _told_by_signals(stop, steps.interrupt),
    ):
        async with AsyncExitStack() as opened:
            with steps:
                running, servers = await _start(opened, wishes, listener, steps)
            url = ports.url(listener)
            address.publish(wishes.home, _address(running.settings, url))
            web = _web_app(wishes, running.settings, url)
            _announce(running, url, wishes, web)
            try:
                async with _beside(web):
                    await _until_over(stop, running, servers, wishes.for_process)
                    console.print("Stopping", style="dim")
            finally:
                address.withdraw(wishes.home)


@contextmanager
def _told_by_signals(stop: asyncio.Event, interrupt: Callable[[], None]) -> Iterator[None]:
    """The first signal stops in order; a second one ends at once, and the keepers clear up."""
    loop = asyncio.get_running_loop()

    def told(number: signal.Signals) -> None:
        stop.set()
        interrupt()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told, number)
    yield


# --- starting --------------------------------------------------------------------------------------------


async def _start(
    opened: AsyncExitStack, wishes: Wishes, listener: socket.socket, steps: Steps
) -> tuple[Stack, list[asyncio.Task[None]]]:
    """Everything, in the order in which `opened` is not to stop it; and the tasks of the HTTP servers."""
    loading = asyncio.create_task(asyncio.to_thread(_load_api))  # while the servers start
    running = await asyncio.to_thread(
        stack.start, wishes.data_dir, wishes.host, steps.step, ports.url(listener)
    )
    opened.push_async_callback(asyncio.to_thread, running.leave)
    servers = []
    if running.supabase:
        with steps.step("Auth and storage"):
            local = running.supabase
            servers.append(await opened.enter_async_context(_served(local.app, local.listener)))
    if running.phonepe:
        pay = running.phonepe
        servers.append(await opened.enter_async_context(_served(pay.app, pay.listener)))
    await opened.enter_async_context(_workers(wishes, running))
    with steps.step("API"):
        create_app = await loading
        app = create_app(running.settings)
        servers.append(await opened.enter_async_context(_served(app, listener)))
    _keep_log(wishes.logs / "api.log")
    return running, servers


def _load_api() -> Callable[[Settings], Starlette]:
    """Importing takes longer than all the rest of the API's start."""
    from backend.main import create_app

    return create_app


class _Server(uvicorn.Server):
    """A uvicorn server whose stop is ours to say, because two of them share this process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _served(app: Starlette, listener: socket.socket) -> AsyncIterator[asyncio.Task[None]]:
    """Serve the application. What its lifespan raises is raised here, not logged by uvicorn."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="off",
    )
    server = _Server(config)
    async with app.router.lifespan_context(app):
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield task
        finally:
            server.should_exit = True
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _workers(wishes: Wishes, running: Stack) -> AsyncIterator[None]:
    """The worker processes, with their logs beside the data."""
    wishes.logs.mkdir(exist_ok=True)
    workers = [
        WorkerProcess(number, running.environment, wishes.logs)
        for number in range(1, wishes.workers + 1)
    ]
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        await asyncio.gather(*tasks)


def _web_app(wishes: Wishes, settings: Settings, api_url: str) -> WebApp | None:
    """The web app for this stack, if it is wanted and this machine can serve it."""
    if not wishes.web or why_not():
        return None
    where = {
        "API_URL": api_url,
        "SUPABASE_URL": settings.supabase_url,
        "SUPABASE_ANON_KEY": settings.supabase_anon_key.get_secret_value(),
    }
    port = ports.free_port(wishes.host, wishes.web_port)
    return WebApp(port, wishes.host, where, wishes.logs, partial(_row, "Web app"))


@asynccontextmanager
async def _beside(web: WebApp | None) -> AsyncIterator[None]:
    """Build and serve the web app while the block runs. What fails of it is said, and ends nothing else."""
    if web is None:
        yield
        return
    task = asyncio.create_task(web.run())
    try:
        yield
    finally:
        web.stop()
        await asyncio.gather(task, return_exceptions=True)


def _keep_log(file: Path) -> None:
    """Write what the API says into a file as well."""
    root = logging.getLogger()
    handler = logging.FileHandler(file)
    handler.setFormatter(root.handlers[0].formatter)
    root.addHandler(handler)


# --- running ---------------------------------------------------------------------------------------------


async def _until_over(
    stop: asyncio.Event, running: Stack, servers: list[asyncio.Task[None]], for_process: int | None
) -> None:
    """Return on the wish to stop. Raises what a part that ended for good has to say."""
    told = asyncio.create_task(stop.wait())
    tending = asyncio.create_task(_tend(running, for_process))
    await asyncio.wait([told, tending, *servers], return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if tending.done():
        tending.result()
    elif stop.is_set():
        tending.cancel()
    else:
        raise StackError("a server ended by itself; what it said is above")


async def _tend(running: Stack, for_process: int | None) -> None:
    """Start embedded servers again when they were killed. Returns when `for_process` is gone."""
    revivals = 0
    while for_process is None or for_process == os.getppid():
        await asyncio.sleep(LOOK_SECONDS)
        if revived := await asyncio.to_thread(running.revive):
            revivals += 1
            log.warning("server_started_again", servers=revived)
        if revivals == MOST_REVIVALS:
            raise StackError(f"an embedded server ended {revivals} times; look into its log")


def _address(settings: Settings, api_url: str) -> Address:
    return Address(api_url, settings.supabase_url, settings.supabase_anon_key.get_secret_value())


def _model(settings: Settings) -> str:
    free = settings.model_provider == "composer"
    return "composer (offline, no cost)" if free else settings.model_provider


def _letters(running: Stack) -> str:
    """Where mail goes; the address may hold a password, so of a server only its host is said."""
    given = running.settings.mail_url
    if given is None:
        return "are not sent (MAIL_URL)"
    parts = urlsplit(given.get_secret_value())
    return unquote(parts.path) if parts.scheme == "file" else f"leave by {parts.hostname}"


def _payments(running: Stack) -> str:
    if running.phonepe:
        return f"simulated at {ports.url(running.phonepe.listener)}, no money moves"
    if not running.settings.payments_enabled:
        return "off: set PHONEPE_CLIENT_ID"
    return f"PhonePe {running.settings.phonepe_environment}"


def _announce(running: Stack, api_url: str, wishes: Wishes, web: WebApp | None) -> None:
    settings = running.settings
    rows = [
        ("API", api_url),
        ("Documentation", f"{api_url}/docs"),
        ("Auth and storage", settings.supabase_url),
        ("Anonymous key", settings.supabase_anon_key.get_secret_value()),
        ("Database", running.parts["database"]),
        ("Redis", running.parts["redis"]),
        ("Payments", _payments(running)),
        ("Model", _model(settings)),
        ("Letters", _letters(running)),
        ("Logs", str(wishes.logs)),
    ]
    if wishes.web:
        comes = "comes in a moment" if web and web.is_built else "is built first"
        rows.append(("Web app", f"{web.url} {comes}" if web else str(why_not())))
    console.print()
    for name, value in rows:
        _row(name, value)
    ready = f"\n[green]Ready[/green] in {seconds_since_start():.1f} s. Ctrl-C stops all of it."
    console.print(ready, highlight=False, soft_wrap=True)


def _row(name: str, value: str) -> None:
    line = f"[bold]{name:<{NAME_WIDTH + 2}}[/bold]{escape(value)}"
    console.print(line, highlight=False, soft_wrap=True)
