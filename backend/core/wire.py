"""Statements over libpq, below the driver's cursor: what goes together leaves in one packet and comes back in
one trip (ADR 0103, 0150). Types are the driver's own, both ways."""

import asyncio
import functools
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from weakref import WeakKeyDictionary

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


async def trip(connection: AsyncConnection[Any], statements: Sequence[Statement]) -> list[Answer]:
    """Execute these in their order, all or none outside a transaction, and wait for the last.

    Parameters are named, `%(name)s`; a percent sign is written twice. Raises psycopg's errors, of the first
    statement that fails. Who is cancelled in the middle leaves a closed connection behind.
    """
    adapting = Transformer(connection)
    sent = [_message(connection, adapting, *statement) for statement in statements]
    async with connection.lock:
        results = await _exchange(connection.pgconn, sent)
    return [_answer(adapting, result) for result in results]


async def value(
    connection: AsyncConnection[Any], sql: LiteralString, params: Params
) -> bytes | None:
    """The first column of the first row of one statement, as the bytes that came."""
    sent = _message(connection, Transformer(connection), sql, params)
    async with connection.lock:
        (result,) = await _exchange(connection.pgconn, [sent])
    found: bytes | None = result.get_value(0, 0)
    return found


def _message(
    connection: AsyncConnection[Any], adapting: abc.Transformer, sql: Query, params: Params
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


async def _exchange(pgconn: PGconn, messages: Sequence[_Message]) -> list[PGresult]:
    """One result for each message. Nothing is sent before all has been said."""
    pgconn.enter_pipeline_mode()
    results: list[PGresult] = []
    line = _line(pgconn)
    try:
        for statement, values, types, formats in messages:
            pgconn.send_query_params(statement, values, types, formats)
        pgconn.pipeline_sync()
        lost = await line.read_all(pgconn, results)
    except BaseException:
        pgconn.finish()  # what it is still at is nobody's, and its answer would be the next one's
        line.close()
        raise
    if pgconn.status == ConnStatus.OK:
        pgconn.exit_pipeline_mode()
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise errors.error_from_result(result)
    if lost or len(results) < len(messages):
        raise lost or errors.OperationalError("the connection was lost")
    return results


class _Line:
    """Watches the socket of one connection, from its first trip on.

    A callback that stays takes far less of the processor than the driver's own waiting, which asks before
    every statement whether it may write and sets a timer; and telling the loop of a socket anew for every
    packet is eight system calls each time. The descriptor is a duplicate: libpq closes its own when it likes,
    and the number is soon another's.
    """

    def __init__(self, pgconn: PGconn) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = os.dup(pgconn.socket)
        self._watched = False
        self._trip: _Trip | None = None

    async def read_all(self, pgconn: PGconn, results: list[PGresult]) -> errors.Error | None:
        """Gather what comes until the end of the trip, or until the connection is lost: why is returned."""
        self._trip = trip = _Trip(pgconn, results, self._loop.create_future())
        if not self._watched:
            self._loop.add_reader(self._socket, self._read)
            self._watched = True
        if pgconn.flush():  # more than the socket takes at once
            self._loop.add_writer(self._socket, self._write)
        return await trip.done

    def close(self) -> None:
        """An open duplicate would keep Postgres from seeing that nobody listens any more."""
        self._trip = None
        if self._socket >= 0:
            self._rest()
            self._loop.remove_writer(self._socket)
            os.close(self._socket)
            self._socket = -1

    def __del__(self) -> None:
        if self._socket >= 0:
            os.close(self._socket)

    def _write(self) -> None:
        trip = self._trip
        try:
            if trip is None or not trip.pgconn.flush():
                self._loop.remove_writer(self._socket)
        except errors.Error as error:
            self._settle(error)

    def _read(self) -> None:
        trip = self._trip
        if trip is None:  # the driver is asking by itself, or Postgres has hung up
            self._rest()
            return
        try:
            trip.pgconn.consume_input()
            if _gather(trip.pgconn, trip.results):
                self._settle(None)
        except errors.Error as error:
            self._settle(error)

    def _rest(self) -> None:
        """Until the next trip."""
        self._loop.remove_reader(self._socket)
        self._watched = False

    def _settle(self, error: errors.Error | None) -> None:
        trip, self._trip = self._trip, None
        if error:
            self.close()
        if trip and not trip.done.done():
            trip.done.set_result(error)


@dataclass(slots=True)
class _Trip:
    pgconn: PGconn
    results: list[PGresult]
    done: asyncio.Future[errors.Error | None]


_lines: WeakKeyDictionary[PGconn, _Line] = WeakKeyDictionary()


def _line(pgconn: PGconn) -> _Line:
    found = _lines.get(pgconn)
    if found is None:
        found = _lines[pgconn] = _Line(pgconn)
    return found


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
