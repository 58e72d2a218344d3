"""The desk where runs are admitted, waited for and followed. Any router that starts a run comes here.

Progress is in Postgres (`run_events`). Redis only rings a bell when there is something new; with Redis away
the desk looks by itself a few times a second.
"""

import asyncio
import contextlib
import uuid
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from typing import Any
from uuid import UUID

import procrastinate
import structlog
from psycopg.rows import DictRow
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.core import tasks
from backend.core.database import Database, Reads, Tx
from backend.core.errors import BudgetExceeded, Conflict
from backend.core.identity import AuthenticatedUser, acting_for
from backend.core.problems import problem_document
from backend.core.redis_keys import run_channel
from backend.domain import approvals, mornings, runs
from backend.domain.runs import ClaimedRun, Outcome, RunCancelled, RunEvent, Totals
from backend.services import jobs
from backend.services.cache_manager import CacheManager
from backend.services.rate_limiter import RateLimiter
from backend.services.usage_tracker import RUN_RESERVE_MICRO_USD, UsageTracker

log = structlog.get_logger(__name__)

LOOK_SECONDS = 3.0
"""How often a follower looks although no bell rang: a nudge may be lost."""
FIRST_LOOK_SECONDS, LOOK_GROWTH, LONGEST_LOOK_SECONDS = 0.1, 1.3, 1.0
"""Without Redis: soon after the last news, then less and less often."""
MOST_RINGS = 100
Estimate = Callable[[Reads, str, Mapping[str, Any]], Awaitable[int]]
"""What a run of a type with these data may cost, in micro-USD."""
RECONNECT_SECONDS = 1.0
ALL_RUNS = "run:*"


async def least(db: Reads, request_type: str, request_data: Mapping[str, Any]) -> int:
    """The specification's estimate of any run."""
    return RUN_RESERVE_MICRO_USD


class Bell:
    """One Redis subscription for all followers of this process."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.connected = False

    async def listen(self) -> None:
        """Ring for every nudge, for ever; while Redis is away, try again each second."""
        while True:
            try:
                await self._listen_once()
            except (RedisError, OSError) as error:
                log.info("run_bell_silent", error=type(error).__name__)
            finally:
                self.connected = False
                self._ring_all()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.psubscribe(ALL_RUNS)
            while True:
                message = await pubsub.get_message(timeout=5.0)
                self.connected = True
                if message and message["type"] == "pmessage":
                    for event in self._waiting.get(message["channel"], ()):
                        event.set()

    def _ring_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()

    @contextlib.contextmanager
    def heard(self, run_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever the run has news."""
        channel, event = run_channel(run_id), asyncio.Event()
        self._waiting[channel].add(event)
        try:
            yield event
        finally:
            self._waiting[channel].discard(event)
            if not self._waiting[channel]:
                del self._waiting[channel]


class RunDesk:
    """Made once per API process, inside its lifespan: `async with RunDesk(...)`."""

    def __init__(
        self,
        database: Database,
        redis: Redis,
        queue: procrastinate.App,
        limiter: RateLimiter | None = None,
        estimate: Estimate = least,
    ) -> None:
        self.database = database
        self._queue = queue
        self._limiter = limiter
        self._estimate = estimate
        self._bell = Bell(redis)
        self._ringer = Ringer(redis)
        self._cache = CacheManager(redis)
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "RunDesk":
        self._listener = asyncio.create_task(self._bell.listen(), name="run-bell")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listener:
            await tasks.end(self._listener)
        await self._ringer.aclose()

    async def admit(
        self,
        user: AuthenticatedUser,
        request_type: str,
        request_data: dict[str, Any],
        *,
        session_id: UUID | None = None,
        lock: str | None = None,
        background: bool = False,
    ) -> UUID:
        """Reserve what it may cost, write the run and queue it, in one transaction; returns the run's id.

        Runs that share a `lock` are executed one after the other. Raises BudgetExceeded (402) and
        RateLimited (429).
        """
        if self._limiter:
            allowance = await self._limiter.take("agent", user, "")
            if not allowance.allowed:
                raise allowance.refusal()
        run_id = uuid.uuid4()
        cost = await self._estimate(self.database.reader(user), request_type, request_data)
        async with self.database.service("admit_run") as tx:
            priority = await runs.insert(
                tx,
                run_id,
                workspace_id=user.workspace_id,
                user_id=user.id,
                session_id=session_id or uuid.uuid4(),
                request_type=request_type,
                request_data=request_data,
                background=background,
            )
            await UsageTracker(tx).reserve(
                run_id,
                user_id=user.id,
                workspace_id=user.workspace_id,
                micro_usd=cost,
            )
            await jobs.defer_run(self._queue, tx, run_id, lock, priority)
        return run_id

    async def begin_mornings(self) -> int:
        """Queue the daily wins of each workspace whose morning has come; returns how many were queued.

        A workspace whose budget does not bear it goes without until tomorrow.
        """
        async with self.database.service("turn_of_the_day") as tx:
            taken = await mornings.take_due(tx)
        queued = 0
        for user_id, workspace_id in taken:
            outcome: mornings.Outcome = "queued"
            try:
                user = acting_for(user_id, workspace_id)
                await self.admit(user, "daily_wins", {}, background=True)
                queued += 1
            except BudgetExceeded:
                outcome = "no_budget"
            async with self.database.service("turn_of_the_day") as tx:
                await mornings.note(tx, workspace_id, outcome)
        if taken:
            log.info("mornings_begun", queued=queued, without_budget=len(taken) - queued)
        return queued

    async def approve(
        self,
        user: AuthenticatedUser,
        gate_id: UUID,
        *,
        shown_hash: str | None = None,
        modifications: dict[str, Any] | None = None,
        approved_output: dict[str, Any] | None = None,
    ) -> None:
        """Let the held output pass, as it is or as `approved_output`; its run goes on with exactly that.

        Raises NotFound, and Conflict when somebody was first, it has expired, or is not what was shown.
        """
        async with self.database.service("resolve_gate") as tx:
            run_id = await approvals.resolve(
                tx,
                user.workspace_id,
                user.id,
                gate_id,
                "approved" if approved_output is None else "modified",
                shown_hash=shown_hash,
                modifications=modifications,
                approved_output=approved_output,
            )
            await self._go_on(tx, user.workspace_id, gate_id, run_id)

    async def reject(self, user: AuthenticatedUser, gate_id: UUID, reason: str | None) -> None:
        """Hold the output back for good; its run ends as cancelled. Raises as `approve`."""
        async with self.database.service("resolve_gate") as tx:
            run_id = await approvals.resolve(
                tx, user.workspace_id, user.id, gate_id, "rejected", reason=reason
            )
            await self._go_on(tx, user.workspace_id, gate_id, run_id)

    async def cancel(self, user: AuthenticatedUser, run_id: UUID) -> None:
        """Call a run off: one that has not begun ends at once, one at work at its next step.

        Raises NotFound, and Conflict `run_already_ended`.
        """
        async with self.database.service("cancel_run") as tx:
            asked = await runs.ask_to_cancel(tx, user.workspace_id, run_id)
            if asked is None:
                raise await self._not_cancellable(user, run_id)
            run, never_begun, status = asked
            if never_begun:
                _end_unbegun(tx, run)
            elif status == "waiting_approval":
                gate_id = await approvals.call_off(tx, user.workspace_id, user.id, run_id)
                if gate_id:
                    await self._go_on(tx, user.workspace_id, gate_id, run_id)
            tx.after_commit(lambda: self._ringer.ring(run_id))

    async def _not_cancellable(self, user: AuthenticatedUser, run_id: UUID) -> Conflict:
        run = await runs.get(self.database.reader(user), run_id)
        return Conflict(
            f"The run has ended already: {run['status']}.",
            code="run_already_ended",
            status_is=run["status"],
        )

    async def _go_on(self, tx: Tx, workspace_id: UUID, gate_id: UUID, run_id: UUID | None) -> None:
        """The run learns of the verdict on a worker, which is where runs end."""
        await jobs.resume_run(self._queue, tx, workspace_id, run_id)
        tx.after_commit(lambda: self._cache.drop_gate(gate_id))

    async def wait(self, user: AuthenticatedUser, run_id: UUID, seconds: float) -> DictRow:
        """The run once it is at rest, or as it stands when the time is up. Raises NotFound."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), aclosing(self.follow(user, run_id)) as events:
                async for _ in events:
                    continue
        return await runs.get(self.database.reader(user), run_id)

    async def follow(
        self, user: AuthenticatedUser, run_id: UUID, after: int = 0
    ) -> AsyncGenerator[RunEvent, None]:
        """The run's events with a number above `after`, as they come, until it has ended.

        Raises NotFound for a run that is not the user's own.
        """
        reader = self.database.reader(user)
        pause = FIRST_LOOK_SECONDS
        with self._bell.heard(run_id) as news:
            while True:
                news.clear()
                events, status = await runs.events_after(reader, run_id, after)
                for event in events:
                    after = event.seq
                    yield event
                if status in runs.AT_REST:
                    return
                pause = (
                    FIRST_LOOK_SECONDS if events else min(pause * LOOK_GROWTH, LONGEST_LOOK_SECONDS)
                )
                await _either(news, LOOK_SECONDS if self._bell.connected else pause)


def _end_unbegun(tx: Tx, run: ClaimedRun) -> None:
    """Nothing was bought: the reservation goes back whole."""
    error = RunCancelled()
    problem = problem_document(error.status, error.code, error.detail, None, error.extra)
    outcome = Outcome(status="cancelled", error=error.detail, error_code=error.code)
    runs.set_down(tx, run, outcome, Totals(0, 0, 0), last="error", error=problem)
    UsageTracker(tx).close(run.id, None)


async def _either(news: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await news.wait()


class Ringer:
    """Tells followers in every process to look. Nobody waits for it; a lost ring costs three seconds."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._under_way: set[asyncio.Task[None]] = set()

    async def ring(self, run_id: UUID) -> None:
        if len(self._under_way) >= MOST_RINGS:
            return
        task = asyncio.create_task(self._publish(run_id))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _publish(self, run_id: UUID) -> None:
        try:
            await self._redis.publish(run_channel(run_id), "news")
        except (RedisError, OSError):
            log.debug("run_bell_not_rung", run_id=str(run_id))

    async def aclose(self) -> None:
        """Let the last rings go out, or fail."""
        await asyncio.gather(*self._under_way)
