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
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, LiteralString, Protocol
from uuid import UUID

import structlog
from psycopg.rows import DictRow

from backend.core import later, wire
from backend.core.config import Settings
from backend.core.pg_errors import named_errors
from backend.core.pools import POOL_SECONDS, Lent, Pool, open_pool
from backend.core.wire import Answer, Connection, Params, Query, Statement

if TYPE_CHECKING:
    from supabase import AsyncClient

    from backend.core.auth import AuthenticatedUser, Identity

log = structlog.get_logger(__name__)

ServiceReason = Literal[
    "auth_webhook",
    "initialize_user",
    "admit_run",
    "run_engine",
    "budget_expiry",
    "read_evidence",
    "file_dues",
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

KEPT_STANDINGS = 10_000
STANDING_KEPT_SECONDS = 60.0
STATEMENT_TIMEOUT = "8s"

_AS_USER: LiteralString = (
    "select set_config('role', 'authenticated', true),"
    " set_config('request.jwt.claims', %(claims)s, true),"
    f" set_config('statement_timeout', '{STATEMENT_TIMEOUT}', true)"
)
_AS_SERVICE: LiteralString = "select set_config('role', 'service_role', true)"
_MY_STANDING: LiteralString = (
    "select users.subscription_tier as tier, workspaces.id as workspace_id from public.users"
    " left join public.workspaces on workspaces.user_id = users.id where users.id = auth.uid()"
)


class Reads(Protocol):
    """What both a reader and a transaction offer: queries with `workspace_id` and `user_id` bound."""

    async def one(self, sql: Query, params: Params | None = None) -> DictRow | None: ...
    async def all(self, sql: Query, params: Params | None = None) -> list[DictRow]: ...
    async def each(self, *statements: Statement) -> list[list[DictRow]]: ...


class Tx:
    """One open transaction behind one of the doors.

    `workspace_id` and `user_id` of the user are bound to every statement by the door itself, so a caller
    cannot pass another tenant's. Values a service transaction needs are given by hand.

    Statements whose answer nobody needs go with the next one that is waited for: `begin` and the role with
    the first, what came `later` at the end with the commit.
    """

    def __init__(
        self,
        connection: Connection,
        user: "AuthenticatedUser | None",
        opening: Sequence[Statement] = (),
    ) -> None:
        self.user = user
        self._connection = connection
        self._queued = list(opening)
        self._used = False
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
        return (await self._execute(sql, self._with(params))).first

    async def all(self, sql: Query, params: Params | None = None) -> list[DictRow]:
        return (await self._execute(sql, self._with(params))).rows

    async def each(self, *statements: Statement) -> list[list[DictRow]]:
        """The rows of each of these queries, in one trip."""
        answers = await self._trip([(sql, self._with(params)) for sql, params in statements])
        return [answer.rows for answer in answers]

    async def run(self, sql: Query, params: Params | None = None) -> int:
        """Execute and return how many rows were touched."""
        return (await self._execute(sql, self._with(params))).count

    def later(self, sql: Query, params: Params | None = None) -> None:
        """Execute in its turn, without a trip of its own: its errors come with the next statement's."""
        self._used = True
        self._queued.append((sql, self._with(params)))

    async def connection(self) -> Connection:
        """For a library that brings its own SQL; all that was queued has been executed."""
        if self._queued:
            last = self._queued.pop()
            await self._execute(*last)
        return self._connection

    async def commit(self) -> None:
        """The door's own. Without a statement there is nothing to commit."""
        if self._used:
            await self._execute("commit", {})

    def after_commit(self, hook: Callable[[], Awaitable[None]]) -> None:
        """Call `hook` once the transaction has committed; on rollback it is dropped."""
        self._hooks.append(hook)

    async def run_hooks(self) -> None:
        for hook in self._hooks:
            await hook()

    def _with(self, params: Params | None) -> dict[str, Any]:
        return {**(params or {}), **self._bound}

    async def _execute(self, sql: Query, params: Params) -> Answer:
        (answer,) = await self._trip([(sql, params)])
        return answer

    async def _trip(self, statements: Sequence[Statement]) -> list[Answer]:
        self._used = True
        queued, self._queued = self._queued, []
        answers = await wire.trip(self._connection, [*queued, *statements])
        return answers[len(queued) :]


class Reader:
    """Reads of one user outside a transaction: each call is one round trip."""

    def __init__(self, database: "Database", user: "AuthenticatedUser"):
        self._database = database
        self.user = user

    async def one(self, sql: Query, params: Params | None = None) -> DictRow | None:
        return await self._database.read_one(self.user, sql, params)

    async def all(self, sql: Query, params: Params | None = None) -> list[DictRow]:
        return await self._database.read_all(self.user, sql, params)

    async def each(self, *statements: Statement) -> list[list[DictRow]]:
        """The rows of each of these queries, in one trip."""
        return await self._database.read_each(self.user, statements)

    async def json(self, sql: LiteralString, params: Params | None = None) -> bytes | None:
        """The JSON text that one `api.*` function rendered, as bytes ready to send."""
        return await self._database.read_json(self.user, sql, params)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a user until then (`time.monotonic`); `tier` is that of PRODUCT 9."""

    workspace_id: UUID | None
    tier: str | None
    until: float


class Database:
    """The pool and its doors. Made once by `init_database`, closed by `close`."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._turns = asyncio.Semaphore(pool.max_size)
        self._standings: dict[UUID, Standing] = {}

    async def close(self) -> None:
        await self.pool.close()

    def _connection(self, seconds: float = POOL_SECONDS) -> Lent:
        return Lent(self.pool, self._turns, seconds)

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
        return (await self._read(user, sql, params)).first

    async def read_all(
        self, user: "AuthenticatedUser", sql: Query, params: Params | None = None
    ) -> list[DictRow]:
        return (await self._read(user, sql, params)).rows

    async def read_each(
        self, user: "AuthenticatedUser", statements: Sequence[Statement]
    ) -> list[list[DictRow]]:
        """The rows of several queries as this user, in one round trip."""
        bound = {"workspace_id": user.workspace_id, "user_id": user.id}
        asked = [(sql, {**params, **bound}) for sql, params in statements]
        return [answer.rows for answer in await self._as(user, *asked)]

    async def _read(self, user: "AuthenticatedUser", sql: Query, params: Params | None) -> Answer:
        bound = {**(params or {}), "workspace_id": user.workspace_id, "user_id": user.id}
        (answer,) = await self._as(user, (sql, bound))
        return answer

    async def _as(self, identity: "Identity", *statements: Statement) -> list[Answer]:
        opening = (_AS_USER, {"claims": identity.claims_json})
        return (await self._trip([opening, *statements]))[1:]

    async def _trip(self, statements: Sequence[Statement]) -> list[Answer]:
        """All of these or none: one Sync, one implicit transaction."""
        with named_errors:
            async with self._connection() as connection:
                return await wire.trip(connection, statements)

    async def read_json(
        self, user: "AuthenticatedUser", sql: LiteralString, params: Params | None = None
    ) -> bytes | None:
        """Call a function of schema `api`, which sets claims and role itself and renders JSON.

        The bytes are those of the wire; the parameters are plain values or lists of texts.
        """
        with named_errors:
            async with self._connection() as connection:
                return await wire.value(
                    connection, sql, {**(params or {}), "claims": user.claims_json}
                )

    async def read_as(
        self, identity: "Identity", sql: Query, params: Params | None = None
    ) -> DictRow | None:
        """The first row of one query as a token's holder, who may have no workspace yet."""
        bound = {**(params or {}), "user_id": identity.id}
        (answer,) = await self._as(identity, (sql, bound))
        return answer.first

    async def workspace_id_of(self, identity: "Identity") -> UUID | None:
        """The workspace of a token's holder, or None before sign-up has been completed."""
        return (await self.standing_of(identity)).workspace_id

    async def standing_of(self, identity: "Identity") -> Standing:
        """Workspace and plan of a token's holder; of nobody's before sign-up has been completed.

        A user has one workspace (UNIQUE), so a hit is kept for a minute; row-level security still decides
        on every statement. Elsewhere a deleted workspace may be looked for that much longer, in vain, and a
        new plan is heard of that much later.
        """
        known = self._standings.get(identity.id)
        if known is not None and time.monotonic() < known.until:
            return known
        row = await self.read_as(identity, _MY_STANDING) or {"workspace_id": None, "tier": None}
        found = Standing(**row, until=time.monotonic() + STANDING_KEPT_SECONDS)
        if found.workspace_id is not None:
            if len(self._standings) >= KEPT_STANDINGS:
                self._standings.pop(next(iter(self._standings)))
            self._standings[identity.id] = found
        return found

    def forget(self, user_id: UUID) -> None:
        """The user's workspace is no more."""
        self._standings.pop(user_id, None)

    # --- the service door ---------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def service(self, reason: ServiceReason) -> AsyncIterator[Tx]:
        """One transaction without a user behind it. The reason is logged."""
        log.debug("service_door", reason=reason)
        async with self._transaction(_AS_SERVICE, {}, None) as tx:
            yield tx

    async def service_trip(self, reason: ServiceReason, *statements: Statement) -> Answer:
        """All of these or none, without a user behind them, in one round trip; what the last came to."""
        log.debug("service_door", reason=reason)
        return (await self._trip([(_AS_SERVICE, {}), *statements]))[-1]

    @contextlib.asynccontextmanager
    async def _transaction(
        self, become: LiteralString, params: Params, user: "AuthenticatedUser | None"
    ) -> AsyncIterator[Tx]:
        with named_errors:
            async with self._connection() as connection:
                tx = Tx(connection, user, [("begin", {}), (become, params)])
                try:
                    yield tx
                    await tx.commit()
                except BaseException:
                    if not connection.closed:
                        await connection.rollback()
                    raise
        await tx.run_hooks()

    async def ping(self) -> None:
        """Raise Unavailable unless Postgres answers."""
        with named_errors:
            async with self._connection(seconds=2) as connection:
                await connection.execute("select 1")


async def init_database(settings: Settings) -> Database:
    """Open the pool and wait until Postgres answers. Raises Unavailable when it does not."""
    return Database(await open_pool(settings))


_supabase: "AsyncClient | None" = None


async def get_supabase_client(settings: Settings | None = None) -> "AsyncClient":
    """The Supabase client for Auth admin and Storage. Data goes over the doors above, never through it."""
    global _supabase
    if _supabase is None:
        from backend.core.config import get_settings

        supabase, chosen = await later.module("supabase"), settings or get_settings()
        _supabase = await supabase.acreate_client(
            chosen.supabase_url,
            chosen.supabase_service_key.get_secret_value(),
            supabase.AsyncClientOptions(auto_refresh_token=False, persist_session=False),
        )
    return _supabase
