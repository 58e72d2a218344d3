"""The command line as its users have it: processes of their own, in an environment without our settings."""

import contextlib
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import psutil

from backend.local import address
from backend.local.address import Address
from tests.local.holders import wait_until_stopped

RAPTORFLOW = [sys.executable, "-m", "backend.cli"]
UP = [*RAPTORFLOW, "up", "--port=0", "--no-web"]
ROOT = Path(__file__).parents[2]


def environment(**settings: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), **settings}


def raptorflow(
    folder: Path, *arguments: str, **settings: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; `folder` keeps it from any `.env`."""
    return subprocess.run(
        [*RAPTORFLOW, *arguments],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@dataclass
class Up:
    """A stack that is ready. `said` is what it has printed until then."""

    process: "subprocess.Popen[str]"
    data_dir: Path
    said: str

    @property
    def address(self) -> Address:
        found = address.find(self.data_dir)
        assert found is not None
        return found

    def ready(self) -> bool:
        return httpx.get(f"{self.address.api_url}/ready", timeout=20).status_code == 200

    def becomes_ready(self, seconds: float = 10) -> bool:
        """Whether it is ready in time; meanwhile it says that it is not."""
        deadline = time.monotonic() + seconds
        while not (ready := self.ready()) and time.monotonic() < deadline:
            os.sched_yield()
        return ready

    def hears(self, event: str) -> str:
        """The next line of its log with this event in it."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if event in line:
                return line
        raise AssertionError(f"it ended without {event}")

    def workers(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "backend.worker" in child.cmdline()]

    def processes(self) -> list[psutil.Process]:
        """Its own, its workers', and the embedded servers' with all of theirs."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True), *servers_of(self.data_dir)]


def servers_of(data_dir: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(str(data_dir) in text for text in (*process.cmdline(), process.cwd())):
                found += [process, *process.children()]
    return found


@contextlib.contextmanager
def up(data_dir: Path, *options: str, **settings: str) -> Iterator[Up]:
    """`raptorflow up` on a free port, ready; killed at the end if it still runs."""
    command = [*UP, f"--data-dir={data_dir}", *options]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        command, cwd=data_dir.parent, env=environment(**settings), **pipes
    ) as process:
        try:
            assert process.stdout is not None
            yield Up(process, data_dir, read_until_ready(process.stdout))
        finally:
            process.kill()
            wait_for_servers(data_dir)


@contextlib.contextmanager
def up_on_a_terminal(data_dir: Path) -> Iterator[tuple[int, int, str]]:
    """The same on a terminal of its own: pid, descriptor of the terminal, what it shows when ready."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(data_dir.parent)
        command = [*UP, f"--data-dir={data_dir}"]
        os.execve(sys.executable, command, environment(TERM="xterm", COLUMNS="40"))
    with os.fdopen(terminal, "r", newline="") as screen:
        try:
            yield pid, terminal, read_until_ready(screen)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
            wait_for_servers(data_dir)


def read_until_ready(output: IO[str]) -> str:
    said = ""
    for line in output:
        said += line
        if "Ready" in line:
            return said
    raise AssertionError(f"it ended before it was ready: {said}")


def wait_for_servers(data_dir: Path) -> None:
    for name in ("postgres", "valkey"):
        if (data_dir / name).exists():
            wait_until_stopped(data_dir / name)


def are_gone(processes: list[psutil.Process], seconds: float = 10) -> bool:
    """Whether all of them end in time."""
    _, left = psutil.wait_procs(processes, timeout=seconds)
    return all(process.status() == psutil.STATUS_ZOMBIE for process in left)
