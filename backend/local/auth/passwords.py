"""Password hashes (argon2id), and how often one may guess."""

import asyncio
import functools
from collections import deque
from collections.abc import Callable, Hashable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH: Final = 6
MAX_LENGTH: Final = 72
AT_ONCE: Final = 2
"""A hash takes 64 MB and a core; more at once would only be slower."""


class Passwords:
    """Hashes and checks in threads. Checking takes the same time with and without a hash to check against."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, hashed: str | None) -> bool:
        async with self._slots:
            return await asyncio.to_thread(self._matches, password, hashed)

    def _matches(self, password: str, hashed: str | None) -> bool:
        try:
            self._hasher.verify(hashed or self._nobodys_hash, password)
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    @functools.cached_property
    def _nobodys_hash(self) -> str:
        return self._hasher.hash("")


class Attempts:
    """At most `limit` attempts per key within `window_seconds`; the oldest keys are forgotten first."""

    MAX_KEYS: Final = 10_000

    def __init__(self, limit: int, window_seconds: float, now: Callable[[], float]) -> None:
        self._limit = limit
        self._window = window_seconds
        self._now = now
        self._times: dict[Hashable, deque[float]] = {}

    def take(self, key: Hashable) -> bool:
        """Count an attempt; False when there were too many."""
        times = self._times.pop(key, None) or deque()
        while times and times[0] <= self._now() - self._window:
            times.popleft()
        allowed = len(times) < self._limit
        if allowed:
            times.append(self._now())
        self._times[key] = times
        if len(self._times) > self.MAX_KEYS:
            self._times.pop(next(iter(self._times)))
        return allowed

    def give_back(self, key: Hashable) -> None:
        """The last attempt was a success and does not count."""
        if times := self._times.get(key):
            times.pop()
