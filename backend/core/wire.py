"""One function call over libpq, below the driver's cursor, which costs half as much as all else in a list
(ADR 0103)."""

import asyncio
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from psycopg import AsyncConnection, errors, generators
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

_PARAMETER, _QUOTED = re.compile(r"%\((\w+)\)s"), re.compile(r'["\\]')


def numbered(sql: LiteralString, params: Mapping[str, Any]) -> tuple[bytes, list[bytes | None]]:
    """The statement with `$1`, `$2` ... in place of its named parameters, and their values as texts."""
    statement, names = _parsed(sql)
    return statement, [_as_text(params[name]) for name in names]


async def value(
    connection: AsyncConnection[Any], statement: bytes, values: Sequence[bytes | None]
) -> bytes | None:
    """The first column of the first row, as the bytes that came. Raises psycopg's errors."""
    pgconn = connection.pgconn
    pgconn.send_query_params(statement, values)
    if pgconn.flush():  # more than the socket takes at once: rare, and the driver's part
        (result,) = await connection.wait(generators.execute(pgconn))
    else:
        result = await _answer(pgconn)
    if result.status != ExecStatus.TUPLES_OK:
        raise errors.error_from_result(result)
    found: bytes | None = result.get_value(0, 0)
    return found


async def _answer(pgconn: PGconn) -> PGresult:
    """The result of the statement that was sent, by one callback on the socket: a third less of the processor
    than the driver's own waiting, which may have to write as well and looks at the clock."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[None] = loop.create_future()
    socket = pgconn.socket

    def read() -> None:
        # No longer watched when it is read: on an error libpq closes it, and the number is soon another's.
        loop.remove_reader(socket)
        try:
            pgconn.consume_input()
            if pgconn.is_busy():
                loop.add_reader(socket, read)
            else:
                _settle(answered)
        except errors.Error as error:
            _settle(answered, error)

    loop.add_reader(socket, read)
    try:
        await answered
    except asyncio.CancelledError:  # the pool closes a connection that is still at work
        if not answered.done() or answered.cancelled():
            loop.remove_reader(socket)
        raise
    results = list(iter(pgconn.get_result, None))
    if not results:
        raise errors.OperationalError("the connection was lost")
    return results[0]  # a second one is the end of the connection


def _settle(answered: "asyncio.Future[None]", error: Exception | None = None) -> None:
    if answered.done():
        return
    if error:
        answered.set_exception(error)
    else:
        answered.set_result(None)


@functools.cache
def _parsed(sql: LiteralString) -> tuple[bytes, list[str]]:
    """The statement with `$1`, `$2` ... in place of its named parameters, and their names in that order."""
    names = list(dict.fromkeys(_PARAMETER.findall(sql)))
    return _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql).encode(), names


def _as_text(value: object) -> bytes | None:
    if isinstance(value, list | tuple):
        value = "{" + ",".join('"' + _QUOTED.sub(r"\\\g<0>", item) + '"' for item in value) + "}"
    text = None if value is None else str(value).encode()
    if text and b"\0" in text:  # would end the value where it stands
        raise errors.UntranslatableCharacter("NUL in a parameter")
    return text
