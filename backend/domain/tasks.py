"""The tasks of a started move: what to do on which day, and what came of it."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, HttpUrl, field_serializer, model_validator

from backend.core.database import Reads, Tx
from backend.core.errors import Conflict
from backend.core.records import WorkspaceTable
from backend.domain import moves
from backend.domain.plans import Kind, Minutes, Priority
from backend.domain.values import INPUT, Day, LongText, Name, Timestamp, without_protected

Status = Literal["pending", "in_progress", "completed", "skipped"]


class Task(BaseModel):
    """One task. `sources` names the facts it rests on, with evidence id and character span."""

    id: UUID
    workspace_id: UUID
    move_id: UUID
    title: str
    description: str | None
    type: Kind | None
    day_number: int
    scheduled_date: date | None
    platform: str | None
    estimated_minutes: int
    actual_minutes: int | None
    priority: Priority
    status: Status
    completed_at: Timestamp | None
    deliverable: str | None
    deliverable_url: str | None
    generated_content: dict[str, Any] | None
    sources: list[dict[str, Any]]
    created_at: Timestamp
    updated_at: Timestamp


class TaskUpdate(BaseModel):
    """Only what is sent is changed."""

    model_config = INPUT

    status: Status = "pending"
    title: Name = ""
    description: LongText | None = None
    scheduled_date: Day | None = None
    estimated_minutes: Minutes = 30
    actual_minutes: Minutes | None = None
    priority: Priority = "should-do"
    deliverable: LongText | None = None
    deliverable_url: Annotated[HttpUrl, Field(max_length=2000)] | None = None

    _drop = model_validator(mode="before")(without_protected)

    @field_serializer("deliverable_url")
    def _as_text(self, url: HttpUrl | None) -> str | None:
        return str(url) if url else None


table = WorkspaceTable("move_tasks", Task, "Task")

LIST = """
select t.*, count(*) over () as total from public.move_tasks t
where t.workspace_id = %(workspace_id)s and t.move_id = %(move_id)s
  and (%(status)s::text is null or t.status = %(status)s)
  and (%(day)s::int is null or t.day_number = %(day)s)
order by t.day_number, t.position, t.id limit %(limit)s offset %(offset)s
"""

# Locks the move, so that two updates count its progress one after the other.
RUNNING = """
select m.status from public.moves m join public.move_tasks t
  on t.workspace_id = m.workspace_id and t.move_id = m.id
where m.workspace_id = %(workspace_id)s and m.id = %(move_id)s and t.id = %(id)s
for update of m
"""

STAMP = """
update public.move_tasks set
  completed_at = case when status = 'completed' then coalesce(completed_at, now()) end
where workspace_id = %(workspace_id)s and id = %(id)s
returning *
"""

# Skipped tasks neither count nor hold the move back.
PROGRESS = """
update public.moves m set progress = coalesce((
  select round(100.0 * count(*) filter (where t.status = 'completed')
    / nullif(count(*) filter (where t.status <> 'skipped'), 0))
  from public.move_tasks t where t.workspace_id = m.workspace_id and t.move_id = m.id), 0)
where m.workspace_id = %(workspace_id)s and m.id = %(move_id)s
"""


async def page(
    db: Reads, move_id: UUID, *, status: Status | None, day: int | None, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """Tasks of one move by day, and how many there are. An absent move is 404."""
    rows = await db.all(
        LIST, {"move_id": move_id, "status": status, "day": day, "limit": limit, "offset": offset}
    )
    if not rows:
        await moves.exists(db, move_id)
    return rows, rows[0]["total"] if rows else 0


async def update(tx: Tx, move_id: UUID, id: UUID, changes: TaskUpdate) -> dict[str, Any]:
    """Change a task of a move that is active or paused, and the move's progress with it."""
    keys = {"move_id": move_id, "id": id}
    move = await tx.one(RUNNING, keys)
    if move is None:
        raise table.missing()
    if move["status"] not in ("active", "paused"):
        raise Conflict(
            f"Tasks can change while a move is active or paused. This one is {move['status']}.",
            code="move_not_running",
        )
    sent = changes.model_dump(exclude_unset=True)
    task = await table.update(tx, id, sent)
    if "status" in sent:
        task = await tx.one(STAMP, keys) or task
        await tx.run(PROGRESS, keys)
    return task
