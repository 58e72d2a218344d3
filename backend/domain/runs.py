"""Runs: one row for each agent request, and the events a client follows it by (ARCHITECTURE 4).

A run is claimed by one worker at a time. `attempts` is its lease: every write of a worker names the attempt
it was given, so a worker that was taken for dead and wakes up again can write nothing (`LeaseLost`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from backend.core.database import Reads, Tx
from backend.core.errors import (
    AppError,
    BudgetExceeded,
    Conflict,
    Forbidden,
    NotFound,
    Unavailable,
    Unprocessable,
    UpstreamFailed,
)
from backend.core.wire import Statement

Status = Literal["queued", "running", "waiting_approval", "completed", "failed", "cancelled"]
TERMINAL: frozenset[Status] = frozenset({"completed", "failed", "cancelled"})
AT_REST: frozenset[Status] = TERMINAL | {"waiting_approval"}
"""Nothing more happens by itself."""
MOST_DEATHS = 3
"""A run that has cost so many workers their life is given up."""
BEHIND_EVERYBODY = 1_000_000_000

INSERT = """
insert into public.agent_executions (id, workspace_id, user_id, session_id, request_type, request_data,
  background, turn)
values (%(id)s, %(workspace_id)s, %(user_id)s, %(session_id)s, %(request_type)s, %(request_data)s,
  %(background)s, public.next_turn(%(workspace_id)s, %(background)s))
returning background, turn
"""
INSERT_STARTED = """
insert into public.run_events (run_id, seq, workspace_id, type, data)
values (%(id)s, 1, %(workspace_id)s, 'started', '{}')
"""
CLAIM = """
with claimed as (
  update public.agent_executions
  set status = 'running', attempts = attempts + 1, heartbeat_at = now(),
    deaths = deaths + (status = 'running')::int
  where id = %(id)s and status in ('queued', 'running')
  returning id, workspace_id, user_id, session_id, request_type, request_data, attempts as attempt, deaths
), resumed as (
  insert into public.run_events (run_id, seq, workspace_id, type, data)
  select id, coalesce((select max(e.seq) from public.run_events e where e.run_id = id), 0) + 1,
    workspace_id, 'step', jsonb_build_object('node', 'resume', 'attempt', attempt)
  from claimed where attempt > 1
)
select * from claimed
"""
RELEASE = """
update public.agent_executions set status = 'queued'
where id = %(id)s and attempts = %(attempt)s and status = 'running'
"""
HOLDS = """
select 1 from public.agent_executions
where id = %(id)s and attempts = %(attempt)s and status = 'running' for share
"""
APPEND = """
insert into public.run_events (run_id, seq, workspace_id, type, data)
select r.id, coalesce((select max(e.seq) from public.run_events e where e.run_id = r.id), 0) + 1,
  r.workspace_id, %(type)s, %(data)s
from public.agent_executions r
where r.id = %(id)s and r.attempts = %(attempt)s and r.status = 'running'
returning (select cancel_requested from public.agent_executions where id = run_id) as cancelled
"""
TOTALS = """
select coalesce(sum(tokens_input), 0)::int as tokens_input,
  coalesce(sum(tokens_output), 0)::int as tokens_output,
  coalesce(sum(charged_micro_usd), 0)::bigint as cost_micro_usd from public.run_calls where run_id = %(id)s
"""
# The trace is what the events of the last walk through the graph say: it is there on every exit, also on one
# that no worker lived to describe.
SET_DOWN = """
with walk as (
  select e.seq, e.data from public.run_events e
  where e.run_id = %(id)s and e.type = 'step' and e.seq >= coalesce((select max(p.seq)
    from public.run_events p
    where p.run_id = %(id)s and p.type = 'step' and p.data ->> 'node' = 'perceive'), 1)
)
update public.agent_executions set
  status = %(status)s, success = %(success)s, output = %(output)s,
  error = %(error)s, error_code = %(error_code)s,
  routing_path = array(select p.value from walk,
    jsonb_array_elements_text(walk.data -> 'routing_path') with ordinality p order by seq, ordinality),
  agents_invoked = array(select p.value from walk,
    jsonb_array_elements_text(walk.data -> 'agents_invoked') with ordinality p order by seq, ordinality),
  skills_used = array(select p.value from walk,
    jsonb_array_elements_text(walk.data -> 'skills_used') with ordinality p order by seq, ordinality),
  tools_used = array(select distinct c.name from public.run_calls c
    where c.run_id = %(id)s and c.kind = 'tool' order by c.name),
  quality_score = (select (data -> 'scores' ->> 'overall_score')::int from walk
    where data ? 'scores' order by seq desc limit 1),
  corrections_made = coalesce((select max((data ->> 'revision')::int) from walk), 0),
  trace = jsonb_build_object(
    'perceived_input', (select data -> 'perceived' from walk
      where data ->> 'node' = 'perceive' order by seq desc limit 1),
    'execution_plan', (select data -> 'plan' from walk where data ? 'plan' order by seq desc limit 1),
    'quality_scores', coalesce((select jsonb_agg(data -> 'scores' || jsonb_build_object('issues',
      coalesce(data -> 'issues', '[]')) order by seq) from walk where data ? 'scores'), '[]'),
    'critique', (select data -> 'critique' from walk
      where data ->> 'node' = 'critic' order by seq desc limit 1)),
  tokens_input = %(tokens_input)s, tokens_output = %(tokens_output)s,
  total_cost = %(cost_micro_usd)s / 1000000.0,
  completed_at = case when %(status)s = 'waiting_approval' then null else now() end,
  latency_ms = (extract(epoch from clock_timestamp() - started_at) * 1000)::int
where id = %(id)s and attempts = %(attempt)s and status = 'running'
"""
RESUME = """
update public.agent_executions set status = 'queued', background = false,
  turn = public.next_turn(%(workspace_id)s, false)
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'waiting_approval'
returning background, turn
"""
CANCEL = """
update public.agent_executions set cancel_requested = true,
  status = case when status = 'queued' and attempts = 0 then 'running' else status end,
  attempts = attempts + (status = 'queued' and attempts = 0)::int
where workspace_id = %(workspace_id)s and id = %(id)s
  and status in ('queued', 'running', 'waiting_approval')
returning id, workspace_id, user_id, session_id, request_type, request_data, attempts as attempt, status,
  attempts = 1 and heartbeat_at is null as never_begun
"""
BEAT = """
update public.agent_executions set heartbeat_at = now()
where id = any (%(ids)s) and status = 'running'
"""
OWNER = "select user_id, workspace_id from public.agent_executions where id = %(id)s"
GET = """
select r.id, r.session_id, r.request_type, r.status, r.output, g.id as gate_id,
  r.success, r.error, r.error_code,
  (select (e.data -> 'error' ->> 'status')::int from public.run_events e
    where e.run_id = r.id and e.type = 'error' order by e.seq desc limit 1) as error_status,
  r.tokens_input, r.tokens_output, r.total_cost, r.quality_score, r.latency_ms, r.started_at, r.completed_at
from public.agent_executions r
left join public.approval_gates g
  on g.workspace_id = r.workspace_id and g.run_id = r.id and g.status = 'pending'
where r.workspace_id = %(workspace_id)s and r.id = %(id)s
"""
EVENTS_AFTER = """
select e.seq, e.type, r.status as run_status,
  case when e.type = 'complete' or (e.type = 'approval' and r.status = 'waiting_approval')
    then jsonb_build_object('output', r.output) || e.data else e.data end as data
from public.agent_executions r
left join public.run_events e on e.run_id = r.id and e.seq > %(after)s
where r.workspace_id = %(workspace_id)s and r.id = %(id)s
order by e.seq
"""


class LeaseLost(Exception):
    """Another worker has taken the run over, or it has ended; this one must stop without a trace."""


class RunCancelled(Conflict):
    """The user has called the run off, or a person has said no to what it made."""

    default_code = "run_cancelled"
    default_detail = "The run was cancelled."


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run in a worker's hands. `attempt` is the lease."""

    id: UUID
    workspace_id: UUID
    user_id: UUID
    session_id: UUID | None
    """None in runs of before sessions were named: they remember nothing earlier."""
    request_type: str
    request_data: dict[str, Any]
    attempt: int
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One line a client sees; `data` holds its members beside `seq` and `status` (the type)."""

    seq: int
    type: str
    data: dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """How a run ended, or where it waits. The trace of its way there is in its events."""

    status: Status
    output: Any = None
    success: bool = False
    error: str | None = None
    error_code: str | None = None
    agents_invoked: list[str] = field(default_factory=list)
    request: dict[str, Any] | None = None
    """The request as it was understood; the session remembers it."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a run used. The cost counts what the budget was charged: an unknown bill at its cap."""

    tokens_input: int
    tokens_output: int
    cost_micro_usd: int


async def insert(
    tx: Tx,
    run_id: UUID,
    *,
    workspace_id: UUID,
    user_id: UUID,
    session_id: UUID,
    request_type: str,
    request_data: dict[str, Any],
    background: bool = False,
) -> int:
    """A queued run with its first event, `started`; returns its job's priority."""
    values = {
        "id": run_id,
        "workspace_id": workspace_id,
        "user_id": user_id,
        "session_id": session_id,
        "request_type": request_type,
        "request_data": Jsonb(request_data),
        "background": background,
    }
    row = await tx.one(INSERT, values)
    assert row is not None, "an insert gives its row"
    tx.later(INSERT_STARTED, values)
    return priority(row)


def priority(row: DictRow) -> int:
    """The queue takes higher numbers first: whoever waits before the background, then turn by turn."""
    return -int(row["turn"]) - (BEHIND_EVERYBODY if row["background"] else 0)


def claim(run_id: UUID) -> Statement:
    """Takes the run over, whoever had it before. Its row makes a ClaimedRun; none: it ended or never was."""
    return CLAIM, {"id": run_id}


async def owner(tx: Tx, run_id: UUID) -> tuple[UUID, UUID] | None:
    """The run's user and workspace."""
    row = await tx.one(OWNER, {"id": run_id})
    return (row["user_id"], row["workspace_id"]) if row else None


async def check_lease(tx: Tx, run: ClaimedRun) -> None:
    """Raise LeaseLost unless this worker still holds the run; holds it until the transaction ends."""
    check_held(run, await tx.one(*holds(run)))


def holds(run: ClaimedRun) -> Statement:
    """Gives a row as long as this worker holds the run."""
    return HOLDS, {"id": run.id, "attempt": run.attempt}


def check_held(run: ClaimedRun, row: DictRow | None) -> None:
    """Raise LeaseLost when a statement that asks for the lease gave no row."""
    if row is None:
        raise LeaseLost(str(run.id))


def event(run: ClaimedRun, type: str, data: dict[str, Any]) -> Statement:
    """Writes the next event; its row is for `check_told`."""
    return APPEND, {"id": run.id, "attempt": run.attempt, "type": type, "data": Jsonb(data)}


def check_told(run: ClaimedRun, row: DictRow | None, *, last: bool = True) -> None:
    """Raise LeaseLost when no event was written, RunCancelled when no more is wanted and more would come."""
    check_held(run, row)
    if row and row["cancelled"] and not last:
        raise RunCancelled


def totals(run: ClaimedRun) -> Statement:
    """The sums of the run's journal: its row makes Totals."""
    return TOTALS, {"id": run.id}


async def release(tx: Tx, run: ClaimedRun) -> None:
    """Hand the run back unfinished: whoever takes it next does not count a lost worker."""
    await tx.run(RELEASE, {"id": run.id, "attempt": run.attempt})


def set_down(
    tx: Tx, run: ClaimedRun, outcome: Outcome, spent: Totals, *, last: str, **data: Any
) -> None:
    """End the run, or let it wait, after an event `last`. The transaction holds the run already."""
    tx.later(*event(run, last, data))
    values = {
        "id": run.id,
        "attempt": run.attempt,
        "status": outcome.status,
        "success": outcome.success,
        "output": Jsonb(outcome.output),
        "error": outcome.error,
        "error_code": outcome.error_code,
        "tokens_input": spent.tokens_input,
        "tokens_output": spent.tokens_output,
        "cost_micro_usd": spent.cost_micro_usd,
    }
    tx.later(SET_DOWN, values)


async def resume(tx: Tx, workspace_id: UUID, run_id: UUID) -> int | None:
    """Queue a run that waits for a verdict; its job's priority, or None when it does not wait."""
    row = await tx.one(RESUME, {"workspace_id": workspace_id, "id": run_id})
    return priority(row) if row else None


async def ask_to_cancel(
    tx: Tx, workspace_id: UUID, run_id: UUID
) -> tuple[ClaimedRun, bool, Status] | None:
    """Note the wish. The run, whether it had not begun and is now the caller's to end, and its state;
    None for a run that has ended or is not the workspace's."""
    row = await tx.one(CANCEL, {"workspace_id": workspace_id, "id": run_id})
    if row is None:
        return None
    status, never_begun = row.pop("status"), row.pop("never_begun")
    return ClaimedRun(**row), bool(never_begun), status


async def beat(tx: Tx, run_ids: Sequence[UUID]) -> None:
    """Say that these runs are in living hands."""
    await tx.run(BEAT, {"ids": list(run_ids)})


async def get(db: Reads, run_id: UUID) -> DictRow:
    """The run as its owner sees it. Raises NotFound, also for another tenant's."""
    row = await db.one(GET, {"id": run_id})
    if row is None:
        raise missing()
    return row


async def events_after(db: Reads, run_id: UUID, after: int) -> tuple[list[RunEvent], Status]:
    """The events with a number above `after`, in order, and the run's status in the same snapshot."""
    rows = await db.all(EVENTS_AFTER, {"id": run_id, "after": after})
    if not rows:
        raise missing()
    events = [RunEvent(row["seq"], row["type"], row["data"]) for row in rows if row["seq"]]
    return events, rows[0]["run_status"]


_ERRORS: dict[int | None, type[AppError]] = {
    kind.status: kind
    for kind in (
        BudgetExceeded, Forbidden, NotFound, Conflict, Unprocessable, UpstreamFailed, Unavailable
    )
}  # fmt: skip


def as_error(run: DictRow) -> AppError:
    """Why a run gave nothing, as the answer of the request that waited for it."""
    run_id = str(run["id"])
    if run["status"] not in TERMINAL:
        location = {"Location": f"/api/v1/agents/runs/{run_id}"}
        return Unavailable(
            "The run is still under way.", code="run_pending", headers=location, run_id=run_id
        )
    kind = _ERRORS.get(run["error_status"], AppError)
    told = run["output"] if isinstance(run["output"], dict) else {}
    extra = {name: value for name, value in told.items() if name not in ("type", "run_id")}
    return kind(run["error"], code=run["error_code"], run_id=run_id, **extra)


def outcome(run: DictRow) -> dict[str, Any]:
    """What a run gave, for the request that waited for it.

    Raises `as_error` for a run that gave nothing, and Unprocessable `clarification_needed` with the questions
    of one that did not know what was meant.
    """
    if run["status"] != "completed":
        raise as_error(run)
    output: dict[str, Any] = run["output"]
    if output.get("type") == "clarification_needed":
        questions = output["questions"]
        detail = " ".join(questions)
        raise Unprocessable(detail, code="clarification_needed", questions=questions)
    return output


def missing() -> NotFound:
    return NotFound("Run not found", code="run_not_found")
