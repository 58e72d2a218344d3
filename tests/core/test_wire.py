"""The short way to Postgres: errors are the driver's, and a reader who goes away leaves nothing behind."""

import asyncio
import socket
import struct
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import LiteralString
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
import uvloop
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from backend.core import wire


async def test_a_value_and_an_error(pg_shared) -> None:
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        assert await wire.value(connection, "select %(a)s::text", {"a": "a"}) == b"a"
        assert await wire.value(connection, "select null", {}) is None
        with pytest.raises(psycopg.errors.DivisionByZero):
            await wire.value(connection, "select 1 / 0", {})
        assert await wire.value(connection, "select 2", {}) == b"2"


async def test_more_than_the_socket_takes_at_once(pg_shared) -> None:
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        long = {"long": "x" * 20_000_000}
        sql = "select length(%(long)s)::text"
        assert await wire.value(connection, sql, long) == b"20000000"


async def test_a_server_that_goes_away_is_an_operational_error(pg_shared) -> None:
    connection = await wire.Connection.connect(pg_shared.app_dsn, autocommit=True)
    asking = asyncio.create_task(wire.value(connection, "select pg_sleep(60)", {}))
    await asyncio.sleep(0.1)
    with psycopg.connect(pg_shared.superuser_dsn, autocommit=True) as sql:
        sql.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        await asyncio.wait_for(asking, 10)


async def test_a_cancelled_reader_leaves_no_answer_to_the_next(pg_shared) -> None:
    async with AsyncConnectionPool(
        pg_shared.app_dsn,
        min_size=1,
        max_size=1,
        kwargs={"autocommit": True},
        connection_class=wire.Connection,
    ) as pool:

        async def read(statement: LiteralString) -> bytes | None:
            async with pool.connection() as connection:
                return await wire.value(connection, statement, {})

        asking = asyncio.create_task(read("select 'first' from pg_sleep(60)"))
        await asyncio.sleep(0.2)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await asyncio.wait_for(read("select 'second'"), 10) == b"second"


async def test_statements_of_a_trip_share_one_transaction(pg_shared) -> None:
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        set_, read = await wire.trip(
            connection,
            [
                ("select set_config('raptorflow.trip', %(said)s, true)", {"said": "100 %"}),
                ("select current_setting('raptorflow.trip') as said, 7 %% 4 as rest", {}),
            ],
        )
        assert set_.count == 1
        assert read.rows == [{"said": "100 %", "rest": 3}]
        (after,) = await wire.trip(
            connection, [("select nullif(current_setting('raptorflow.trip'), '') as said", {})]
        )
        assert after.first == {"said": None}


async def test_values_keep_their_types(pg_shared) -> None:
    given = {
        "id": UUID("8c5cbb25-7b5f-4f35-a3b6-5c1f6ab9a8d5"),
        "at": datetime(2026, 4, 1, 9, 30, tzinfo=UTC),
        "names": ["a,b", 'c"d', "e\\f"],
        "data": Jsonb({"n": [1, None]}),
        "none": None,
        "much": Decimal("12.50"),
    }
    asked = {**given, "again": given["names"]}
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        (answer,) = await wire.trip(
            connection,
            [
                (
                    "select %(id)s::uuid as id, %(at)s::timestamptz as at, %(names)s::text[] as names,"
                    " %(data)s::jsonb as data, %(none)s::text as none, %(much)s::numeric as much,"
                    " cardinality(%(names)s::text[] || %(again)s::text[]) as both",
                    asked,
                )
            ],
        )
    assert answer.first == {**given, "data": {"n": [1, None]}, "both": 6}


async def test_the_first_that_fails_is_the_error_and_undoes_the_trip(pg_shared) -> None:
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        await wire.trip(connection, [("create temp table kept (n int check (n < 3))", {})])
        with pytest.raises(psycopg.errors.CheckViolation):
            await wire.trip(
                connection,
                [
                    ("insert into kept values (1)", {}),
                    ("insert into kept values (%(n)s)", {"n": 5}),
                    ("select 1 / 0", {}),
                ],
            )
        with pytest.raises(psycopg.ProgrammingError, match="names no parameter"):
            await wire.trip(connection, [("insert into kept values (2)", {}), ("select %s", {})])
        (left,) = await wire.trip(connection, [("select * from kept", {})])
        assert left.rows == []
        inserted, changed = await wire.trip(
            connection,
            [
                ("insert into kept values (1), (2)", {}),
                ("update kept set n = 0 where n > 1", {}),
            ],
        )
        assert (inserted.count, changed.count) == (2, 1)


async def test_what_cannot_be_sent_leaves_nothing_for_the_next(pg_shared) -> None:
    async with AsyncConnectionPool(
        pg_shared.app_dsn,
        min_size=1,
        max_size=1,
        kwargs={"autocommit": True},
        connection_class=wire.Connection,
    ) as pool:

        async def read(sql: LiteralString, params: dict[str, object]) -> object:
            async with pool.connection() as connection:
                first, last = await wire.trip(connection, [("select 1 as n", {}), (sql, params)])
            return first.first, last.first

        for nul in ("a\0b", ["a", "b\0"]):
            with pytest.raises(psycopg.errors.UntranslatableCharacter):
                await read("select %(given)s::text as given", {"given": nul})
        many = {f"p{n}": n for n in range(70_000)}
        with pytest.raises(psycopg.OperationalError):
            await read("select " + ", ".join(f"%({name})s" for name in many), many)  # type: ignore[arg-type]
        assert await read("select 2 as n", {}) == ({"n": 1}, {"n": 2})


async def test_trips_of_one_connection_wait_for_each_other(pg_shared) -> None:
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        answers = await asyncio.gather(
            *(
                wire.trip(connection, [("select %(n)s::int as n from pg_sleep(0.01)", {"n": n})])
                for n in range(5)
            )
        )
    assert [answer.first for (answer,) in answers] == [{"n": n} for n in range(5)]


async def test_more_than_the_socket_takes_both_ways(pg_shared) -> None:
    """The server stops reading while its own answer is not read."""
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        long = {"long": "x" * 5_000_000}
        answers = await asyncio.wait_for(
            wire.trip(connection, [("select %(long)s::text as long", long)] * 6), 60
        )
    assert [answer.rows for answer in answers] == [[long]] * 6


async def _selects_two(connection: wire.Connection) -> bool:
    return await wire.value(connection, "select 2", {}) == b"2"


async def test_the_driver_and_trips_take_turns(pg_shared) -> None:
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        for _ in range(3):
            assert await _selects_two(connection)
            assert await (await connection.execute("select 3")).fetchone() == (3,)
            with pytest.raises(psycopg.errors.DivisionByZero):
                await connection.execute("select 1 / 0")


async def _kept_by_the_server(connection: wire.Connection) -> int:
    (answer,) = await wire.trip(
        connection, [("select count(*)::int as n from pg_prepared_statements", {})]
    )
    assert answer.first is not None
    return int(answer.first["n"])


async def _doubled(connection: wire.Connection, n: int) -> bytes | None:
    return await wire.value(connection, "select (%(n)s::int * 2)::text", {"n": n})


async def test_what_is_asked_again_is_parsed_once(pg_shared) -> None:
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        assert await _doubled(connection, 1) == b"2"
        assert await _kept_by_the_server(connection) == 0  # nobody has looked for a pooler yet
        await connection.look_behind()
        for n in range(3):
            assert await _doubled(connection, n) == str(2 * n).encode()
        assert await _kept_by_the_server(connection) == 1
        with pytest.raises(psycopg.errors.DivisionByZero):
            await wire.value(connection, "select 1 / 0", {})
        assert await _doubled(connection, 70_000) == b"140000"  # of another type
        assert await _kept_by_the_server(connection) == 3


async def test_what_the_server_has_forgotten_is_asked_in_full(pg_shared) -> None:
    async with await wire.Connection.connect(pg_shared.app_dsn, autocommit=True) as connection:
        await connection.look_behind()
        with pytest.raises(psycopg.errors.UndefinedFunction):
            await wire.value(connection, "select no_such_function()", {})
        with pytest.raises(psycopg.errors.UndefinedFunction):
            await wire.value(connection, "select no_such_function()", {})
        assert connection.kept is None
        await connection.look_behind()
        assert await _doubled(connection, 1) == b"2"
        await connection.execute("deallocate all")
        assert await _doubled(connection, 2) == b"4"
        assert connection.kept is None


async def test_an_end_between_two_trips_is_heard_by_the_next(pg_shared) -> None:
    connection = await wire.Connection.connect(pg_shared.app_dsn, autocommit=True)
    assert await _selects_two(connection)
    with psycopg.connect(pg_shared.superuser_dsn, autocommit=True) as sql:
        sql.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
    spent = time.process_time()
    await asyncio.sleep(0.5)
    assert time.process_time() - spent < 0.25  # told of the end again and again, the loop takes all
    with pytest.raises(psycopg.OperationalError):
        await asyncio.wait_for(_selects_two(connection), 10)
    await connection.close()


async def test_a_connection_that_is_closed_under_a_trip_ends_it(pg_shared) -> None:
    connection = await wire.Connection.connect(pg_shared.app_dsn, autocommit=True)
    asking = asyncio.create_task(wire.value(connection, "select pg_sleep(60)", {}))
    await asyncio.sleep(0.1)
    await connection.close()
    with pytest.raises(psycopg.OperationalError):
        await asyncio.wait_for(asking, 10)
    again = await wire.Connection.connect(pg_shared.app_dsn, autocommit=True)  # the same number
    assert await _selects_two(again)
    await again.close()


NOTICE = b"SWARNING\0C57P02\0Mterminating connection\0\0"


class Line:
    """Between a client and Postgres; `reset` sends a notice and then cuts the client off, as a crash does."""

    def __init__(self, dsn: str) -> None:
        there = urlsplit(dsn)
        self._listener = socket.create_server(("127.0.0.1", 0))
        here = there.netloc.replace(f":{there.port}", f":{self._listener.getsockname()[1]}")
        self.dsn = there._replace(netloc=here).geturl()
        self._server = socket.create_connection((there.hostname, there.port))
        threading.Thread(target=self._carry, daemon=True).start()

    def _carry(self) -> None:
        self._client, _ = self._listener.accept()
        ways = (self._client, self._server), (self._server, self._client)
        for way in ways:
            threading.Thread(target=self._copy, args=way, daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            return

    def reset(self) -> None:
        self._client.sendall(b"N" + struct.pack("!i", len(NOTICE) + 4) + NOTICE)
        self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._client.shutdown(socket.SHUT_RD)  # wakes the thread that reads from it
        self._client.close()

    def close(self) -> None:
        self._listener.close()
        self._server.close()


def test_a_reset_behind_the_last_bytes_is_heard_of(pg_shared) -> None:
    """libuv tells of a socket that failed once, and then watches it no longer."""
    line = Line(pg_shared.app_dsn)

    async def scene() -> None:
        connection = await wire.Connection.connect(line.dsn, autocommit=True)
        asking = asyncio.create_task(wire.value(connection, "select pg_sleep(60)", {}))
        await asyncio.sleep(0.2)
        line.reset()
        time.sleep(0.2)  # both are there before the loop looks
        with pytest.raises(psycopg.OperationalError):
            await asyncio.wait_for(asking, 5)

    try:
        uvloop.run(scene())
    finally:
        line.close()
