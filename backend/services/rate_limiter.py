"""How often one may ask: sliding windows in Redis, in this process while Redis is away (PRODUCT 9).

Two policies: `api` counts each endpoint of each caller, `agent` counts the runs a user starts. A larger plan
allows more of both. Counting is atomic in Redis; a process that lost Redis goes on with counters of its own,
because a limit is no reason to refuse everybody.

A process takes a twentieth of the limit at a time and spends it by itself: asking Redis about every request
would cost a third of a list's time. What it does not spend within a minute is lost to the caller. So in any
minute each process may let through a twentieth more than the limit, and up to two may be missed.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal
from weakref import WeakValueDictionary

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis

from backend.core.database import Database
from backend.core.errors import RateLimited
from backend.core.identity import Identity
from backend.core.redis_keys import RATE_LIMIT_PREFIX

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60
Policy = Literal["api", "agent"]
TIMES = {"free": 1, "starter": 2, "growth": 5, "enterprise": 10}
"""What a plan multiplies both policies by."""
SHARE = 20
LEASE_SECONDS = float(WINDOW_SECONDS)
MOST_LEASES = 10_000
REDIS_WITHIN_SECONDS = 0.25
REDIS_REST_SECONDS = 5.0
"""How long Redis is left alone after it failed to answer in time."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a policy: `remaining` requests for the next `reset_seconds`."""

    policy: Policy
    limit: int
    remaining: int
    reset_seconds: int
    allowed: bool

    @property
    def left(self) -> str:
        """The IETF draft's `RateLimit`."""
        return f'"{self.policy}";r={self.remaining};t={self.reset_seconds}'

    @property
    def rule(self) -> str:
        """The IETF draft's `RateLimit-Policy`."""
        return f'"{self.policy}";q={self.limit};w={WINDOW_SECONDS}'

    @property
    def headers(self) -> dict[str, str]:
        return {"RateLimit": self.left, "RateLimit-Policy": self.rule}

    def refusal(self) -> RateLimited:
        wait = max(1, self.reset_seconds)
        return RateLimited(
            f"Too many requests: {self.limit} a minute are allowed. Try again in {wait} s.",
            headers={**self.headers, "Retry-After": str(wait)},
        )


@dataclass(slots=True)
class _Lease:
    """Requests already counted for a caller, to be spent here until `until`."""

    taken: Allowance
    left: int
    until: float

    @property
    def usable(self) -> bool:
        return self.left > 0 and time.monotonic() < self.until

    def spend(self) -> Allowance:
        self.left -= 1
        taken = self.taken
        remaining = taken.remaining + self.left
        return Allowance(taken.policy, taken.limit, remaining, taken.reset_seconds, taken.allowed)


class RateLimiter:
    """Counts for all callers of this process; the counters themselves are in Redis."""

    def __init__(self, redis: Redis, database: Database, *, api: int, agent: int) -> None:
        shared = RedisStorage(
            "redis://",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=RATE_LIMIT_PREFIX,
            connection_pool=redis.connection_pool,  # type: ignore[arg-type]  # taken, but not typed
        )
        self._shared = SlidingWindowCounterRateLimiter(shared)
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._limits: dict[Policy, int] = {"api": api, "agent": agent}
        self._database = database
        self._leases: OrderedDict[tuple[str, str, str], _Lease] = OrderedDict()
        self._drawing: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = (
            WeakValueDictionary()
        )
        self._rests_until = 0.0

    async def take(
        self, policy: Policy, identity: Identity | None, address: str, endpoint: str = ""
    ) -> Allowance:
        """Count one request of a user, or of an address that has not signed in."""
        key = (policy, str(identity.id) if identity else address, endpoint)
        lease = self._leases.get(key)
        if lease and lease.usable:
            return lease.spend()
        if policy != "api":
            return await self._draw(policy, key, identity)
        # One draws, the rest wait for its share: many at once would each draw one and spend the limit unused.
        async with self._drawing.setdefault(key, asyncio.Lock()):
            lease = self._leases.get(key)
            return (
                lease.spend() if lease and lease.usable else await self._draw(policy, key, identity)
            )

    async def _draw(
        self, policy: Policy, key: tuple[str, str, str], identity: Identity | None
    ) -> Allowance:
        """Count in Redis: a share of the limit that is then spent here, or this one request."""
        tier = (await self._database.standing_of(identity)).tier if identity else None
        times = TIMES.get(tier or "free", 1)
        item = RateLimitItemPerMinute(self._limits[policy] * times)
        at_once = max(1, item.amount // SHARE) if policy == "api" else 1
        taken = await self._count(policy, item, key, at_once)
        if not taken.allowed and at_once > 1:  # the rest is smaller than a share
            return await self._count(policy, item, key, 1)
        if taken.allowed and at_once > 1:
            self._leases[key] = lease = _Lease(taken, at_once, time.monotonic() + LEASE_SECONDS)
            _keep(self._leases, MOST_LEASES)
            return lease.spend()
        return taken

    async def _count(
        self, policy: Policy, item: RateLimitItem, key: tuple[str, str, str], cost: int
    ) -> Allowance:
        if time.monotonic() >= self._rests_until:
            try:
                async with asyncio.timeout(REDIS_WITHIN_SECONDS):
                    return await _take(self._shared, policy, item, key, cost)
            except (StorageError, TimeoutError) as error:
                self._rests_until = time.monotonic() + REDIS_REST_SECONDS
                log.warning("rate_limits_in_process", error=type(error).__name__)
        return await _take(self._own, policy, item, key, cost)


def _keep(kept: OrderedDict[Any, Any], most: int) -> None:
    """Drop the oldest entries over `most`."""
    while len(kept) > most:
        kept.popitem(last=False)


async def _take(
    limiter: SlidingWindowCounterRateLimiter,
    policy: Policy,
    item: RateLimitItem,
    key: tuple[str, str, str],
    cost: int,
) -> Allowance:
    allowed = await limiter.hit(item, *key, cost=cost)
    left = await limiter.get_window_stats(item, *key)
    reset = max(0, ceil(left.reset_time - time.time()))
    return Allowance(policy, item.amount, left.remaining if allowed else 0, reset, allowed)
