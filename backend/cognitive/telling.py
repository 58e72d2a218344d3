"""Telling a run's followers what happens, in order, with as few transactions as that takes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from backend.core.errors import AppError
from backend.domain.runs import LeaseLost

QUICK = frozenset({"perceive", "route", "reflect"})
"""Nodes that another mostly follows within milliseconds. Not `approve`: what follows may wait for a lock."""
PATIENCE_SECONDS = 0.05
"""How long an event waits for the next one to be written with."""
Told = tuple[str, Mapping[str, Any]]


class Teller:
    """Tells a run's followers, one thing after the other, since steps may go side by side.

    What a quick node or a skill did waits for the next event, a moment later, and is written with it.
    """

    def __init__(self, write: Callable[..., Awaitable[None]]) -> None:
        self._write = write
        self._turn = asyncio.Lock()
        self._waiting: list[Told] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._late: asyncio.Task[None] | None = None

    async def tell(self, node: str, details: dict[str, Any]) -> None:
        async with self._turn:
            if node in QUICK or (node == "act" and "skill" in details):
                self._waiting.append((node, details))
                self._set_alarm()
                return
            await self._write(node, details, self._taken())

    async def flush(self) -> None:
        """Write what still waits; the walk has ended and no event follows."""
        async with self._turn:
            if waiting := self._taken():
                *before, (node, details) = waiting
                await self._write(node, details, before)

    def _taken(self) -> list[Told]:
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        waiting, self._waiting = self._waiting, []
        return waiting

    def _set_alarm(self) -> None:
        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._begin_late)

    def _begin_late(self) -> None:
        self._late = asyncio.create_task(self._write_late())

    async def _write_late(self) -> None:
        """What speaks against going on is said again to the next event, which somebody waits for."""
        with contextlib.suppress(AppError, LeaseLost):
            await self.flush()
