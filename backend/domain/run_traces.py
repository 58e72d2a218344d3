"""Runs as their owner looks back at them: the list, and one run with its whole trace (PRODUCT 5)."""

from typing import Any
from uuid import UUID, uuid5

from psycopg.rows import DictRow
from pydantic import BaseModel

from backend.core.database import Reader, Reads
from backend.core.records import WorkspaceTable
from backend.domain.runs import Status, missing
from backend.domain.values import Timestamp

LIST = """
select api.list_runs(%(claims)s, %(status)s, %(request_type)s, %(limit)s, %(offset)s, %(after_at)s,
  %(after_id)s)
"""
TRACE = """
select r.id, r.workspace_id, r.session_id, r.request_type, r.request_data, r.status, r.success, r.output,
  r.error, r.error_code, r.routing_path, r.agents_invoked, r.skills_used, r.tools_used, r.quality_score,
  r.corrections_made, r.attempts, r.background, r.trace, r.tokens_input, r.tokens_output,
  r.total_cost as cost, r.latency_ms, r.started_at, r.completed_at,
  coalesce((select jsonb_agg(jsonb_build_object('kind', c.kind, 'name', c.name, 'call_key', c.call_key,
      'provider', c.provider, 'model', c.model, 'status', c.status, 'attempts', c.attempts,
      'tokens_input', c.tokens_input, 'tokens_output', c.tokens_output, 'tokens_cached', c.tokens_cached,
      'cost_usd', c.cost_micro_usd / 1000000.0, 'charged_usd', c.charged_micro_usd / 1000000.0,
      'price', c.price, 'latency_ms', c.latency_ms,
      'request', case when c.kind = 'tool' then c.request end,
      'response', case when c.kind = 'tool' then c.response end, 'error', c.error, 'started_at', c.created_at,
      'completed_at', c.completed_at) order by c.created_at, c.call_key)
    from public.run_calls c where c.workspace_id = r.workspace_id and c.run_id = r.id), '[]') as calls,
  coalesce((select jsonb_agg(jsonb_build_object('seq', e.seq, 'type', e.type, 'at', e.created_at,
      'data', e.data) order by e.seq)
    from public.run_events e where e.workspace_id = r.workspace_id and e.run_id = r.id), '[]') as events,
  coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'status', g.status, 'gate_type', g.gate_type,
      'risk_level', g.risk_level, 'content_hash', g.content_hash, 'resolved_at', g.resolved_at)
      order by g.created_at)
    from public.approval_gates g where g.workspace_id = r.workspace_id and g.run_id = r.id), '[]')
    as approval_gates
from public.agent_executions r where r.workspace_id = %(workspace_id)s and r.id = %(id)s
"""


class ListedRun(BaseModel):
    """A run in a list. `cost` is USD, `approval_gate_id` the gate it waits at."""

    id: UUID
    session_id: UUID | None
    request_type: str
    status: Status
    success: bool | None
    error: str | None
    error_code: str | None
    quality_score: int | None
    corrections_made: int
    tokens_input: int
    tokens_output: int
    cost: float
    latency_ms: int | None
    approval_gate_id: UUID | None
    started_at: Timestamp
    completed_at: Timestamp | None


table = WorkspaceTable(
    "agent_executions",
    ListedRun,
    "Run",
    derived={
        "cost": "t.total_cost",
        "approval_gate_id": "(select g.id from public.approval_gates g where g.workspace_id = t.workspace_id"
        " and g.run_id = t.id and g.status = 'pending' limit 1)",
    },
)


class RunPage(BaseModel):
    runs: list[ListedRun]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class Message(BaseModel):
    """One step handing over to the next, told by the event of the step."""

    message_id: UUID
    correlation_id: UUID
    source_agent: str
    target_agent: str
    message_type: str
    action: str
    parameters: dict[str, Any]
    at: str


class Trace(BaseModel):
    """The execution trace. A cost of null is one that the provider did not state."""

    trace_id: UUID
    workspace_id: UUID
    session_id: UUID | None
    request_type: str
    status: Status
    success: bool | None
    error: str | None
    error_code: str | None
    original_request: dict[str, Any]
    perceived_input: dict[str, Any] | None
    execution_plan: dict[str, Any] | None
    routing_path: list[str]
    agents_invoked: list[str]
    skills_used: list[str]
    tools_used: list[str]
    messages: list[Message]
    model_calls: list[dict[str, Any]]
    tool_calls: list[dict[str, Any]]
    quality_scores: list[dict[str, Any]]
    critique: dict[str, Any] | None
    corrections_made: int
    approval_gates: list[dict[str, Any]]
    final_output: Any | None
    tokens_input: int
    tokens_output: int
    total_tokens: int
    total_cost: float
    total_latency_ms: int | None
    attempts: int
    started_at: Timestamp
    completed_at: Timestamp | None


async def page(
    db: Reader,
    *,
    status: Status | None,
    request_type: str | None,
    limit: int,
    offset: int,
    after: tuple[str, UUID] | None,
) -> bytes | None:
    """The JSON of a `RunPage`, rendered by Postgres."""
    after_at, after_id = after or (None, None)
    values = {"status": status, "request_type": request_type, "limit": limit, "offset": offset}
    return await db.json(LIST, {**values, "after_at": after_at, "after_id": after_id})


async def trace(db: Reads, run_id: UUID) -> Trace:
    """One run from its request to its end, or as far as it has come. Raises NotFound."""
    row = await db.one(TRACE, {"id": run_id})
    if row is None:
        raise missing()
    kept: dict[str, Any] = row["trace"] or _so_far(row["events"])
    calls: list[dict[str, Any]] = row["calls"]
    names = Trace.model_fields.keys() & row.keys()
    return Trace(
        trace_id=row["id"],
        original_request=row["request_data"] or {},
        perceived_input=kept.get("perceived_input"),
        execution_plan=kept.get("execution_plan"),
        critique=kept.get("critique"),
        quality_scores=kept.get("quality_scores") or [],
        messages=_messages(row),
        model_calls=[_model_call(call) for call in calls if call["kind"] == "model"],
        tool_calls=[_tool_call(call) for call in calls if call["kind"] == "tool"],
        final_output=row["output"],
        total_tokens=row["tokens_input"] + row["tokens_output"],
        total_cost=float(row["cost"]),
        total_latency_ms=row["latency_ms"],
        **{name: row[name] for name in names},
    )


def _model_call(call: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in call.items() if name not in ("request", "response")}


def _tool_call(call: dict[str, Any]) -> dict[str, Any]:
    """As the specification has a tool call; `result` and `parameters` go when the journal is pruned."""
    asked, gave = call["request"] or {}, call["response"] or {}
    return {
        "tool_name": call["name"],
        "parameters": asked.get("parameters"),
        "timeout_seconds": asked.get("timeout_seconds"),
        "max_retries": asked.get("max_retries"),
        "retry_count": call["attempts"] - 1,
        "success": call["status"] == "completed",
        "result": gave.get("output"),
        "tainted": gave.get("tainted"),
        "error": call["error"],
        "latency_ms": call["latency_ms"],
        "started_at": call["started_at"],
        "completed_at": call["completed_at"],
    }


def _so_far(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Of a run at work: what its events have said until now."""
    steps = [event["data"] for event in events if event["type"] == "step"]
    said = {name: value for step in steps for name, value in step.items()}
    return {
        "perceived_input": said.get("perceived"),
        "execution_plan": said.get("plan"),
        "critique": said.get("critique"),
        "quality_scores": [step["scores"] for step in steps if "scores" in step],
    }


def _messages(row: DictRow) -> list[Message]:
    steps = [event for event in row["events"] if event["type"] == "step"]
    if not steps:
        return []
    targets = [step["data"]["node"] for step in steps[1:]] + ["client"]
    return [
        Message(
            message_id=uuid5(row["id"], str(step["seq"])),
            correlation_id=row["id"],
            source_agent=step["data"]["node"],
            target_agent=target,
            message_type="response" if target == "client" else "handoff",
            action=step["data"]["node"],
            parameters={name: v for name, v in step["data"].items() if name != "node"},
            at=step["at"],
        )
        for step, target in zip(steps, targets, strict=True)
    ]
