"""Approval gates: output held for a person's verdict (PRODUCT 5).

A verdict is one guarded UPDATE: it is given once, by the workspace's own user, in 24 hours, on the content
that was shown. The gate keeps the graph's state, so what goes on is what was judged (ADR 0054).
"""

import hashlib
import json
from typing import Any, Literal
from uuid import UUID, uuid5

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from pydantic import BaseModel

from backend.core.database import Reader, Reads, Tx
from backend.core.errors import AppError, Conflict, NotFound
from backend.core.records import WorkspaceTable
from backend.domain.runs import ClaimedRun, RunCancelled
from backend.domain.values import Timestamp

Status = Literal["pending", "approved", "rejected", "modified", "expired"]
GateType = Literal["content", "strategy", "payment", "deletion", "external_action"]
GATE_SECONDS = 24 * 3600
PASSED: frozenset[Status] = frozenset({"approved", "modified"})

HOLD = """
insert into public.approval_gates (id, workspace_id, session_id, run_id, gate_type, description,
  pending_output, content_hash, skill, resume_state, risk_level, risk_reasons, expires_at)
values (%(id)s, %(workspace_id)s, %(session_id)s, %(run_id)s, %(gate_type)s, %(description)s,
  %(pending_output)s, %(content_hash)s, %(skill)s, %(resume_state)s, %(risk_level)s, %(risk_reasons)s,
  now() + make_interval(secs => %(seconds)s))
on conflict (id) do nothing
"""
RESOLVE = """
update public.approval_gates set status = %(status)s, resolved_by = %(user_id)s, resolved_at = now(),
  rejection_reason = %(reason)s, modifications = %(modifications)s, approved_output = %(approved_output)s,
  content_hash = coalesce(%(approved_hash)s, content_hash)
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'pending' and expires_at > now()
  and content_hash = coalesce(%(shown_hash)s, content_hash)
returning run_id
"""
EXPIRE = """
update public.approval_gates set status = 'expired', resolved_at = now()
where id in (select id from public.approval_gates where status = 'pending' and expires_at <= now()
  order by expires_at limit 500 for update skip locked)
returning id, workspace_id, run_id
"""
CALL_OFF = """
update public.approval_gates set status = 'rejected', rejection_reason = 'The run was cancelled.',
  resolved_by = %(user_id)s, resolved_at = now()
where workspace_id = %(workspace_id)s and run_id = %(run_id)s and status = 'pending'
returning id
"""
OF_RUN = """
select id, status, content_hash, coalesce(approved_output, pending_output) as content, resume_state,
  rejection_reason
from public.approval_gates where run_id = %(run_id)s order by created_at desc limit 1
"""
GET = """
select g.id, g.run_id, g.session_id, g.gate_type, g.description, g.pending_output, g.approved_output,
  g.content_hash, g.skill, g.risk_level, g.risk_reasons,
  public.gate_status(g.status, g.expires_at) as status,
  g.modifications, g.rejection_reason, g.created_at, g.expires_at, g.resolved_at, r.request_type,
  r.request_data
from public.approval_gates g
left join public.agent_executions r on r.workspace_id = g.workspace_id and r.id = g.run_id
where g.workspace_id = %(workspace_id)s and g.id = %(id)s
"""
LIST = """
select api.list_approvals(%(claims)s, %(status)s, %(limit)s, %(offset)s, %(after_at)s, %(after_id)s)
"""


class ListedGate(BaseModel):
    """A gate in a list. `content_hash` is the SHA-256 of the content's canonical JSON."""

    id: UUID
    run_id: UUID | None
    session_id: UUID | None
    request_type: str | None
    gate_type: GateType
    description: str | None
    risk_level: Literal["low", "medium", "high", "critical"] | None
    risk_reasons: list[str]
    status: Status
    content_hash: str | None
    created_at: Timestamp
    expires_at: Timestamp
    resolved_at: Timestamp | None


class Gate(ListedGate):
    """`pending_output` is what was held; `approved_output` what an edit made of it."""

    pending_output: dict[str, Any]
    approved_output: dict[str, Any] | None
    modifications: dict[str, Any] | None
    rejection_reason: str | None


table = WorkspaceTable(
    "approval_gates",
    ListedGate,
    "Approval",
    derived={
        "request_type": "(select r.request_type from public.agent_executions r"
        " where r.workspace_id = t.workspace_id and r.id = t.run_id)",
    },
)


class GatePage(BaseModel):
    approvals: list[ListedGate]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 over the content's canonical JSON (sorted keys, no spaces, UTF-8), in hex."""
    canonical = json.dumps(
        _plain(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Whole floats as integers: Postgres gives 1e20 back as digits, and the hash must not notice."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def gate_id(run_id: UUID) -> UUID:
    """A run's gate; the same for every attempt of the run."""
    return uuid5(run_id, "gate")


async def hold(tx: Tx, run: ClaimedRun, held: dict[str, Any], state: dict[str, Any]) -> UUID:
    """Keep a draft until somebody has judged it. `held` is the rule that holds it."""
    content = state["draft"]["result"]
    values = {
        "id": gate_id(run.id),
        "workspace_id": run.workspace_id,
        "session_id": run.session_id,
        "run_id": run.id,
        "gate_type": held["gate_type"],
        "description": held["description"],
        "pending_output": Jsonb(content),
        "content_hash": content_hash(content),
        "skill": held["skill"],
        "resume_state": Jsonb(state),
        "risk_level": held["risk"],
        "risk_reasons": [held["reason"]],
        "seconds": GATE_SECONDS,
    }
    await tx.run(HOLD, values)
    return gate_id(run.id)


async def verdict_on(tx: Tx, run_id: UUID) -> dict[str, Any] | None:
    """The graph's state with the verdict in it: where a run goes on that was held. None if it never was.

    `verdict` holds status, gate_id, content_hash and content.
    """
    row = await tx.one(OF_RUN, {"run_id": run_id})
    if row is None:
        return None
    verdict = {
        "status": row["status"],
        "gate_id": str(row["id"]),
        "content_hash": row["content_hash"],
        "content": row["content"],
        "reason": row["rejection_reason"],
    }
    return {**row["resume_state"], "verdict": verdict}


def released(verdict: dict[str, Any]) -> dict[str, Any]:
    """The content that was approved, to the byte. Raises RunCancelled for any other verdict."""
    if verdict["status"] not in PASSED:
        raise _refusal(verdict)
    content: dict[str, Any] = verdict["content"]
    if content_hash(content) != verdict["content_hash"]:
        raise AppError("The approved content is not what was kept.", code="approval_hash_mismatch")
    return content


def _refusal(verdict: dict[str, Any]) -> RunCancelled:
    if verdict["status"] == "expired":
        return RunCancelled("Nobody approved this in 24 hours.", code="approval_expired")
    reason = verdict["reason"]
    detail = f"Rejected: {reason}" if reason else "Rejected."
    return RunCancelled(detail, code="approval_rejected")


async def resolve(
    tx: Tx,
    workspace_id: UUID,
    user_id: UUID,
    id: UUID,
    status: Literal["approved", "rejected", "modified"],
    *,
    shown_hash: str | None = None,
    reason: str | None = None,
    modifications: dict[str, Any] | None = None,
    approved_output: dict[str, Any] | None = None,
) -> UUID | None:
    """Give the verdict; returns the run that waits for it.

    Raises NotFound, and Conflict `approval_already_resolved` or `approval_content_changed`.
    """
    edited = approved_output is not None
    values = {
        "workspace_id": workspace_id,
        "user_id": user_id,
        "id": id,
        "status": status,
        "reason": reason,
        "shown_hash": shown_hash,
        "modifications": Jsonb(modifications) if edited else None,
        "approved_output": Jsonb(approved_output) if edited else None,
        "approved_hash": content_hash(approved_output) if approved_output is not None else None,
    }
    row = await tx.one(RESOLVE, values)
    if row is None:
        raise _not_resolvable(await tx.one(GET, {"workspace_id": workspace_id, "id": id}))
    run_id: UUID | None = row["run_id"]
    return run_id


_RESOLVED = {
    "approved": "This was approved already.",
    "modified": "This was approved already, with changes.",
    "rejected": "This was rejected already.",
    "expired": "The time to decide is over. Ask for it again.",
}


def _not_resolvable(gate: DictRow | None) -> AppError:
    if gate is None:
        return missing()
    if gate["status"] == "pending":
        return Conflict(
            "The content is not the one that was shown.", code="approval_content_changed"
        )
    return Conflict(
        _RESOLVED[gate["status"]],
        code="approval_already_resolved",
        status_is=gate["status"],
    )


async def expire(tx: Tx) -> list[DictRow]:
    """Close the gates whose time is over; gives their `id`, `workspace_id` and `run_id`."""
    return await tx.all(EXPIRE)


async def call_off(tx: Tx, workspace_id: UUID, user_id: UUID, run_id: UUID) -> UUID | None:
    """Close the gate of a run that its user cancels."""
    values = {"workspace_id": workspace_id, "user_id": user_id, "run_id": run_id}
    row = await tx.one(CALL_OFF, values)
    return row["id"] if row else None


async def get(db: Reads, id: UUID) -> DictRow:
    """One gate with what it holds, and its run's request. Raises NotFound."""
    row = await db.one(GET, {"id": id})
    if row is None:
        raise missing()
    return row


async def page(
    db: Reader, *, status: Status | None, limit: int, offset: int, after: tuple[str, UUID] | None
) -> bytes | None:
    """The JSON of a `GatePage`, rendered by Postgres."""
    after_at, after_id = after or (None, None)
    values = {"status": status, "limit": limit, "offset": offset}
    return await db.json(LIST, {**values, "after_at": after_at, "after_id": after_id})


def missing() -> NotFound:
    return NotFound("Approval not found", code="approval_not_found")
