"""The queue: Procrastinate's app, its tasks, and the sweep that no run is stranded behind (ADR 0052).

The queue carries run ids and nothing else. Whether a run is due is the run's own row to say, so a job may be
delivered twice without harm, and a lost job is made again.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from backend.core.config import Settings
from backend.core.database import Database, Tx
from backend.core.errors import Unavailable
from backend.core.identity import AuthenticatedUser, acting_for
from backend.core.pools import RECONNECT_SECONDS, connection_options
from backend.domain import approvals, due, evidence, memory_dues, runs
from backend.services import journal
from backend.services.usage_tracker import UsageTracker
from backend.services.webhooks import Webhooks

log = structlog.get_logger(__name__)

QUEUE = "runs"
EXECUTE = "execute_run"
REMEMBER = "remember_run"
READ = "read_evidence"
READ_AGAIN_SECONDS = 5.0
DELIVER = "deliver_webhook"
AFTER_RUNS = -2_000_000_000
"""Priority of what nobody waits for: behind every run, whatever its turn."""
HEARTBEAT_SECONDS = 1.0
STALLED_AFTER_SECONDS = 3.0
POLL_SECONDS = 1.0
"""How late a job is noticed when its notification was missed (behind a transaction pooler all are)."""
STRANDED_AFTER_SECONDS = 15.0

TRY_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('raptorflow:sweep', 0)) as locked"
STRANDED = """
select r.id, r.background, r.turn from public.agent_executions r
where r.status in ('queued', 'running')
  and coalesce(r.heartbeat_at, r.started_at) < now() - make_interval(secs => %(seconds)s)
  and not exists (select 1 from jobs.procrastinate_jobs j
    where j.status in ('todo', 'doing') and j.args ->> 'run_id' = r.id::text)
order by r.id limit 100
"""


class TryAgain(Exception):
    """The run did not end for a reason that may pass; the queue hands it out again after a pause."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"again in {seconds} s")


class _Retry(BaseRetryStrategy):
    """`TryAgain` is put back with its pause; a job cut off by this worker's stop is put back at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, TryAgain):
            return RetryDecision(retry_in={"milliseconds": int(exception.seconds * 1000)})
        if isinstance(exception, Exception):
            return None
        return RetryDecision()


async def execute_run(context: procrastinate.JobContext, run_id: str) -> None:
    """Execute a run with what the worker has put into the context."""
    execute: Callable[[UUID], Awaitable[None]] = context.additional_context["execute"]
    await execute(UUID(run_id))


async def remember_run(context: procrastinate.JobContext, run_id: str) -> None:
    """Put a finished run into semantic memory; delivered twice, it changes nothing."""
    remember: Callable[[UUID], Awaitable[None]] = context.additional_context["remember"]
    await remember(UUID(run_id))


async def expire_reservations(context: procrastinate.JobContext, timestamp: int) -> None:
    """Give back the money that runs reserved which no worker works on."""
    database: Database = context.additional_context["database"]
    async with database.service("budget_expiry") as tx:
        expired = await UsageTracker(tx).expire()
    if expired:
        log.warning("reservations_expired", count=expired)


async def issue_held(context: procrastinate.JobContext, timestamp: int) -> None:
    """Issue the invoices and credit notes that waited for the seller's registration."""
    act: Callable[[], Awaitable[int]] = context.additional_context["issue_held"]
    await act()


async def read_evidence(
    context: procrastinate.JobContext, evidence_id: str, user_id: str, workspace_id: str
) -> None:
    """Read an item of the vault; delivered twice, it changes nothing."""
    read: Callable[[AuthenticatedUser, UUID], Awaitable[None]] = context.additional_context["read"]
    try:
        await read(acting_for(UUID(user_id), UUID(workspace_id)), UUID(evidence_id))
    except Unavailable as error:
        raise TryAgain(READ_AGAIN_SECONDS) from error


async def read_stranded_evidence(context: procrastinate.JobContext, timestamp: int) -> None:
    """Queue again what waits to be read and no job carries."""
    database: Database = context.additional_context["database"]
    async with database.service("read_evidence") as tx:
        for row in await evidence.stranded(tx):
            await _defer_reading(context.app, tx, row["user_id"], row["workspace_id"], row["id"])


async def remove_stray_files(context: procrastinate.JobContext, timestamp: int) -> None:
    """Delete stored files whose row never came, or is gone."""
    removed: int = await context.additional_context["remove_strays"]()
    if removed:
        log.info("stray_files_removed", count=removed)


async def queue_reading(
    app: procrastinate.App, database: Database, user: AuthenticatedUser, ids: Sequence[UUID]
) -> None:
    """Have these items of the vault read by a worker."""
    async with database.service("read_evidence") as tx:
        for id in ids:
            await _defer_reading(app, tx, user.id, user.workspace_id, id)


async def _defer_reading(
    app: procrastinate.App, tx: Tx, user_id: UUID, workspace_id: UUID, id: UUID
) -> None:
    deferrer = app.configure_task(READ, queue=QUEUE, connection=await tx.connection())
    names = {"evidence_id": id, "user_id": user_id, "workspace_id": workspace_id}
    try:
        await deferrer.defer_async(**{name: str(value) for name, value in names.items()})
    except ConnectorException as error:
        raise Unavailable("The job queue cannot be reached.", code="queue_unavailable") from error


async def index_memory(context: procrastinate.JobContext, timestamp: int) -> None:
    """Put changed foundations and ICPs into semantic memory."""
    await index_due(
        context.additional_context["database"], context.additional_context["index_memory"]
    )


async def index_due(
    database: Database, index: Callable[[AuthenticatedUser], Awaitable[object]]
) -> int:
    """`index` every workspace that is due, acting for its owner. Returns how many were."""
    async with database.service("memory_dues") as tx:
        due = await memory_dues.oldest(tx)
    for row in due:
        await index(acting_for(row["user_id"], row["workspace_id"]))
        async with database.service("memory_dues") as tx:
            await memory_dues.done(tx, row)
    return len(due)


async def tend_subscriptions(context: procrastinate.JobContext, timestamp: int) -> None:
    """Reminders, debits by mandate, overdue subscriptions and their end."""
    act: Callable[[], Awaitable[int]] = context.additional_context["tend_subscriptions"]
    await act()


async def send_letters(context: procrastinate.JobContext, timestamp: int) -> None:
    """Mail what customers have to hear of."""
    act: Callable[[], Awaitable[int]] = context.additional_context["send_letters"]
    await act()


async def turn_the_day(context: procrastinate.JobContext, timestamp: int) -> None:
    """Begin the campaigns and moves whose day has come, each by its workspace's own midnight."""
    database: Database = context.additional_context["database"]
    async with database.service("turn_of_the_day") as tx:
        begun = await due.turn(tx)
    if begun:
        log.info("moves_begun", count=begun)


async def begin_mornings(context: procrastinate.JobContext, timestamp: int) -> None:
    """Queue the daily wins of the workspaces whose morning has come."""
    act: Callable[[], Awaitable[int]] = context.additional_context["begin_mornings"]
    await act()


async def deliver_webhook(context: procrastinate.JobContext, delivery_id: str) -> None:
    """One attempt at a webhook; when it is due again is in its row."""
    webhooks: Webhooks = context.additional_context["webhooks"]
    await webhooks.deliver(UUID(delivery_id))


async def forget_old_deliveries(context: procrastinate.JobContext, timestamp: int) -> None:
    """Drop the log of webhooks after a month."""
    webhooks: Webhooks = context.additional_context["webhooks"]
    await webhooks.forget_old()


async def defer_webhooks(app: procrastinate.App, webhooks: Webhooks) -> None:
    """Queue the webhooks whose time has come, behind the runs."""
    deliver = app.configure_task(DELIVER, queue=QUEUE, priority=AFTER_RUNS)
    for id in await webhooks.due():
        await deliver.defer_async(delivery_id=str(id))


async def forget_old_jobs(context: procrastinate.JobContext, timestamp: int) -> None:
    """Failed jobs are kept for three days; the runs they carried keep their own record."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=72, include_failed=True, include_cancelled=True, include_aborted=True
    )


def create_jobs_app(settings: Settings) -> procrastinate.App:
    """The queue on these settings; not opened, which deferring inside a transaction does not need."""
    connector = procrastinate.PsycopgConnector(
        conninfo=settings.database_url.get_secret_value(),
        min_size=1,
        max_size=4,
        reconnect_timeout=RECONNECT_SECONDS,
        kwargs=connection_options("raptorflow-jobs"),
    )
    app = procrastinate.App(connector=connector)
    app.task(name=EXECUTE, queue=QUEUE, pass_context=True, retry=_Retry())(execute_run)
    app.task(name=REMEMBER, queue=QUEUE, pass_context=True, retry=3, priority=AFTER_RUNS)(
        remember_run
    )
    app.task(name=READ, queue=QUEUE, pass_context=True, retry=_Retry())(read_evidence)
    stranded = app.task(name="read_stranded_evidence", queue=QUEUE, pass_context=True)
    app.periodic(cron="* * * * *")(stranded(read_stranded_evidence))
    strays = app.task(name="remove_stray_files", queue=QUEUE, pass_context=True)
    app.periodic(cron="29 * * * *")(strays(remove_stray_files))
    expire = app.task(name="expire_reservations", queue=QUEUE, pass_context=True)
    app.periodic(cron="* * * * *")(expire(expire_reservations))
    held = app.task(name="issue_held", queue=QUEUE, pass_context=True)
    app.periodic(cron="*/5 * * * *")(held(issue_held))
    memory = app.task(name="index_memory", queue=QUEUE, pass_context=True, priority=AFTER_RUNS)
    app.periodic(cron="* * * * *")(memory(index_memory))
    tend = app.task(name="tend_subscriptions", queue=QUEUE, pass_context=True)
    app.periodic(cron="*/5 * * * *")(tend(tend_subscriptions))
    mail = app.task(name="send_letters", queue=QUEUE, pass_context=True, priority=AFTER_RUNS)
    app.periodic(cron="* * * * *")(mail(send_letters))
    gates = app.task(name="expire_gates", queue=QUEUE, pass_context=True)
    app.periodic(cron="* * * * *")(gates(expire_gates))
    day = app.task(name="turn_the_day", queue=QUEUE, pass_context=True)
    app.periodic(cron="*/5 * * * *")(day(turn_the_day))
    mornings = app.task(name="begin_mornings", queue=QUEUE, pass_context=True)
    app.periodic(cron="*/5 * * * *")(mornings(begin_mornings))
    app.task(name=DELIVER, queue=QUEUE, pass_context=True, priority=AFTER_RUNS)(deliver_webhook)
    old = app.task(name="forget_old_deliveries", queue=QUEUE, pass_context=True)
    app.periodic(cron="41 * * * *")(old(forget_old_deliveries))
    prune = app.task(name="forget_old_traces", queue=QUEUE, pass_context=True)
    app.periodic(cron="23 * * * *")(prune(forget_old_traces))
    forget = app.task(name="forget_old_jobs", queue=QUEUE, pass_context=True)
    app.periodic(cron="17 * * * *")(forget(forget_old_jobs))
    return app


async def expire_gates(context: procrastinate.JobContext, timestamp: int) -> None:
    """Close approvals that nobody gave in time; their runs end as cancelled."""
    database: Database = context.additional_context["database"]
    async with database.service("gate_expiry") as tx:
        expired = await approvals.expire(tx)
        for gate in expired:
            await resume_run(context.app, tx, gate["workspace_id"], gate["run_id"])
    if expired:
        log.info("approvals_expired", count=len(expired))


async def forget_old_traces(context: procrastinate.JobContext, timestamp: int) -> None:
    """Drop the events and the texts of the journal that nobody follows any more; the ledger stays."""
    database: Database = context.additional_context["database"]
    async with database.service("pruning") as tx:
        events, calls = await journal.prune(tx)
    if events or calls:
        log.info("journal_pruned", events=events, calls=calls)


async def resume_run(
    app: procrastinate.App, tx: Tx, workspace_id: UUID, run_id: UUID | None
) -> None:
    """Queue the run that a verdict was awaited for; nothing when it waits no more."""
    if run_id is None:
        return
    priority = await runs.resume(tx, workspace_id, run_id)
    if priority is not None:
        await defer_run(app, tx, run_id, priority=priority)


async def defer_run(
    app: procrastinate.App, tx: Tx, run_id: UUID, lock: str | None = None, priority: int = 0
) -> None:
    """Put a run into the queue within the caller's transaction. Runs of one lock go one after the other."""
    deferrer = app.configure_task(
        EXECUTE, queue=QUEUE, lock=lock, priority=priority, connection=await tx.connection()
    )
    try:
        await deferrer.defer_async(run_id=str(run_id))
    except ConnectorException as error:
        raise Unavailable("The job queue cannot be reached.", code="queue_unavailable") from error


async def defer_memory(app: procrastinate.App, tx: Tx, run_id: UUID) -> None:
    """Have a run remembered once the caller's transaction has committed."""
    deferrer = app.configure_task(
        REMEMBER, queue=QUEUE, priority=AFTER_RUNS, connection=await tx.connection()
    )
    try:
        await deferrer.defer_async(run_id=str(run_id))
    except ConnectorException as error:
        raise Unavailable("The job queue cannot be reached.", code="queue_unavailable") from error


async def sweep(app: procrastinate.App, database: Database) -> int:
    """Put back the jobs of workers that fell silent, and runs that no job carries any more.

    One worker sweeps at a time. Returns how many runs it put back.
    """
    async with database.service("run_engine") as tx:
        locked = await tx.one(TRY_LOCK)
        if not locked or not locked["locked"]:
            return 0
        stalled = await app.job_manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=STALLED_AFTER_SECONDS
        )
        for job in stalled:
            log.warning("job_taken_from_silent_worker", job=job.id, worker=job.worker_id)
            await app.job_manager.retry_job(job)
        stranded = await tx.all(STRANDED, {"seconds": STRANDED_AFTER_SECONDS})
        for row in stranded:
            log.warning("stranded_run_queued_again", run_id=str(row["id"]))
            await defer_run(app, tx, row["id"], priority=runs.priority(row))
    return len(list(stalled)) + len(stranded)


def worker_options(
    name: str, settings: Settings, context: dict[str, Any], grace_seconds: float
) -> dict[str, Any]:
    """How a worker runs: `context` holds `execute`, `remember` and `database` for the tasks above."""
    return {
        "queues": [QUEUE],
        "name": name,
        "concurrency": settings.worker_concurrency,
        "delete_jobs": "successful",
        "install_signal_handlers": False,
        "update_heartbeat_interval": HEARTBEAT_SECONDS,
        "stalled_worker_timeout": 3600,
        "fetch_job_polling_interval": POLL_SECONDS,
        "shutdown_graceful_timeout": grace_seconds,
        "additional_context": context,
    }
