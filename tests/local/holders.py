"""Processes that hold an embedded server, to be killed."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

HOLD = """
import sys
from backend.local import {module}
try:
    server = {module}.start(sys.argv[1])
except {module}.ServerError as error:
    sys.exit(str(error))
print(server.{address}, flush=True)
sys.stdin.read()
"""
ADDRESSES = {"postgres": "superuser_dsn()", "redis": "url"}


def hold(module: str, directory: Path, *wrapper: str, **options: Any) -> subprocess.Popen[str]:
    """A process that uses the server of `directory`, under a command such as `runuser` if given."""
    code = HOLD.format(module=module, address=ADDRESSES[module])
    arguments: dict[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        **options,
    }
    return subprocess.Popen([*wrapper, sys.executable, "-c", code, directory], **arguments)


@contextlib.contextmanager
def holding(module: str, directory: Path, count: int = 1) -> Iterator[list[subprocess.Popen[str]]]:
    """Several of them, started at once; whoever is left at the end ends too, and so does the server."""
    processes = [hold(module, directory) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()
        wait_until_stopped(directory)


def address(process: subprocess.Popen[str]) -> str:
    """Where its server is; raises what it complained about instead."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line, process.communicate()[1]
    return line


def wait_until_stopped(directory: Path, seconds: int = 10) -> None:
    """Return when no process of the server and no keeper is left; raises TimeoutError."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"the server of {directory} still runs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        for name in ("clients.lock", "server.lock"):
            descriptor = os.open(directory / name, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.close(descriptor)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Which other accounts may enter, unlike pytest's own: as root, Postgres runs as another."""
    folder = Path(tempfile.mkdtemp(prefix="raptorflow-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)
