"""A TCP proxy in a thread of its own that can be slow, silent or gone."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Literal

Mode = Literal["well", "slow", "gone"]
SLOW_SECONDS = 5.0


class Proxy:
    """`mode` may be changed at any time: `slow` holds every answer, `gone` hangs up.

    `delay` is how long `slow` holds one, in seconds;
    `questions` counts what clients sent before an answer came.
    """

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self.mode: Mode = "well"
        self.port = 0
        self.delay = SLOW_SECONDS
        self.questions = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="proxy")

    def become(self, mode: Mode) -> None:
        self.mode = mode
        if mode == "gone":
            self._loop.call_soon_threadsafe(self._hang_up)

    def _hang_up(self) -> None:
        for writer in list(self._writers):
            writer.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        self._hang_up()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "gone":
            writer.close()
            return
        up_reader, up_writer = await asyncio.open_connection(*self._to)
        self._writers |= {writer, up_writer}
        asked = asyncio.Event()  # and not answered yet
        with (
            contextlib.suppress(OSError),
            contextlib.closing(writer),
            contextlib.closing(up_writer),
        ):
            await asyncio.gather(
                self._pass(reader, up_writer, asked, held=False),
                self._pass(up_reader, writer, asked, held=True),
            )
        self._writers -= {writer, up_writer}

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        asked: asyncio.Event,
        *,
        held: bool,
    ) -> None:
        with contextlib.suppress(OSError), contextlib.closing(writer):
            while data := await reader.read(65536):
                self.questions += not held and not asked.is_set()
                asked.clear() if held else asked.set()
                if held and self.mode == "slow":
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()

    @classmethod
    @contextlib.contextmanager
    def to(cls, host: str, port: int) -> Iterator["Proxy"]:
        proxy = cls(host, port)
        proxy._thread.start()
        proxy._ready.wait()
        try:
            yield proxy
        finally:
            proxy._loop.call_soon_threadsafe(proxy._stop.set)
            proxy._thread.join()
