"""The service's side of the reader processes: few, warm, replaced when one dies."""

import asyncio
import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from backend.core.errors import Unavailable
from backend.services.documents.wire import Message, receive, send

log = structlog.get_logger(__name__)

READER = "backend.services.documents.reader"
ROOT = Path(__file__).parents[3]


class ReaderProcess:
    """A process that reads one document at a time. It gets no setting and no secret of the service."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # a fixed command
            [sys.executable, "-m", READER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd=ROOT,
            start_new_session=True,  # it and its forks are one group, which `kill` ends
        )

    def ask(self, request: Message) -> Message | None:
        """The reply; None when the process is no more. Blocks."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            send(self._process.stdin, request)
            return receive(self._process.stdout)
        except BrokenPipeError:
            return None

    def kill(self) -> None:
        """End it now, with what it is reading. From any thread, any number of times."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill it and give back what it held."""
        self.kill()
        with contextlib.suppress(BrokenPipeError), self._process:  # closes the pipes and waits
            return


class _Job:
    """One request. It runs in a thread; `cancel` may come from another at any moment."""

    def __init__(self, pool: "ReaderPool", request: Message) -> None:
        self._pool = pool
        self._request = request
        self._lock = threading.Lock()
        self._process: ReaderProcess | None = None
        self._cancelled = False

    def run(self) -> Message:
        """The reply. A reader that has died while it was idle is replaced, once."""
        for _ in range(2):
            process = self._pool.take()
            with self._lock:
                self._process = process
                if self._cancelled:
                    process.kill()
            reply = process.ask(self._request)
            with self._lock:
                self._process = None
            if reply is not None and not self._cancelled:
                self._pool.give_back(process)
                return reply
            process.close()
            if self._cancelled:
                break
            log.warning("document_reader_died")
        raise Unavailable(
            "The document could not be read just now. Try again.", code="reader_unavailable"
        )

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            if self._process:
                self._process.kill()


class ReaderPool:
    """Up to `size` documents are read at once, further ones wait. Independent of event loops."""

    def __init__(self, size: int) -> None:
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="document")
        self._idle: deque[ReaderProcess] = deque()

    def take(self) -> ReaderProcess:
        try:
            return self._idle.pop()
        except IndexError:
            return ReaderProcess()

    def give_back(self, process: ReaderProcess) -> None:
        self._idle.append(process)

    async def ask(self, request: Message) -> Message:
        """The reply to a request; cancelling the caller kills what is being read."""
        job = _Job(self, request)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, job.run)
        except asyncio.CancelledError:
            job.cancel()
            raise

    def close(self) -> None:
        """End the idle processes."""
        while self._idle:
            self._idle.pop().close()


pool = ReaderPool(2)
atexit.register(pool.close)
