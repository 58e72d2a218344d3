"""Pools of connections to Postgres that come back as soon as it does.

Left to itself, a pool asks ever more rarely while Postgres is away, and is a minute late after a long outage.
These give an attempt up after two seconds; the next request that needs a connection starts another.
"""

import asyncio
import json
import time
from typing import Any

import orjson
from psycopg.rows import dict_row
from psycopg.types.json import set_json_dumps
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from backend.core.config import Settings
from backend.core.errors import Unavailable
from backend.core.wire import Connection

POOL_SECONDS = 5.0  # how long a request waits for a connection
START_SECONDS = 15.0
RECONNECT_SECONDS = 2.0

Pool = AsyncConnectionPool[Connection]


def _dumps(value: Any) -> bytes:
    """Events, plans and outputs are written as JSON by the dozen in a run."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:  # integers beyond 64 bits, keys that are no text
        return json.dumps(value).encode()


set_json_dumps(_dumps)


def connection_options(name: str) -> dict[str, Any]:
    """The driver prepares nothing, for transaction poolers; a machine that went without a word is noticed."""
    return {
        "prepare_threshold": None,
        "application_name": name,
        "connect_timeout": 5,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 10_000,
    }


class Lent:
    """A connection of the pool. Who must wait waits here: the pool's own queue costs far more.

    Not `pool.connection()`: whoever opens a transaction ends it, and reads have none. Not a generator either:
    this stands around every read.
    """

    __slots__ = ("_connection", "_pool", "_seconds", "_turns")

    def __init__(self, pool: Pool, turns: asyncio.Semaphore, seconds: float) -> None:
        self._pool, self._turns, self._seconds = pool, turns, seconds

    async def __aenter__(self) -> Connection:
        if self._turns.locked():
            try:
                async with asyncio.timeout(self._seconds):
                    await self._turns.acquire()
            except TimeoutError as error:
                raise PoolTimeout(f"no connection within {self._seconds} s") from error
        else:
            await self._turns.acquire()
        try:
            self._connection = await self._pool.getconn(self._seconds)
        except BaseException:
            self._turns.release()
            raise
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._pool.putconn(self._connection)
        finally:
            self._turns.release()


async def open_pool(settings: Settings) -> Pool:
    """Open it and wait until Postgres answers. Raises Unavailable when it does not."""
    pool: Pool = AsyncConnectionPool(
        settings.database_url.get_secret_value(),
        connection_class=Connection,
        configure=Connection.look_behind,
        min_size=settings.database_pool_min,
        max_size=max(settings.database_pool_min, settings.database_pool_max),
        timeout=POOL_SECONDS,
        max_lifetime=1800,
        reconnect_timeout=RECONNECT_SECONDS,
        open=False,
        name="raptorflow",
        kwargs={"autocommit": True, "row_factory": dict_row, **connection_options("raptorflow")},
    )
    try:
        await pool.open()
        await _answers(pool)
    except PoolTimeout as error:
        await pool.close()
        detail = "DATABASE_URL: the database does not answer."
        raise Unavailable(detail, code="database_unavailable") from error
    return pool


async def _answers(pool: Pool) -> None:
    """Wait for a connection; each try is one that the pool has not given up yet."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            async with pool.connection(timeout=RECONNECT_SECONDS):
                return
        except PoolTimeout:
            if time.monotonic() >= until:
                raise
