"""What a process makes when it is first asked for: in a thread, once, and then kept.

Start-up pays for nothing that no request uses yet, and the event loop does not wait while it is made.
"""

import asyncio
import importlib
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_loaded: dict[str, Any] = {}


class Later(Generic[T]):
    """`make` may block, and is called until it gave something once: what it raises goes to the caller."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._turn = asyncio.Lock()
        self.made: T | None = None
        """What was made, if it was."""

    async def get(self) -> T:
        if self.made is None:
            async with self._turn:
                if self.made is None:
                    self.made = await asyncio.to_thread(self._make)
        return self.made


async def module(name: str) -> Any:
    """The module of this name, imported in a thread the first time."""
    if name not in _loaded:
        _loaded[name] = await asyncio.to_thread(importlib.import_module, name)
    return _loaded[name]
