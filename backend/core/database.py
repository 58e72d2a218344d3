"""The two doors to Postgres (ARCHITECTURE 2).

* `workspace(user)` and `read_*(user, ...)`: role `authenticated` with the user's verified claims, for one
  transaction only. Row-level security holds even where a WHERE clause is forgotten.
* `service(reason)`: role `service_role`, for the few jobs no user stands behind. Reasons are an allow-list.

Neither needs session state or prepared statements, so both work behind a transaction pooler. A read costs
one network round trip: claims and query travel in one pipeline and share its implicit transaction
(PERFORMANCE 4).
"""

import asyncio
import contextlib
import functools
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, LiteralString, Protocol
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection, generators
from psycopg import errors as pg
from psycopg.pq import ExecStatus
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from backend.core.config import Settings
from backend.core.errors import Conflict, NotFound, Unavailable, Unprocessable
from backend.core.pools import POOL_SECONDS, Pool, open_pool

if TYPE_CHECKING:
    from supabase import AsyncClient

    from backend.core.auth import AuthenticatedUser, Identity

log = structlog.get_logger(__name__)

Query = LiteralString | SQL | Composed
Params = Mapping[str, Any]
ServiceReason = Literal[
    "auth_webhook",
    "initialize_user",
    "admit_run",
    "run_engine",
    "budget_expiry",
    "read_evidence",
    "resolve_gate",
    "cancel_run",
    "gate_expiry",
    "turn_of_the_day",
    "pruning",
    "memory_dues",
    "metrics",
    "idempotency",
    "api_key",
    "audit",
    "webhooks",
    "erase_workspace",
    "erase_account",
    "calendar_link",
    "issue_held",
    "gst_return",
    "checkout",
    "settle_payment",
    "refund",
    "phonepe_webhook",
    "payment_rounds",
    "tend_subscriptions",
    "letters",
    "health",
    "cli",
]
"""Who may act without a user. `tests/arch` keeps the callers to this list."""

WORKSPACE_CACHE_SIZE = 10_000
WORKSPACE_KEPT_SECONDS = 60.0
STATEMENT_TIMEOUT = "8s"

_PARAMETER, _QUOTED = re.compile(r"%\((\w+)\)s"), re.compile(r'["\\]')
_AS_USER: LiteralString = (
    "select set_config('role', 'authenticated', true),"
    " set_config('request.jwt.claims', %(claims)s, true),"
    f" set_config('statement_timeout', '{STATEMENT_TIMEOUT}', true)"
)
_AS_SERVICE: LiteralString = "select set_config('role', 'service_role', true)"
_MY_WORKSPACE: LiteralString = "select id from public.workspaces where user_id = auth.uid()"


class Reads(Protocol):
    """What both a reader and a transaction offer: queries with `workspace_id` and `user_id` bound."""

    async def one(self, sql: Query, params: Params | None = None) -> DictRow | None: ...
    async def all(self, sql: Query, params: Params | None = None) -> list[DictRow]: ...


@contextlib.contextmanager
def _named_errors() -> Iterator[None]:
    """Translate what the database says into errors of ours; anything unnamed stays a bug (500)."""
    try:
        yield
    except pg.UniqueViolation as error:
        raise Conflict("This already exists.", code="already_exists") from error
    except pg.ForeignKeyViolation as error:
        raise NotFound(
            "A referenced item does not exist in this workspace.", code="reference_not_found"
        ) from error
    except pg.QueryCanceled as error:
        raise Unavailable("The database took too long.", code="database_timeout") from error
    except (pg.UntranslatableCharacter, pg.CharacterNotInRepertoire) as error:
        raise Unprocessable("The text holds a character that cannot be stored.") from error
    except (PoolTimeout, TooManyRequests, PoolClosed) as error:
        raise Unavailable("The database is busy.", code="database_busy") from error
    except psycopg.OperationalError as error:
        raise Unavailable("The database cannot be reached.", code="database_unavailable") from error


class Tx:
    """One open transaction behind one of the doors.

    `workspace_id` and `user_id` of the user are bound to every statement by the door itself, so a caller
    cannot pass another tenant's. Values a service transaction needs are given by hand.
    """

    def __init__(self, connection: AsyncConnection[DictRow], user: "AuthenticatedUser | None"):
        self.connection = connection
        self.user = user
        self._bound: dict[str, Any] = (
            {"workspace_id": user.workspace_id, "user_id": user.id} if user else {}
        )
        self._hooks: list[Callable[[], Awaitable[None]]] = []

    @property
    def workspace_id(self) -> UUID:
        if self.user is None:
            raise RuntimeError("a service transaction has no workspace of its own")
        return self.user.workspace_id

    async def one(self, sql: Query, params: Params | None = None) -> DictRow | None:
        """The first row, or None. `.single()`-style errors on 0 or 2+ rows are not ours."""
        cursor = await self.connection.execute(sql, {**(params or {}), **self._bound})
        return await cursor.fetchone()

    async def all(self, sql: Query, params: Params | None = None) -> list[DictRow]:
        cursor = await self.connection.execute(sql, {**(params or {}), **self._bound})
        return await cursor.fetchall()

    async def run(self, sql: Query, params: Params | None = None) -> int:
        """Execute and return how many rows were touched."""
        cursor = await self.connection.execute(sql, {**(params or {}), **self._bound})
        return cursor.rowcount

    def after_commit(self, hook: Callable[[], Awaitable[None]]) -> None:
        """Call `hook` once the transaction has committed; on rollback it is dropped."""
        self._hooks.append(hook)

    async def run_hooks(self) -> None:
        for hook in self._hooks:
            await hook()


class Reader:
    """Reads of one user outside a transaction: each call is one round trip."""

    def __init__(self, database: "Database", user: "AuthenticatedUser"):
        self._database = database
        self.user = user

    async def one(self, sql: Query, params: Params | None = None) -> DictRow | None:
        return await self._database.read_one(self.user, sql, params)

    async def all(self, sql: Query, params: Params | None = None) -> list[DictRow]:
        return await self._database.read_all(self.user, sql, params)

    async def json(self, sql: LiteralString, params: Params | None = None) -> bytes | None:
        """The JSON text that one `api.*` function rendered, as bytes ready to send."""
        return await self._database.read_json(self.user, sql, params)


class Database:
    """The pool and its doors. Made once by `init_database`, closed by `close`."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._turns = asyncio.Semaphore(pool.max_size)
        self._workspaces: dict[UUID, tuple[UUID, float]] = {}

    async def close(self) -> None:
        await self.pool.close()

    @contextlib.asynccontextmanager
    async def _connection(
        self, seconds: float = POOL_SECONDS
    ) -> AsyncIterator[AsyncConnection[DictRow]]:
        """A connection of the pool. Who must wait waits here: the pool's own queue costs far more."""
        if self._turns.locked():
            try:
                async with asyncio.timeout(seconds):
                    await self._turns.acquire()
            except TimeoutError as error:
                raise PoolTimeout(f"no connection within {seconds} s") from error
        else:
            await self._turns.acquire()
        try:
            async with self.pool.connection(seconds) as connection:
                yield connection
        finally:
            self._turns.release()

    @contextlib.asynccontextmanager
    async def workspace(self, user: "AuthenticatedUser") -> AsyncIterator[Tx]:
        """One transaction as this user; committed on leaving, rolled back on any error."""
        async with self._transaction(_AS_USER, {"claims": user.claims_json}, user) as tx:
            yield tx

    def reader(self, user: "AuthenticatedUser") -> Reader:
        return Reader(self, user)

    async def read_one(
        self, user: "AuthenticatedUser", sql: Query, params: Params | None = None
    ) -> DictRow | None:
        """The first row of one query as this user, in one round trip."""
        cursor = await self._read(user, sql, params)
        return await cursor.fetchone()

    async def read_all(
        self, user: "AuthenticatedUser", sql: Query, params: Params | None = None
    ) -> list[DictRow]:
        cursor = await self._read(user, sql, params)
        return await cursor.fetchall()

    async def _read(
        self, user: "AuthenticatedUser", sql: Query, params: Params | None
    ) -> psycopg.AsyncCursor[DictRow]:
        bound = {**(params or {}), "workspace_id": user.workspace_id, "user_id": user.id}
        return await self._pipelined({"claims": user.claims_json}, sql, bound)

    async def _pipelined(
        self, claims: Params, sql: Query, params: Params
    ) -> psycopg.AsyncCursor[DictRow]:
        with _named_errors():  # one Sync: one implicit transaction, one trip
            async with self._connection() as connection, connection.pipeline():
                await connection.execute(_AS_USER, claims)
                return await connection.execute(sql, params)

    async def read_json(
        self, user: "AuthenticatedUser", sql: LiteralString, params: Params | None = None
    ) -> bytes | None:
        """Call a function of schema `api`, which sets claims and role itself and renders JSON.

        The bytes are those of the wire; the parameters are plain values or lists of texts.
        """
        with _named_errors():
            statement, names = _numbered(sql)
            given = {**(params or {}), "claims": user.claims_json}
            values = [_as_text(given[name]) for name in names]
            async with self._connection() as connection:
                # Below the cursor, which would cost half as much again as all else here (ADR 0103).
                connection.pgconn.send_query_params(statement, values)
                (result,) = await connection.wait(generators.execute(connection.pgconn))
            if result.status != ExecStatus.TUPLES_OK:
                raise pg.error_from_result(result)
            page: bytes | None = result.get_value(0, 0)
            return page

    async def read_as(
        self, identity: "Identity", sql: Query, params: Params | None = None
    ) -> DictRow | None:
        """The first row of one query as a token's holder, who may have no workspace yet."""
        bound = {**(params or {}), "user_id": identity.id}
        cursor = await self._pipelined({"claims": identity.claims_json}, sql, bound)
        return await cursor.fetchone()

    async def workspace_id_of(self, identity: "Identity") -> UUID | None:
        """The workspace of a token's holder, or None before sign-up has been completed.

        A user has one workspace (UNIQUE), so a hit is kept for a minute; row-level security still decides
        on every statement. Elsewhere a deleted workspace may be looked for that much longer, in vain.
        """
        known, until = self._workspaces.get(identity.id, (None, 0.0))
        if known is not None and time.monotonic() < until:
            return known
        row = await self.read_as(identity, _MY_WORKSPACE)
        if row is None:
            return None
        if len(self._workspaces) >= WORKSPACE_CACHE_SIZE:
            self._workspaces.pop(next(iter(self._workspaces)))
        workspace_id: UUID = row["id"]
        self._workspaces[identity.id] = workspace_id, time.monotonic() + WORKSPACE_KEPT_SECONDS
        return workspace_id

    def forget(self, user_id: UUID) -> None:
        """The user's workspace is no more."""
        self._workspaces.pop(user_id, None)

    # --- the service door ---------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def service(self, reason: ServiceReason) -> AsyncIterator[Tx]:
        """One transaction without a user behind it. The reason is logged."""
        log.debug("service_door", reason=reason)
        async with self._transaction(_AS_SERVICE, {}, None) as tx:
            yield tx

    async def service_run(self, reason: ServiceReason, sql: Query, params: Params) -> int:
        """One statement without a user behind it, in one round trip; how many rows it touched."""
        log.debug("service_door", reason=reason)
        with _named_errors():
            async with self._connection() as connection, connection.pipeline():
                await connection.execute(_AS_SERVICE)
                cursor = await connection.execute(sql, params)
        return cursor.rowcount

    @contextlib.asynccontextmanager
    async def _transaction(
        self, become: LiteralString, params: Params, user: "AuthenticatedUser | None"
    ) -> AsyncIterator[Tx]:
        with _named_errors():
            async with self._connection() as connection:
                async with connection.pipeline():  # begin and role in one trip
                    await connection.execute("begin")
                    await connection.execute(become, params)
                tx = Tx(connection, user)
                try:
                    yield tx
                except BaseException:
                    await connection.rollback()
                    raise
                await connection.execute("commit")
        await tx.run_hooks()

    async def ping(self) -> None:
        """Raise Unavailable unless Postgres answers."""
        with _named_errors():
            async with self._connection(seconds=2) as connection:
                await connection.execute("select 1")


@functools.cache
def _numbered(sql: LiteralString) -> tuple[bytes, list[str]]:
    """The statement with `$1`, `$2` ... in place of its named parameters, and their names in that order."""
    names = list(dict.fromkeys(_PARAMETER.findall(sql)))
    return _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql).encode(), names


def _as_text(value: object) -> bytes | None:
    if isinstance(value, list | tuple):
        value = "{" + ",".join('"' + _QUOTED.sub(r"\\\g<0>", item) + '"' for item in value) + "}"
    text = None if value is None else str(value).encode()
    if text and b"\0" in text:  # would end the value where it stands
        raise pg.UntranslatableCharacter("NUL in a parameter")
    return text


async def init_database(settings: Settings) -> Database:
    """Open the pool and wait until Postgres answers. Raises Unavailable when it does not."""
    return Database(await open_pool(settings))


_supabase: "AsyncClient | None" = None


async def get_supabase_client(settings: Settings | None = None) -> "AsyncClient":
    """The Supabase client for Auth admin and Storage. Data goes over the doors above, never through it."""
    global _supabase
    if _supabase is None:
        from supabase import AsyncClientOptions, acreate_client

        from backend.core.config import get_settings

        chosen = settings or get_settings()
        _supabase = await acreate_client(
            chosen.supabase_url,
            chosen.supabase_service_key.get_secret_value(),
            AsyncClientOptions(auto_refresh_token=False, persist_session=False),
        )
    return _supabase
