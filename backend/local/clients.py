"""Who uses an embedded server: any number of processes share one, and it stops when the last of them ends.

A client holds a shared lock for as long as it lives; the kernel drops it however the process ends, SIGKILL
included. A detached *keeper* starts the server, waits for the exclusive lock, which it gets when no client
is left, and stops the server. A client killed at any moment therefore leaves no server behind (ADR 0010).

Keepers start with every client, so nothing but the standard library is imported here.
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

HOST = "127.0.0.1"
CLIENTS = "clients.lock"
"""Shared by the clients; the keeper gets it when there are none."""
STARTING = "start.lock"
"""Held while a server is started or stopped, and while its keeper is chosen."""
KEEPER = "keeper.lock"
"""Held by the keeper for its life."""
SERVER = "server.lock"
"""Inherited by the server, so held while any of its processes lives; unlike a pid it is never mistaken."""

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60.0
SETTLE_SECONDS = 30.0
POLL_SECONDS = 0.01


class ServerError(Exception):
    """Why an embedded server cannot run, with the way out."""


class EmbeddedServer(Protocol):
    """What a keeper needs to know of its server."""

    @property
    def directory(self) -> Path:
        """Holds the locks, and the file `port` once the server has been started."""

    def launch(self, lock: int) -> None:
        """Start, passing the descriptor `lock` on; return once clients may connect. Raises ServerError."""

    def stop(self) -> None:
        """Ask it to stop in good order; that it has shows in the lock."""


class Claim:
    """The use of a server by this process and what it forks. Ends with `release`, or with the process."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock: int | None = _open(directory / CLIENTS)
        fcntl.flock(self._lock, fcntl.LOCK_SH)  # waits while a keeper is stopping the server

    def is_served(self) -> bool:
        """Whether any process of the server lives; it may have been killed."""
        return not _is_free(self._directory / SERVER)

    def release(self) -> None:
        """Give up the claim. When it was the last one, return after the server has stopped."""
        if self._lock is None:
            return
        os.close(self._lock)
        self._lock = None
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            with _holding(self._directory / STARTING):
                if _is_free(self._directory / KEEPER) or _is_shared(self._directory / CLIENTS):
                    return
            time.sleep(POLL_SECONDS)


def join(directory: Path, keeper: str) -> Claim:
    """Use the server of this directory; start it with the module `keeper` if it does not run.

    Raises ServerError with what the keeper says.
    """
    directory.mkdir(parents=True, exist_ok=True)
    claim = Claim(directory)
    process = subprocess.Popen(
        [sys.executable, "-m", keeper, str(directory)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C at the terminal is for the clients
    )
    _, complaint = process.communicate()  # unlike subprocess.run, never kills a keeper half-way
    if process.returncode != 0:
        claim.release()
        raise ServerError(complaint.strip())
    return claim


def keep(server_of: Callable[[Path], EmbeddedServer]) -> None:
    """The life of a keeper, `python -m module directory`: start the server, outlive its clients, stop it.

    The process goes to the background once the server accepts connections; that is when `join` returns.
    When the server has a keeper already, this one ends there.
    """
    directory = Path(sys.argv[1])
    with _holding(directory / STARTING):
        server = _running(server_of, directory)
        elected = _open(directory / KEEPER)
        if not _try_lock(elected):
            return
    _detach(directory / "keeper.log")
    with _holding(directory / CLIENTS), _holding(directory / STARTING):
        try:
            _stop(server)
        finally:
            os.close(elected)  # while starts still wait: the next keeper must find the place free


def _running(server_of: Callable[[Path], EmbeddedServer], directory: Path) -> EmbeddedServer:
    try:
        server = server_of(directory)
        _ensure_running(server)
    except (ServerError, OSError) as error:
        sys.exit(str(error))
    return server


def _ensure_running(server: EmbeddedServer) -> None:
    lock = _open(server.directory / SERVER)
    deadline = time.monotonic() + SETTLE_SECONDS
    while not _try_lock(lock):
        if _accepts_connections(server.directory):
            break
        if time.monotonic() > deadline:
            raise ServerError(f"the server of {server.directory} neither answers nor ends")
        time.sleep(POLL_SECONDS)  # it was killed, and its last processes are ending
    else:
        server.launch(lock)
    os.close(lock)


def _stop(server: EmbeddedServer) -> None:
    lock = _open(server.directory / SERVER)
    if not _try_lock(lock):
        server.stop()
        fcntl.flock(lock, fcntl.LOCK_EX)


def becomes_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> bool:
    """Wait until a server that was just started is ready; False when it ended or took too long."""
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return True
        time.sleep(POLL_SECONDS)
    process.kill()
    return False


def _accepts_connections(directory: Path) -> bool:
    try:
        port = int((directory / "port").read_text())
        socket.create_connection((HOST, port), timeout=1).close()
    except (OSError, ValueError):
        return False
    return True


def _detach(log: Path) -> None:
    """Go on in the background, with errors going to `log`; the process that was started ends here."""
    if os.fork():
        os._exit(0)
    os.chdir("/")
    nowhere = os.open(os.devnull, os.O_RDWR)
    errors = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    for target, source in ((0, nowhere), (1, nowhere), (2, errors)):
        os.dup2(source, target)


# --- locks -----------------------------------------------------------------------------------------------


def _open(path: Path) -> int:
    """A bare descriptor, so that no garbage collection can drop the lock on it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def _try_lock(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _holding(path: Path) -> Iterator[None]:
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_free(path: Path) -> bool:
    descriptor = _open(path)
    try:
        return _try_lock(descriptor)
    finally:
        os.close(descriptor)


def _is_shared(path: Path) -> bool:
    """Whether others hold the lock as clients do: shared."""
    descriptor = _open(path)
    try:
        return _try_lock(descriptor, fcntl.LOCK_SH) and not _try_lock(descriptor)
    finally:
        os.close(descriptor)
