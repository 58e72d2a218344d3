"""The worker's process: takes runs from the queue and executes them (ADR 0052).

`python -m backend.worker [--exit-with-parent=PID]`, or `run_worker(settings, stop=event)` inside a test.
SIGTERM and SIGINT let it finish what it has in hand for a while, then hand the rest back to the queue.
"""

import asyncio
import contextlib
import functools
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import procrastinate
import structlog
import uvloop
from procrastinate.exceptions import ConnectorException
from redis.asyncio import Redis

from backend.agents.tools import make_toolbox
from backend.cognitive.engine import CognitiveEngine
from backend.cognitive.estimate import Estimator
from backend.core import tasks, tracing
from backend.core.config import Settings, get_settings
from backend.core.database import Database, get_supabase_client, init_database
from backend.core.errors import Unavailable
from backend.core.identity import AuthenticatedUser
from backend.core.logs import configure_logging
from backend.core.redis import connect
from backend.domain import runs
from backend.payments import gst_service, rounds, tending
from backend.payments.till import Till, open_till
from backend.routing.pipeline import Thresholds
from backend.services import jobs, mail, model_state
from backend.services.egress import Egress
from backend.services.llm import ModelDoor, ModelProvider, make_provider
from backend.services.models.patience import Patience
from backend.services.models.replay import Replay
from backend.services.run_desk import RunDesk
from backend.services.storage import Storage
from backend.services.vault import Vault
from backend.services.webhooks import Webhooks
from backend.skills.composers import scoring
from backend.skills.executor import SkillExecutor
from backend.skills.offline import COMPOSERS
from backend.skills.registry import SkillRegistry

log = structlog.get_logger("worker")

GRACE_SECONDS = 8.0
RECONNECT_SECONDS = 1.0
LATE_SECONDS = 3.0
"""Beyond its grace, until a worker that does not end is told again."""
PARENT_LOOK_SECONDS = 0.5
PARENT_GONE = 3


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker process holds open."""

    database: Database
    queue: procrastinate.App
    engine: CognitiveEngine
    door: ModelDoor
    redis: Redis
    till: Till
    egress: Egress
    webhooks: Webhooks


@contextlib.asynccontextmanager
async def open_worker(
    settings: Settings, provider: ModelProvider | None = None
) -> AsyncIterator[Worker]:
    """Everything a worker needs, closed on leaving. `provider` overrides `MODEL_PROVIDER` in tests."""
    database = await init_database(settings)
    redis = connect(settings)
    queue = jobs.create_jobs_app(settings)
    try:
        async with queue.open_async():
            chosen = provider or make_provider(settings)
            await model_state.publish(redis, model_state.loading(chosen))
            await chosen.load()
            door = ModelDoor(database, chosen, Patience(settings.model_max_attempts))
            egress = Egress(settings.egress_allow_networks)
            engine = create_engine(settings, database, redis, door, egress, queue)
            try:
                async with open_till(settings, database) as till:
                    webhooks = Webhooks(database, egress)
                    yield Worker(database, queue, engine, door, redis, till, egress, webhooks)
            finally:
                await chosen.aclose()
                await egress.aclose()
            await engine.ringer.aclose()
    finally:
        await redis.aclose()
        await database.close()


def create_engine(
    settings: Settings,
    database: Database,
    redis: Redis,
    door: ModelDoor,
    egress: Egress,
    queue: procrastinate.App | None = None,
) -> CognitiveEngine:
    """The engine on these settings."""
    return CognitiveEngine(
        database,
        redis,
        skills=SkillExecutor(
            SkillRegistry.load(reload=settings.skills_reload),
            door,
            COMPOSERS,
            timeout_seconds=settings.model_timeout_seconds,
            at_once=settings.model_calls_at_once,
        ),
        tools=make_toolbox(settings, egress, _recorded(door.provider)),
        thresholds=Thresholds(settings.routing_accept, settings.routing_margin),
        max_attempts=settings.run_max_attempts,
        after_run=functools.partial(jobs.defer_memory, queue) if queue else None,
    )


def _recorded(provider: ModelProvider) -> dict[str, dict[str, Any]] | None:
    """What tools gave in the run that is replayed, when one is."""
    if not isinstance(provider, Replay):
        return None
    return {used.key: used.output for used in provider.recording.tools}


async def run_worker(
    settings: Settings,
    *,
    stop: asyncio.Event,
    ready: Callable[[], None] | None = None,
    provider: ModelProvider | None = None,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Work until `stop` is set, through restarts of the database. `ready` is called once runs are taken.

    What is in hand at the stop may go on for `grace_seconds`; then it goes back to the queue.
    """
    name = f"{socket.gethostname()}-{os.getpid()}"
    tracing.start(settings, "raptorflow-worker")
    async with open_worker(settings, provider) as worker, asyncio.TaskGroup() as group:
        # Else workers that keep dying young would never live to sweep, and their runs would wait for good.
        await _attempt(lambda: _sweep(worker))
        # A side task ends only by a bug: the group ends the process then, and its parent starts another.
        side = [
            group.create_task(_every(jobs.HEARTBEAT_SECONDS, lambda: _beat(worker))),
            group.create_task(_every(jobs.HEARTBEAT_SECONDS, lambda: _sweep(worker))),
            group.create_task(_every(jobs.HEARTBEAT_SECONDS, lambda: _send(worker))),
            group.create_task(_every(model_state.PUBLISH_SECONDS, lambda: _tell(worker))),
            group.create_task(_every(rounds.SECONDS, lambda: rounds.once(worker.till))),
            group.create_task(asyncio.to_thread(scoring.warm_up)),
        ]
        skills = SkillRegistry.load(reload=settings.skills_reload)
        estimate = Estimator(skills, bills=worker.door.provider.live)
        desk = RunDesk(worker.database, worker.redis, worker.queue, estimate=estimate)
        context = {
            "execute": partial(_execute, worker.engine),
            "remember": worker.engine.remember,
            "index_memory": worker.engine.memory.index_foundation,
            "database": worker.database,
            "read": partial(_read_evidence, worker, settings),
            "remove_strays": partial(_remove_strays, worker, settings),
            "tend_subscriptions": partial(tending.tend, worker.till),
            "send_letters": partial(
                mail.send_due, worker.database, settings, mail.make_mailer(settings)
            ),
            "webhooks": worker.webhooks,
            "begin_mornings": desk.begin_mornings,
            "issue_held": partial(gst_service.issue_held, worker.database, settings),
        }
        log.info("worker_ready", worker=name)
        if ready:
            ready()
        await _work(worker, jobs.worker_options(name, settings, context, grace_seconds), stop)
        await tasks.end(*side)
    await tracing.stop()
    log.info("worker_stopped", worker=name)


async def _work(worker: Worker, options: dict[str, Any], stop: asyncio.Event) -> None:
    """Run the queue's worker, again after each loss of the database, until told to stop."""
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        working = asyncio.create_task(worker.queue.run_worker_async(**options))
        try:
            await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            working.cancel()
            await asyncio.wait(
                [working], timeout=options["shutdown_graceful_timeout"] + LATE_SECONDS
            )
            await tasks.end(working)  # a cancellation can get lost while the queue's worker begins
            await _ended(working)
    stopping.cancel()


async def _ended(working: asyncio.Task[None]) -> None:
    try:
        await working
    except asyncio.CancelledError:
        log.debug("queue_worker_stopped")
    except ConnectorException as error:
        log.warning("queue_unreachable", error=str(error))
        await asyncio.sleep(RECONNECT_SECONDS)


async def _every(seconds: float, act: Callable[[], Awaitable[object]]) -> None:
    """Do something regularly; what the database refuses today it may grant in a second."""
    while True:
        await asyncio.sleep(seconds)
        await _attempt(act)


async def _attempt(act: Callable[[], Awaitable[object]]) -> None:
    try:
        await act()
    except (Unavailable, ConnectorException) as error:
        log.warning("worker_side_task_failed", error=str(error))


async def _execute(engine: CognitiveEngine, run_id: UUID) -> None:
    about = {"raptorflow.run_id": str(run_id)}
    with tracing.span("run", about, kind="CONSUMER", run_id=run_id):
        await engine.execute(run_id)


async def _beat(worker: Worker) -> None:
    if worker.engine.active:
        async with worker.database.service("run_engine") as tx:
            await runs.beat(tx, list(worker.engine.active))


async def _sweep(worker: Worker) -> None:
    await jobs.sweep(worker.queue, worker.database)


async def _send(worker: Worker) -> None:
    await jobs.defer_webhooks(worker.queue, worker.webhooks)


async def _tell(worker: Worker) -> None:
    """Say how the model is, for `/ready`."""
    await model_state.publish(worker.redis, model_state.of(worker.door))


async def _read_evidence(
    worker: Worker, settings: Settings, user: AuthenticatedUser, id: UUID
) -> None:
    await (await _vault(worker, settings)).read(user, id)


async def _remove_strays(worker: Worker, settings: Settings) -> int:
    return await (await _vault(worker, settings)).remove_strays()


async def _vault(worker: Worker, settings: Settings) -> Vault:
    """Made for each use: the storage's client takes a second to import, and few workers need it."""
    storage = Storage(partial(get_supabase_client, settings))
    return Vault(worker.database, storage, worker.egress, settings, worker.queue)


def watch_parent(parent: int, stop: Callable[[], object]) -> None:
    """Stop when the process that started this one is gone; after a while without any ceremony."""

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(PARENT_LOOK_SECONDS)
        stop()
        pause.wait(GRACE_SECONDS / 4)
        os._exit(PARENT_GONE)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def run(settings: Settings, *, parent: int | None = None) -> None:
    """The process: signals, parent, logs. Returns when it was told to stop."""
    configure_logging(settings.log_level)

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        if parent is not None:
            watch_parent(parent, lambda: loop.call_soon_threadsafe(stop.set))
        await run_worker(settings, stop=stop)

    uvloop.run(main())


def _parent(arguments: list[str]) -> int | None:
    """The pid that `--exit-with-parent=PID` names. Given by the parent, which may be gone before we look."""
    pids = [a.partition("=")[2] for a in arguments if a.startswith("--exit-with-parent=")]
    return int(pids[0]) if pids else None


if __name__ == "__main__":
    run(get_settings(), parent=_parent(sys.argv[1:]))
