"""The short way to Postgres: errors are the driver's, and a reader who goes away leaves nothing behind."""

import asyncio

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from backend.core import wire


async def test_a_value_and_an_error(pg_shared) -> None:
    async with await AsyncConnection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        assert await wire.value(connection, b"select $1::text", [b"a"]) == b"a"
        assert await wire.value(connection, b"select null", []) is None
        with pytest.raises(psycopg.errors.DivisionByZero):
            await wire.value(connection, b"select 1 / 0", [])
        assert await wire.value(connection, b"select 2", []) == b"2"


async def test_more_than_the_socket_takes_at_once(pg_shared) -> None:
    async with await AsyncConnection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        long = b"x" * 20_000_000
        assert await wire.value(connection, b"select length($1)::text", [long]) == b"20000000"


async def test_a_server_that_goes_away_is_an_operational_error(pg_shared) -> None:
    connection = await AsyncConnection.connect(pg_shared.app_dsn, autocommit=True)
    asking = asyncio.create_task(wire.value(connection, b"select pg_sleep(60)", []))
    await asyncio.sleep(0.1)
    with psycopg.connect(pg_shared.superuser_dsn, autocommit=True) as sql:
        sql.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        await asyncio.wait_for(asking, 10)


async def test_a_cancelled_reader_leaves_no_answer_to_the_next(pg_shared) -> None:
    async with AsyncConnectionPool(
        pg_shared.app_dsn, min_size=1, max_size=1, kwargs={"autocommit": True}
    ) as pool:

        async def read(statement: bytes) -> bytes | None:
            async with pool.connection() as connection:
                return await wire.value(connection, statement, [])

        asking = asyncio.create_task(read(b"select 'first' from pg_sleep(60)"))
        await asyncio.sleep(0.2)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await asyncio.wait_for(read(b"select 'second'"), 10) == b"second"
