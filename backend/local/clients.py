"""Who still needs an embedded server: any number of processes share one, and the last to end stops it.

Every client holds a shared lock on `clients.lock` for as long as it lives; the kernel drops it however the
process ends, SIGKILL included. A detached watchdog waits for the exclusive lock, that is, until no client is
left, and then stops the server. There is one watchdog for each data directory.
"""

import fcntl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def starting(directory: Path) -> Iterator[None]:
    """One start at a time: others wait, then find the server running."""
    with (directory / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def join(directory: Path) -> IO[str]:
    """Count as a client until the returned file is closed or this process ends."""
    lock = (directory / "clients.lock").open("a")
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def watch(module: str, *arguments: str) -> None:
    """Start `python -m module arguments` as the watchdog, in a session of its own.

    The shell in between ends at once, so the watchdog is nobody's child and leaves no zombie behind.
    """
    subprocess.run(
        ["/bin/sh", "-c", '"$@" &', "sh", sys.executable, "-m", module, *arguments],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=True,
    )


def stop_after_the_last(directory: Path, stop: Callable[[], None]) -> None:
    """Wait until no client is left, then call `stop`. A second watchdog returns at once."""
    with (directory / "watch.lock").open("w") as only_one:
        try:
            fcntl.flock(only_one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        with (directory / "clients.lock").open("a") as clients:
            fcntl.flock(clients, fcntl.LOCK_EX)
            stop()
            # A new starter waits for clients.lock and must then find the watchdog's place free.
            only_one.close()
