"""Numbers by which an operator sees that work goes on: the queue, the runs, the money held, the webhooks."""

from backend.core.database import Database

SIGNS = {
    "jobs_waiting": "Jobs that are due and that no worker has taken.",
    "jobs_oldest_seconds": "How long the oldest of them has waited.",
    "runs_running": "Runs that workers have in hand.",
    "runs_silent": "Runs in hand whose worker has not been heard for 30 seconds.",
    "approvals_waiting": "Runs that wait for a person.",
    "budget_held_usd": "Money reserved for runs that have not ended.",
    "evidence_waiting": "Files and pages that wait to be read.",
    "webhooks_waiting": "Webhooks of the gateway that were stored and not processed.",
    "invoices_held": "Invoices that wait for the seller's settings.",
}

READ = """
select
  (select count(*) from jobs.procrastinate_jobs
    where status = 'todo' and coalesce(scheduled_at, now()) <= now()) as jobs_waiting,
  (select coalesce(extract(epoch from now() - min(e.at)), 0)
    from jobs.procrastinate_jobs j join jobs.procrastinate_events e on e.job_id = j.id
    where j.status = 'todo' and coalesce(j.scheduled_at, now()) <= now()
      and e.type = 'deferred') as jobs_oldest_seconds,
  (select count(*) from public.agent_executions where status = 'running') as runs_running,
  (select count(*) from public.agent_executions where status = 'running'
    and coalesce(heartbeat_at, started_at) < now() - interval '30 seconds') as runs_silent,
  (select count(*) from public.agent_executions
    where status = 'waiting_approval') as approvals_waiting,
  (select coalesce(sum(amount_micro_usd), 0) / 1e6 from public.budget_reservations
    where status = 'held') as budget_held_usd,
  (select count(*) from public.evidence_items
    where processing_status in ('pending', 'processing')) as evidence_waiting,
  (select count(*) from public.webhook_events where processed_at is null) as webhooks_waiting,
  (select count(*) from public.held_documents) as invoices_held
"""


async def read(database: Database) -> dict[str, float]:
    """All of them, now."""
    async with database.service("metrics") as tx:
        row = await tx.one(READ)
    assert row is not None, "a select of scalars has one row"
    return {name: float(row[name]) for name in SIGNS}
