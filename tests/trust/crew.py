"""Workers as processes of their own."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator

from backend.core.config import Settings
from tests.workers import environment

END_SECONDS = 30


class Worker:
    """`python -m backend.worker`, or another module with arguments; it can be killed and started again."""

    def __init__(
        self, settings: Settings, *command: str, module: str = "backend.worker", **changes: str
    ) -> None:
        self._command = [sys.executable, "-m", module, *command]
        self._env = environment(settings, **changes)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, env=self._env)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(END_SECONDS)


@contextlib.asynccontextmanager
async def crew(settings: Settings, size: int, **changes: str) -> AsyncIterator[list[Worker]]:
    workers = [Worker(settings, **changes) for _ in range(size)]
    try:
        for worker in workers:
            worker.start()
        yield workers
    finally:
        await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in workers))
