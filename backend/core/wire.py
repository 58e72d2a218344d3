"""Statements over libpq, below the driver's cursor: what goes together leaves in one packet and comes back in
one trip (ADR 0103, 0150, 0151). Types are the driver's own, both ways."""

import asyncio
import functools
import re
import select
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import AsyncConnection, abc, errors
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed

Query = LiteralString | SQL | Composed
Params = Mapping[str, Any]
Statement = tuple[Query, Params]
_Message = tuple[bytes, Sequence[abc.Buffer | None], Sequence[int] | None, Sequence[Any] | None]
"""A statement with `$1`, `$2` ..., its values as they are sent, their types and formats."""

_PLACE = re.compile(r"%(?:\((\w+)\)s|(.?))", re.S)
KEPT_STATEMENTS = 4_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What one statement came to."""

    rows: list[DictRow]
    count: int
    """Rows that were read or touched; -1 of a statement that does neither."""

    @property
    def first(self) -> DictRow | None:
        return self.rows[0] if self.rows else None


class Connection(AsyncConnection[DictRow]):
    """One whose socket the event loop keeps watching from trip to trip.

    One callback on it takes far less of the processor than the driver's own waiting, which asks before every
    statement whether it may write, sends each by itself and sets a timer; and telling the loop of a socket is
    eight system calls. Where the driver waits all the same, it has the socket to itself.
    """

    kept: dict[tuple[bytes, tuple[int, ...]], bytes] | None = None
    """Names of what the server keeps parsed, by text and types; None where it can keep nothing."""
    _watched: int | None = None
    _results: list[PGresult]
    _done: asyncio.Future[errors.Error | None] | None = None

    async def look_behind(self) -> None:
        """Let the server keep what `value` asks, unless a pooler stands between.

        A pooler introduces itself with a process number of its own making, and may give the next statement to
        another server.
        """
        process = await value(self, "select pg_backend_pid()::text", {})
        if process is not None and int(process) == self.pgconn.backend_pid:
            self.kept = {}

    async def gathered(self, results: list[PGresult]) -> errors.Error | None:
        """Gather what comes until the end of the trip, or until the connection is lost: why is returned."""
        loop = asyncio.get_running_loop()
        self._results, self._done = results, loop.create_future()
        socket = self.pgconn.socket
        if self._watched is None:
            loop.add_reader(socket, self._read)
            self._watched = socket
        try:
            if self.pgconn.flush():  # more than the socket takes at once
                loop.add_writer(socket, self._write)
            return await self._done
        finally:
            self._done = None

    def unwatch(self) -> None:
        """Before the socket is closed or read by others: its number is soon another's."""
        if self._watched is not None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._watched)
            loop.remove_writer(self._watched)
            self._watched = None

    async def wait(self, *args: Any, **options: Any) -> Any:
        self.unwatch()
        return await super().wait(*args, **options)

    async def close(self) -> None:
        self._lost(errors.OperationalError("the connection was closed"))
        await super().close()

    def _write(self) -> None:
        try:
            if not self.pgconn.flush() and self._watched is not None:
                asyncio.get_running_loop().remove_writer(self._watched)
        except errors.Error as error:
            self._lost(error)

    def _read(self) -> None:
        if self._done is None:  # unasked, so its end most likely: who asks next will see
            self.unwatch()
            return
        try:
            self.pgconn.consume_input()
            if _gather(self.pgconn, self._results):
                self._settle(None)
            elif _failed(self.pgconn.socket):  # told of that once, libuv watches no longer
                loop, socket = asyncio.get_running_loop(), self.pgconn.socket
                loop.remove_reader(socket)
                loop.add_reader(socket, self._read)
        except errors.Error as error:
            self._lost(error)

    def _lost(self, error: errors.Error) -> None:
        self.unwatch()
        self._settle(error)

    def _settle(self, error: errors.Error | None) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(error)


async def trip(connection: Connection, statements: Sequence[Statement]) -> list[Answer]:
    """Execute these in their order, all or none outside a transaction, and wait for the last.

    Parameters are named, `%(name)s`; a percent sign is written twice. Raises psycopg's errors, of the first
    statement that fails. Who is cancelled in the middle leaves a closed connection behind.
    """
    adapting, pgconn = Transformer(connection), connection.pgconn
    messages = [_message(connection, adapting, *statement) for statement in statements]

    def send() -> int:
        for message in messages:
            pgconn.send_query_params(*message)
        return len(messages)

    async with connection.lock:
        results = await _exchange(connection, send)
    return [_answer(adapting, result) for result in results]


async def value(connection: Connection, sql: LiteralString, params: Params) -> bytes | None:
    """The first column of the first row of one statement, as the bytes that came."""
    message = _message(connection, Transformer(connection), sql, params)
    send = functools.partial(_send_kept, connection, message)
    async with connection.lock:
        try:
            results = await _exchange(connection, send)
        except errors.InvalidSqlStatementName:  # a pooler after all; nothing was executed
            connection.kept = None
            results = await _exchange(connection, send)
    found: bytes | None = results[-1].get_value(0, 0)
    return found


def _send_kept(connection: Connection, message: _Message) -> int:
    """Have it parsed once for each connection, where that is possible. Returns how many results will come."""
    statement, values, types, formats = message
    pgconn, kept = connection.pgconn, connection.kept
    if kept is None:
        pgconn.send_query_params(*message)
        return 1
    name = kept.get(key := (statement, tuple(types or ())))
    if name is not None:
        pgconn.send_query_prepared(name, values, formats)
        return 1
    name = kept[key] = f"raptorflow_{len(kept)}".encode()
    pgconn.send_prepare(name, statement, types)
    pgconn.send_query_prepared(name, values, formats)
    return 2


def _message(
    connection: Connection, adapting: abc.Transformer, sql: Query, params: Params
) -> _Message:
    text = sql if isinstance(sql, str) else sql.as_string(connection)
    statement, names = _numbered(text)
    given = [params[name] for name in names]
    try:
        values = adapting.dump_sequence(given, [PyFormat.AUTO] * len(names))
    except errors.DataError as error:  # NUL in a text, which no text of Postgres holds
        raise errors.UntranslatableCharacter(str(error)) from error
    return statement, values, adapting.types, adapting.formats


@functools.lru_cache(KEPT_STATEMENTS)
def _numbered(text: str) -> tuple[bytes, list[str]]:
    """With `$1`, `$2` ... in place of its named parameters, and their names in that order."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            if found[2] != "%":
                raise errors.ProgrammingError(f"{found[0]!r} names no parameter in: {text}")
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _PLACE.sub(place, text).encode(), names


async def _exchange(connection: Connection, send: Callable[[], int]) -> list[PGresult]:
    """As many results as `send` says it has asked for. Nothing is sent before all has been said."""
    pgconn = connection.pgconn
    pgconn.enter_pipeline_mode()
    results: list[PGresult] = []
    try:
        awaited = send()
        pgconn.pipeline_sync()
        lost = await connection.gathered(results)
    except BaseException:
        connection.unwatch()
        pgconn.finish()  # what it is still at is nobody's, and its answer would be the next one's
        raise
    if pgconn.status == ConnStatus.OK:
        pgconn.exit_pipeline_mode()
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise errors.error_from_result(result)
    if lost or len(results) < awaited:
        raise lost or errors.OperationalError("the connection was lost")
    return results


def _failed(socket: int) -> bool:
    """Whether an error or a hang-up follows what has been read."""
    asking = select.poll()
    asking.register(socket, 0)
    return bool(asking.poll(0))


def _gather(pgconn: PGconn, results: list[PGresult]) -> bool:
    """Take what has come; whether that was all."""
    ended = False
    while not pgconn.is_busy():
        result = pgconn.get_result()
        if result is None:
            if ended:  # nothing is outstanding, and no sync came
                return True
            ended = True
            continue
        ended = False
        if result.status == ExecStatus.PIPELINE_SYNC:
            return True
        results.append(result)
    return False


def _answer(adapting: abc.Transformer, result: PGresult) -> Answer:
    if result.status != ExecStatus.TUPLES_OK:
        count = result.command_tuples
        return Answer([], -1 if count is None else count)
    adapting.set_pgresult(result)
    names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]

    def row(values: Sequence[Any]) -> DictRow:
        return dict(zip(names, values, strict=True))

    rows = adapting.load_rows(0, result.ntuples, row)
    return Answer(rows, result.ntuples)
