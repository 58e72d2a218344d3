"""Telling a run's followers what happens, in order, with as few transactions as that takes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

QUICK = frozenset({"perceive", "route", "reflect"})
"""Nodes that another follows within milliseconds. Not `approve`: what follows it may wait for a lock."""
Told = tuple[str, Mapping[str, Any]]


class Teller:
    """Tells a run's followers, one thing after the other, since steps may go side by side.

    What a quick node did waits for the next event, a moment later, and is written with it.
    """

    def __init__(self, write: Callable[..., Awaitable[None]]) -> None:
        self._write = write
        self._turn = asyncio.Lock()
        self._waiting: list[Told] = []

    async def tell(self, node: str, details: dict[str, Any]) -> None:
        async with self._turn:
            if node in QUICK:
                self._waiting.append((node, details))
                return
            waiting, self._waiting = self._waiting, []
            await self._write(node, details, waiting)

    async def flush(self) -> None:
        """Write what still waits; the walk has ended and no event follows."""
        async with self._turn:
            if self._waiting:
                waiting, self._waiting = self._waiting, []
                *before, (node, details) = waiting
                await self._write(node, details, before)
