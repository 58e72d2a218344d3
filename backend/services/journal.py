"""The journal: every model and tool call of a run, once (ADR 0050).

One row `(run_id, call_key)`. The key says what the call *is* (skill, version, inputs), not where the graph
stood, so a run that starts over on another worker finds its finished calls here and buys none of them twice.
The same row is the ledger entry, the audit trace and the replay file.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from backend.core.database import Tx
from backend.core.wire import Statement
from backend.domain import runs
from backend.domain.runs import ClaimedRun, Totals

FINISHED = """
select call_key, kind, provider, model, response, tokens_input, tokens_output, tokens_cached,
  cost_micro_usd, price
from public.run_calls where run_id = %(run_id)s and status = 'completed'
"""
LOCK = """
select status, reserved_micro_usd from public.run_calls
where run_id = %(run_id)s and call_key = %(call_key)s for update
"""
OPEN = """
insert into public.run_calls (run_id, call_key, workspace_id, kind, name, provider, request_hash, request,
  reserved_micro_usd)
values (%(run_id)s, %(call_key)s, %(workspace_id)s, 'model', %(name)s, %(provider)s, %(request_hash)s,
  %(request)s, %(cap)s)
on conflict (run_id, call_key) do update set
  attempts = run_calls.attempts + 1, status = 'reserved', provider = excluded.provider,
  reserved_micro_usd = excluded.reserved_micro_usd, error = null, completed_at = null,
  lost_micro_usd = run_calls.lost_micro_usd + %(lost)s
"""
COMPLETE = """
insert into public.run_calls as c (run_id, call_key, workspace_id, kind, name, provider, model, request_hash,
  response, status, cost_micro_usd, price, tokens_input, tokens_output, tokens_cached, latency_ms,
  completed_at)
select r.id, %(call_key)s, r.workspace_id, 'model', %(name)s, %(provider)s, %(model)s,
  %(request_hash)s, %(response)s, 'completed', %(cost_micro_usd)s, %(price)s, %(tokens_input)s,
  %(tokens_output)s, %(tokens_cached)s, %(latency_ms)s, now()
from public.agent_executions r
where r.id = %(run_id)s and r.attempts = %(attempt)s and r.status = 'running' for share
on conflict (run_id, call_key) do update set
  status = 'completed', response = excluded.response, model = excluded.model, price = excluded.price,
  cost_micro_usd = excluded.cost_micro_usd, tokens_input = excluded.tokens_input,
  tokens_output = excluded.tokens_output, tokens_cached = excluded.tokens_cached,
  latency_ms = excluded.latency_ms, completed_at = excluded.completed_at, error = null
returning call_key
"""
FAIL = """
update public.run_calls set status = 'failed', error = %(error)s, completed_at = now(),
  lost_micro_usd = lost_micro_usd + %(lost)s, tokens_input = %(tokens_input)s,
  tokens_output = %(tokens_output)s
where run_id = %(run_id)s and call_key = %(call_key)s and status = 'reserved'
"""
ABANDON = """
with left_open as (
  update public.run_calls set status = 'failed', error = 'the run ended during this call',
    completed_at = now(), lost_micro_usd = lost_micro_usd + reserved_micro_usd
  where run_id = %(run_id)s and status = 'reserved'
  returning reserved_micro_usd
)
select coalesce(sum(reserved_micro_usd), 0)::bigint as micro from left_open
"""
TOOL = """
insert into public.run_calls (run_id, call_key, workspace_id, kind, name, provider, request_hash, request,
  response, status, attempts, error, cost_micro_usd, latency_ms, completed_at)
select r.id, %(call_key)s, r.workspace_id, 'tool', %(name)s, %(provider)s, %(request_hash)s,
  %(request)s, %(response)s, %(status)s, %(attempts)s, %(error)s, 0, %(latency_ms)s, now()
from public.agent_executions r
where r.id = %(run_id)s and r.attempts = %(attempt)s and r.status = 'running' for share
on conflict (run_id, call_key) do update set
  attempts = run_calls.attempts + excluded.attempts, status = excluded.status, error = excluded.error,
  response = excluded.response, latency_ms = excluded.latency_ms, completed_at = excluded.completed_at
where run_calls.status <> 'completed'
"""
PRUNE_EVENTS = """
delete from public.run_events where (run_id, seq) in (
  select e.run_id, e.seq from public.agent_executions r
  join public.run_events e on e.run_id = r.id and e.workspace_id = r.workspace_id
  where r.completed_at < now() - make_interval(days => %(days)s) limit %(most)s)
"""
PRUNE_CALLS = """
update public.run_calls set request = null, response = null where (run_id, call_key) in (
  select c.run_id, c.call_key from public.agent_executions r
  join public.run_calls c on c.run_id = r.id and c.workspace_id = r.workspace_id
  where r.completed_at < now() - make_interval(days => %(days)s)
    and (c.request is not null or c.response is not null) limit %(most)s)
"""
KEEP_DAYS, MOST_PRUNED = 30, 20_000
"""What a run's followers and its replay need is kept so long after its end; an hour prunes so many rows."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a run. `name` is the skill's id, `request` what is kept of the request for the audit."""

    run: ClaimedRun
    key: str
    name: str
    provider: str
    request_hash: str
    request: dict[str, Any] | None = None

    @property
    def values(self) -> dict[str, Any]:
        return {
            "run_id": self.run.id,
            "attempt": self.run.attempt,
            "workspace_id": self.run.workspace_id,
            "call_key": self.key,
            "name": self.name,
            "provider": self.provider,
            "request_hash": self.request_hash,
            "request": Jsonb(self.request) if self.request is not None else None,
        }


async def finished(tx: Tx, run_id: UUID) -> list[DictRow]:
    """The calls that earlier attempts of the run have paid for and completed."""
    return await tx.all(FINISHED, {"run_id": run_id})


async def open_call(tx: Tx, call: Call, cap_micro_usd: int) -> int:
    """Note that the call is about to be bought for at most this much.

    Returns the cap of an earlier attempt whose worker died in the call: it may have been billed, so the
    caller books it as spent. Raises LeaseLost.
    """
    await runs.check_lease(tx, call.run)
    row = await tx.one(LOCK, call.values)
    lost: int = row["reserved_micro_usd"] if row and row["status"] == "reserved" else 0
    tx.later(OPEN, {**call.values, "cap": cap_micro_usd, "lost": lost})
    return lost


def completed(
    call: Call, *, response: dict[str, Any], price: dict[str, Any] | None, **counts: Any
) -> Statement:
    """Keeps the answer, the provider's own counts and the price they were billed at; writes nothing, and
    gives no row for `runs.check_held`, when the run is not this worker's any more."""
    prices = Jsonb(price) if price is not None else None
    return COMPLETE, {**call.values, **counts, "response": Jsonb(response), "price": prices}


async def fail_call(
    tx: Tx, call: Call, error: str, lost_micro_usd: int, tokens: tuple[int, int] = (0, 0)
) -> None:
    """Note that the call failed; `lost_micro_usd` is what it may have cost all the same.

    `tokens`: what the provider counted of input and output for an answer that is of no use.
    """
    counts = {"tokens_input": tokens[0], "tokens_output": tokens[1]}
    await tx.run(FAIL, {**call.values, **counts, "error": error, "lost": lost_micro_usd})


def tool_noted(
    call: Call, *, response: dict[str, Any] | None, error: str | None, **counts: int
) -> list[Statement]:
    """Keep what a tool gave, or why it gave nothing; `counts`: attempts, latency_ms. The last one's row is
    for `runs.check_held`: without it nothing was written."""
    values = {**call.values, **counts, "error": error, "status": "failed" if error else "completed"}
    kept = None if response is None else Jsonb(response)
    return [(TOOL, {**values, "response": kept}), runs.holds(call.run)]


async def close(tx: Tx, run: ClaimedRun) -> tuple[int, Totals]:
    """Hold the run to its end, and close the calls that a dead worker left open.

    Returns their caps, to be booked, and what the run used, those included. Raises LeaseLost.
    """
    abandon = (ABANDON, {"run_id": run.id})
    held, left_open, used = await tx.each(runs.holds(run), abandon, runs.totals(run))
    runs.check_held(run, held[0] if held else None)
    return int(left_open[0]["micro"]), Totals(**used[0])


async def prune(tx: Tx) -> tuple[int, int]:
    """Delete the events of old runs and the texts of their calls: (events, calls). Counts and costs stay."""
    values = {"days": KEEP_DAYS, "most": MOST_PRUNED}
    return await tx.run(PRUNE_EVENTS, values), await tx.run(PRUNE_CALLS, values)
