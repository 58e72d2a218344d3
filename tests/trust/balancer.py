"""A TCP load balancer in a thread of its own: each connection goes to one of those in rotation, in turns."""

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Iterator, Sequence

PIECE = 65536


class Balancer:
    """`rotation` are ports of this machine and may be changed at any time; what is open stays as it is."""

    def __init__(self, rotation: Sequence[int]) -> None:
        self.rotation = list(rotation)
        self.port = 0
        self._turns = itertools.count()
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="balancer")

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/api/v1"

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rotation = self.rotation
        port = rotation[next(self._turns) % len(rotation)]
        with contextlib.suppress(OSError), contextlib.closing(writer):
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(up_writer):
                await asyncio.gather(_pass(reader, up_writer), _pass(up_reader, writer))

    @classmethod
    @contextlib.contextmanager
    def between(cls, rotation: Sequence[int]) -> Iterator["Balancer"]:
        balancer = cls(rotation)
        balancer._thread.start()
        balancer._ready.wait()
        try:
            yield balancer
        finally:
            balancer._loop.call_soon_threadsafe(balancer._stop.set)
            balancer._thread.join()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError), contextlib.closing(writer):
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
