"""A Postgres and a Valkey of its own that a test may stop hard, with somebody's settings to use them."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from backend.core.config import Settings
from backend.core.migrations import migrate
from backend.local import accounts, postgres, redis
from tests.local.holders import temporary_folder


class House:
    """`fall` kills the postmaster at once, as a lost machine would; `rise` starts it on the same port."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self._server = postgres.start(folder)
        migrate(self._server.dsn())
        postgres.set_password(self._server, "raptorflow_app")
        secret = type(settings.database_url)
        self.settings = settings.model_copy(
            update={
                "database_url": secret(self._server.dsn("raptorflow_app")),
                "migration_database_url": secret(self._server.dsn()),
            }
        )

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def superuser_dsn(self) -> str:
        return self._server.superuser_dsn()

    def fall(self) -> None:
        pid_file = accounts.home_of(self.folder) / "data" / "postmaster.pid"
        postmaster = psutil.Process(int(pid_file.read_text().split()[0]))
        sessions = postmaster.children()
        for process in (postmaster, *sessions):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs([postmaster, *sessions], timeout=10)

    def rise(self) -> float:
        """Seconds it took until Postgres itself was there again: it replays its log first."""
        began = time.monotonic()
        again = postgres.start(self.folder)
        self._server.leave()
        self._server = again
        return time.monotonic() - began

    def leave(self) -> None:
        self._server.leave()


@contextlib.contextmanager
def house(settings: Settings) -> Iterator[House]:
    with temporary_folder() as folder:
        made = House(folder / "postgres", settings)
        try:
            yield made
        finally:
            made.leave()


class Cellar:
    """A Valkey to kill and to start again, empty, on the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = redis.start(folder)

    @property
    def url(self) -> str:
        return self._server.url

    def fall(self) -> None:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.cwd() == str(self._folder.resolve()) and "valkey" in process.name():
                    process.kill()
        until = time.monotonic() + 10
        while self._server.is_running():
            assert time.monotonic() < until, "Valkey was not found"
            time.sleep(0.02)

    def rise(self) -> None:
        again = redis.start(self._folder)
        self._server.leave()
        self._server = again

    def leave(self) -> None:
        self._server.leave()


@contextlib.contextmanager
def cellar() -> Iterator[Cellar]:
    with temporary_folder() as folder:
        made = Cellar(folder / "valkey")
        try:
            yield made
        finally:
            made.leave()
