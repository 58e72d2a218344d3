"""The tasks of a started move: what to do on which day, and what came of it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, field_serializer, model_validator

from backend.core.database import Reads, Tx
from backend.core.errors import Conflict, Unprocessable
from backend.core.records import WorkspaceTable
from backend.domain import moves
from backend.domain.calendar import check_not_past
from backend.domain.plans import Kind, Minutes, Priority
from backend.domain.values import (
    INPUT,
    Day,
    LongText,
    Name,
    Phrase,
    Rupees,
    Timestamp,
    without_protected,
)

MOST_DAYS = 90
Status = Literal["pending", "in_progress", "completed", "skipped"]


Rating = Annotated[int, Field(ge=1, le=5)]


class TaskResult(BaseModel):
    """What came of a task, counted by the founder: `{"name": "replies", "value": 4}`."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Phrase, Field(min_length=1, max_length=60)]
    value: Annotated[float, Field(ge=0, le=1e9)]


class Task(BaseModel):
    """One task. `sources` names the facts it rests on, with evidence id and character span.

    `moved_from` is the day it was planned for first, once it has been moved. `card` names the play of the
    playbook. `rating`, `results` and `spent_inr` are what the founder says came of it.
    """

    id: UUID
    workspace_id: UUID
    move_id: UUID
    title: str
    description: str | None
    type: Kind | None
    day_number: int
    scheduled_date: date | None
    moved_from: date | None
    platform: str | None
    estimated_minutes: int
    actual_minutes: int | None
    priority: Priority
    status: Status
    completed_at: Timestamp | None
    deliverable: str | None
    deliverable_url: str | None
    generated_content: dict[str, Any] | None
    rating: Rating | None
    results: list[TaskResult]
    spent_inr: Rupees
    card: str | None
    sources: list[dict[str, Any]]
    created_at: Timestamp
    updated_at: Timestamp


class TaskUpdate(BaseModel):
    """Only what is sent is changed.

    With another `scheduled_date` the task moves, and the move grows if need be.
    """

    model_config = INPUT

    status: Status = "pending"
    title: Name = ""
    description: LongText | None = None
    scheduled_date: Day = date(2000, 1, 1)
    estimated_minutes: Minutes = 30
    actual_minutes: Minutes | None = None
    priority: Priority = "should-do"
    deliverable: LongText | None = None
    deliverable_url: Annotated[HttpUrl, Field(max_length=2000)] | None = None
    rating: Rating | None = None
    results: Annotated[list[TaskResult], Field(max_length=20)] = []
    spent_inr: Rupees = Decimal(0)

    _drop = model_validator(mode="before")(without_protected)

    @field_serializer("deliverable_url")
    def _as_text(self, url: HttpUrl | None) -> str | None:
        return str(url) if url else None


table = WorkspaceTable("move_tasks", Task, "Task")

# Without a task to read on after, the page begins before all of them: one condition that the index can use.
LIST = """
with before as (
  select day_number, position, id from public.move_tasks
  where workspace_id = %(workspace_id)s and move_id = %(move_id)s and id = %(after_id)s
)
select counted.total, task.* from (
  select count(*)::int as total from public.move_tasks t
  where t.workspace_id = %(workspace_id)s and t.move_id = %(move_id)s
    and (%(status)s::text is null or t.status = %(status)s)
    and (%(day)s::int is null or t.day_number = %(day)s)
) as counted left join lateral (
  select * from public.move_tasks t
  where t.workspace_id = %(workspace_id)s and t.move_id = %(move_id)s
    and (%(status)s::text is null or t.status = %(status)s)
    and (%(day)s::int is null or t.day_number = %(day)s)
    and (t.day_number, t.position, t.id) > (
      coalesce((select day_number from before), 0), coalesce((select position from before), 0),
      coalesce((select id from before), '00000000-0000-0000-0000-000000000000'))
  order by t.day_number, t.position, t.id limit %(limit)s offset %(offset)s
) as task on true
order by task.day_number, task.position, task.id
"""
IN_MOVE = """
select t.*, m.target_icp_id, m.campaign_id from public.move_tasks t
join public.moves m on m.workspace_id = t.workspace_id and m.id = t.move_id
where t.workspace_id = %(workspace_id)s and t.move_id = %(move_id)s and t.id = %(id)s
"""
KEEP_DRAFT = """
update public.move_tasks set generated_content = %(content)s
where workspace_id = %(workspace_id)s and move_id = %(move_id)s and id = %(id)s
"""

# Locks the move, so that two updates count its progress one after the other.
RUNNING = """
select m.status, m.start_date, t.scheduled_date from public.moves m join public.move_tasks t
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

# Where a task goes, its day number goes; the first day it was planned for is kept.
MOVE = """
update public.move_tasks t set
  moved_from = coalesce(t.moved_from, %(before)s::date),
  day_number = t.scheduled_date - m.start_date + 1,
  position = 1 + coalesce((select max(o.position) from public.move_tasks o
    where o.workspace_id = t.workspace_id and o.move_id = t.move_id and o.id <> t.id
      and o.scheduled_date = t.scheduled_date), 0)
from public.moves m
where t.workspace_id = %(workspace_id)s and t.id = %(id)s
  and m.workspace_id = t.workspace_id and m.id = t.move_id
"""
STRETCH = """
update public.moves m set end_date = t.last, duration_days = t.last - m.start_date + 1
from (select max(scheduled_date) as last from public.move_tasks
  where workspace_id = %(workspace_id)s and move_id = %(move_id)s) t
where m.workspace_id = %(workspace_id)s and m.id = %(move_id)s and t.last > m.end_date
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
    db: Reads,
    move_id: UUID,
    *,
    status: Status | None,
    day: int | None,
    limit: int,
    offset: int,
    after: UUID | None,
) -> tuple[list[dict[str, Any]], int]:
    """Tasks of one move by day, and how many there are in all. An absent move is 404.

    `after` is the last task of the page before.
    """
    values = {"status": status, "day": day, "limit": limit, "offset": offset, "after_id": after}
    rows = await db.all(LIST, {**values, "move_id": move_id})
    found = [row for row in rows if row["id"] is not None]
    if not found:
        await moves.exists(db, move_id)
    return found, rows[0]["total"]


async def in_move(db: Reads, move_id: UUID, id: UUID) -> dict[str, Any]:
    """A task with its move's `target_icp_id` and `campaign_id`. Raises NotFound."""
    row = await db.one(IN_MOVE, {"move_id": move_id, "id": id})
    if row is None:
        raise table.missing()
    return row


async def keep_draft(tx: Tx, move_id: UUID, id: UUID, asset: dict[str, Any]) -> None:
    """Put what was written beside the task: the asset's id, type, place, words and open claims.

    Nothing happens when the task is gone: it may have been, while its text waited for approval.
    """
    kept = ("type", "platform", "title", "content", "unsupported")
    content = {"asset_id": str(asset["id"]), **{name: asset[name] for name in kept}}
    await tx.run(KEEP_DRAFT, {"move_id": move_id, "id": id, "content": Jsonb(content)})


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
    moved = "scheduled_date" in sent and sent["scheduled_date"] != move["scheduled_date"]
    if moved:
        await _check_day(tx, move["start_date"], sent["scheduled_date"])
    await table.update(tx, id, sent)
    if moved:
        await tx.run(MOVE, {**keys, "before": move["scheduled_date"]})
        await tx.run(STRETCH, keys)
    if "status" in sent:
        await tx.run(STAMP, keys)
        await tx.run(PROGRESS, keys)
    return await table.get(tx, id)


async def _check_day(tx: Tx, start: date, day: date) -> None:
    """Raise Unprocessable for a day before today, before the move or after its longest possible end."""
    await check_not_past(tx, day)
    if not start <= day <= start + timedelta(MOST_DAYS - 1):
        raise Unprocessable(
            f"A task of this move can be on any day from {start} to {start + timedelta(MOST_DAYS - 1)}.",
            code="date_out_of_range",
        )
