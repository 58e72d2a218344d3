"""The one async Redis client. RESP2, because hosted proxies do not all speak RESP3 (INTEGRATIONS E).

Redis holds nothing that matters: caches miss, nudges fall back to polling. Callers catch `RedisError`
where they use it and go on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from backend.core.config import Settings, get_settings
from backend.core.redis_keys import HEALTH_STARTUP, HEALTH_STARTUP_TTL_SECONDS

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 0.2
AWAY_SECONDS = 5.0

T = TypeVar("T")

_client: Redis | None = None


class Away(Exception):
    """Redis gave no answer in time, or has lately given none."""


class Patience:
    """Asks Redis for a fifth of a second; after a silence it is left alone for five."""

    def __init__(self) -> None:
        self.away_until = 0.0

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer. Raises Away."""
        if time.monotonic() < self.away_until:
            raise Away
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await question()
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self.away_until = time.monotonic() + AWAY_SECONDS
            log.info("redis_away", error=type(error).__name__)
            raise Away from error


def connect(settings: Settings) -> Redis:
    """A client of its own pool; connections open at first use."""
    return Redis.from_url(
        settings.redis_url.get_secret_value(),
        protocol=2,
        decode_responses=True,
        max_connections=50,
        socket_connect_timeout=2,
        socket_timeout=5,
        socket_keepalive=True,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 2),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
    )


def get_redis() -> Redis:
    """The client of this process."""
    global _client
    if _client is None:
        _client = connect(get_settings())
    return _client


async def mark_startup(redis: Redis) -> None:
    """Write `health:startup`, as the specification has every start do."""
    await redis.set(HEALTH_STARTUP, "ok", ex=HEALTH_STARTUP_TTL_SECONDS)
