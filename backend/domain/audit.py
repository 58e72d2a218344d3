"""The audit log: who did what in a workspace, and the events that webhooks tell of (ADR 0096).

An action is an operation of the API; its event says the same in the past tense, noun first: `start_move` is
`move.started`. What agents do is written by triggers of the runs' own table.
"""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import BaseModel

from backend.core.database import Reader, Tx
from backend.core.records import WorkspaceTable
from backend.domain.values import Timestamp

Actor = Literal["user", "key", "agent"]
Channel = Literal["api", "mcp", "worker"]

RUN_EVENTS = ("approval.requested", "run.cancelled", "run.completed", "run.failed")
_PAST = {
    "add": "added",
    "cancel": "cancelled",
    "complete": "completed",
    "give": "given",
    "mark": "marked",
    "put": "put",
    "run": "run",
    "set": "set",
    "skip": "skipped",
    "stop": "stopped",
    "submit": "submitted",
}


class AuditEntry(BaseModel):
    """One thing that was done. `key_id` names the API key it was done with, `run_id` the agent's run."""

    id: UUID
    workspace_id: UUID
    user_id: UUID | None
    actor: Actor
    key_id: UUID | None
    run_id: UUID | None
    channel: Channel
    action: str
    event: str
    subject_id: UUID | None
    request_id: str | None
    details: dict[str, Any]
    created_at: Timestamp


class AuditPage(BaseModel):
    entries: list[AuditEntry]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


table = WorkspaceTable("audit_log", AuditEntry, "Audit entry")

LIST = """
select api.list_audit_log(%(claims)s, %(actor)s, %(action)s, %(subject_id)s, %(limit)s, %(offset)s,
  %(after_at)s, %(after_id)s)
"""
ADD = """
insert into public.audit_log (workspace_id, user_id, actor, key_id, channel, action, event, subject_id,
  request_id, details)
values (%(workspace)s, %(user)s, %(actor)s, %(key)s, %(channel)s, %(action)s, %(event)s, %(subject)s,
  %(request)s, %(details)s)
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did over the API; `action` is the operation's id."""

    workspace_id: UUID
    user_id: UUID
    key_id: UUID | None
    channel: Channel
    action: str
    subject_id: UUID | None
    request_id: str | None
    details: dict[str, Any] = field(default_factory=dict)


def event_of(action: str) -> str:
    """The event's name: `create_move` -> `move.created`, `delete_moves` -> `moves.deleted`."""
    verb, _, noun = action.partition("_")
    past = _PAST.get(verb) or (f"{verb}d" if verb.endswith("e") else f"{verb}ed")
    return f"{noun or 'workspace'}.{past}"


async def add(tx: Tx, done: Done) -> None:
    """Write an entry through the service door; webhooks that listen for it are queued with it."""
    await tx.run(
        ADD,
        {
            "workspace": done.workspace_id,
            "user": done.user_id,
            "actor": "key" if done.key_id else "user",
            "key": done.key_id,
            "channel": done.channel,
            "action": done.action,
            "event": event_of(done.action),
            "subject": done.subject_id,
            "request": done.request_id,
            "details": Jsonb(done.details),
        },
    )


async def page(
    db: Reader,
    *,
    actor: Actor | None,
    action: str | None,
    subject_id: UUID | None,
    limit: int,
    offset: int,
    after: tuple[str, UUID] | None,
) -> bytes | None:
    """The JSON of an `AuditPage`, rendered by Postgres."""
    after_at, after_id = after or (None, None)
    return await db.json(
        LIST,
        {
            "actor": actor,
            "action": action,
            "subject_id": subject_id,
            "limit": limit,
            "offset": offset,
            "after_at": after_at,
            "after_id": after_id,
        },
    )
