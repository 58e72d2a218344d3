"""Ports and child processes of the embedded stack."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Mapping

import structlog

log = structlog.get_logger("stack")

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0


class PortTaken(Exception):
    """The port that was asked for is in use."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(f"port {port} is in use; choose another with --port")


def free_port(host: str, preferred: int) -> int:
    """The preferred port if it is free, else one the system picks. 0 asks for any."""
    for candidate in (preferred, 0):
        with contextlib.suppress(OSError):
            return _bind(host, candidate)
    raise PortTaken(preferred)


def require_port(host: str, port: int) -> int:
    """This port and no other (0: any). Raises PortTaken."""
    try:
        return _bind(host, port)
    except OSError as error:
        raise PortTaken(port) from error


def _bind(host: str, port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        chosen: int = probe.getsockname()[1]
        return chosen


def child_environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of this process, with further settings, for a child of it."""
    return {**os.environ, **(settings or {})}


class WorkerProcess:
    """One worker beside the API, started again when it dies. It ends when this process ends."""

    def __init__(self, number: int, settings: Mapping[str, str]) -> None:
        self._number = number
        self._environment = child_environment(settings)
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def run(self) -> None:
        """Keep it running until `stop`."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping:
            started = asyncio.get_running_loop().time()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "backend.worker",
                "--exit-with-parent",
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C goes to the parent, which stops its children in order
            )
            code = await self._process.wait()
            if self._stopping:
                return
            lasted = asyncio.get_running_loop().time() - started
            pause = FIRST_PAUSE_SECONDS if lasted > 30 else min(pause * 2, LONGEST_PAUSE_SECONDS)
            log.warning("worker_died", worker=self._number, code=code, restart_in_seconds=pause)
            await asyncio.sleep(pause)

    async def stop(self, grace_seconds: float = 10) -> None:
        """Let it finish what it has in hand, for a while."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(grace_seconds):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
