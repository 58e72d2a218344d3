"""Child processes of the embedded stack."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Mapping
from pathlib import Path

import structlog

log = structlog.get_logger("stack")

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0
LONG_ENOUGH_SECONDS = 30.0
"""A worker that ran for so long did not die of its start, and is started again without a longer pause."""
GRACE_SECONDS = 10.0


def child_environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of this process, with further settings, for a child of it."""
    return {**os.environ, **(settings or {})}


class WorkerProcess:
    """One worker beside the API, started again when it dies. It ends when this process ends."""

    def __init__(self, number: int, settings: Mapping[str, str], logs: Path) -> None:
        self._number = number
        self._environment = child_environment(settings)
        self._log = logs / f"worker-{number}.log"
        self._told_to_stop = asyncio.Event()

    async def run(self) -> None:
        """Keep it running until `stop`, then let it finish what it has in hand, for a while."""
        pause = FIRST_PAUSE_SECONDS
        while not self._told_to_stop.is_set():
            clock = asyncio.get_running_loop().time
            began = clock()
            process = await self._start()
            await self._first_of(process.wait())
            if self._told_to_stop.is_set():
                await _end(process)
                return
            brief = clock() - began < LONG_ENOUGH_SECONDS
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if brief else FIRST_PAUSE_SECONDS
            log.warning(
                "worker_died",
                worker=self._number,
                code=process.returncode,
                restart_in_seconds=pause,
                log=str(self._log),
            )
            await self._first_of(asyncio.sleep(pause))

    def stop(self) -> None:
        self._told_to_stop.set()

    async def _start(self) -> asyncio.subprocess.Process:
        with self._log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "backend.worker",
                f"--exit-with-parent={os.getpid()}",
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C goes to the parent, which stops its children in order
            )

    async def _first_of(self, event: Awaitable[object]) -> None:
        """Wait for the event, or for the wish to stop."""
        waits = [asyncio.ensure_future(event), asyncio.ensure_future(self._told_to_stop.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
