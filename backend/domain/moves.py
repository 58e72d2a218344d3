"""Moves: day-by-day battle plans, and their tasks (PRODUCT 1, 2.1, 3).

The state machine is the WHERE clause of each statement: no row means that the move is absent (404) or in
another state (409). Nothing is read first and written later.
"""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb
from pydantic import BaseModel, Field, model_validator

from backend.core.database import Reader, Reads, Tx
from backend.core.errors import Conflict, NotFound
from backend.core.records import TextArray, WorkspaceTable
from backend.domain import billing
from backend.domain.calendar import check_not_past
from backend.domain.plans import PlannedDay
from backend.domain.values import INPUT, Day, LongText, Name, Timestamp, without_protected

Category = Literal["ignite", "capture", "authority", "repair", "rally"]
Status = Literal["draft", "scheduled", "active", "paused", "completed", "cancelled"]
Source = Literal["manual", "blackbox", "campaign", "daily_wins"]
Days = Annotated[int, Field(ge=1, le=90)]
Channels = Annotated[list[Name], Field(max_length=20)]


class Move(BaseModel):
    """A move as it leaves the API. `execution` holds the days of the plan, `progress` is percent.

    `campaign_day` is the day of its campaign on which it begins.
    """

    id: UUID
    workspace_id: UUID
    campaign_id: UUID | None
    campaign_day: int | None
    name: str
    category: Category
    status: Status
    goal: str | None
    context: str | None
    target_icp_id: UUID | None
    channels: TextArray
    duration_days: int
    minutes_per_day: int | None
    start_date: date | None
    end_date: date | None
    execution: list[dict[str, Any]]
    success_metrics: list[Any]
    contingencies: dict[str, Any]
    progress: int
    current_day: int
    source: Source
    source_id: UUID | None
    created_at: Timestamp
    updated_at: Timestamp


class IcpRef(BaseModel):
    id: UUID
    name: str


class ListedMove(Move):
    target_icp: IcpRef | None


class MovePage(BaseModel):
    """`next_cursor` goes into `cursor` to read on from here, however deep, at the same cost."""

    moves: list[ListedMove]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class MoveCreate(BaseModel):
    model_config = INPUT

    category: Category
    goal: LongText
    duration_days: Days = 7
    target_icp_id: UUID | None = None
    name: Name | None = None
    context: LongText | None = None
    channels: Channels = []
    campaign_id: UUID | None = None
    minutes_per_day: Annotated[int, Field(ge=5, le=1440)] | None = None


class MoveUpdate(BaseModel):
    """Only what is sent is changed. Status moves through start, pause and complete alone."""

    model_config = INPUT

    name: Name = ""
    category: Category = "ignite"
    goal: LongText | None = None
    context: LongText | None = None
    target_icp_id: UUID | None = None
    channels: Channels = []
    duration_days: Days = 7
    start_date: Day | None = None
    campaign_id: UUID | None = None
    minutes_per_day: Annotated[int, Field(ge=5, le=1440)] | None = None
    execution: Annotated[list[PlannedDay], Field(max_length=90)] = []

    _drop = model_validator(mode="before")(without_protected)


table = WorkspaceTable(
    "moves",
    Move,
    "Move",
    derived={
        "target_icp": "(select json_build_object('id', i.id, 'name', i.name) from public.icp_profiles i"
        " where i.workspace_id = t.workspace_id and i.id = t.target_icp_id)"
    },
)

LIST = "select api.list_moves(%(claims)s, %(status)s, %(limit)s, %(offset)s, %(after_at)s, %(after_id)s)"

DETAIL = """
select m.*,
  (select to_jsonb(i) - 'summary_embedding' - 'embedder' from public.icp_profiles i
    where i.workspace_id = m.workspace_id and i.id = m.target_icp_id) as target_icp,
  coalesce((select jsonb_agg(to_jsonb(t) order by t.day_number, t.position, t.id)
    from public.move_tasks t where t.workspace_id = m.workspace_id and t.move_id = m.id), '[]') as tasks
from public.moves m
where m.workspace_id = %(workspace_id)s and m.id = %(id)s
"""

LOCK_QUOTA = "select pg_advisory_xact_lock(hashtextextended('moves:' || %(workspace_id)s::text, 0))"
COUNT_THIS_MONTH = """
select count(*) as made from public.moves
where workspace_id = %(workspace_id)s and created_at >= date_trunc('month', now())
"""

# A paused move starts again at the day it stopped at: its calendar shifts by the days it lay still.
START = """
update public.moves set
  status = 'active',
  current_day = greatest(current_day, 1),
  start_date = case
    when status = 'scheduled' and start_date > public.workspace_today(workspace_id) then start_date
    else public.workspace_today(workspace_id) - (greatest(current_day, 1) - 1) end,
  end_date = duration_days - 1 + case
    when status = 'scheduled' and start_date > public.workspace_today(workspace_id) then start_date
    else public.workspace_today(workspace_id) - (greatest(current_day, 1) - 1) end
where workspace_id = %(workspace_id)s and id = %(id)s and status in ('draft', 'scheduled', 'paused')
returning *
"""

# One row a task of the plan, made at the first start only.
MAKE_TASKS = """
insert into public.move_tasks (workspace_id, move_id, title, description, type, day_number, position,
  scheduled_date, platform, estimated_minutes, priority, deliverable, sources, card)
select m.workspace_id, m.id, t.title, t.description, t.type, d.day, t.ordinality, m.start_date + d.day - 1,
  t.platform, coalesce(t.estimated_minutes, 30), coalesce(t.priority, 'should-do'), t.deliverable,
  coalesce(t.sources, '[]'), t.card
from public.moves m,
  jsonb_to_recordset(m.execution) as d (day int, tasks jsonb),
  rows from (jsonb_to_recordset(coalesce(d.tasks, '[]')) as (title text, description text, type text,
    platform text, estimated_minutes int, priority text, deliverable text, sources jsonb, card text))
    with ordinality as t
where m.workspace_id = %(workspace_id)s and m.id = %(id)s
  and not exists (select from public.move_tasks x
    where x.workspace_id = m.workspace_id and x.move_id = m.id)
"""

RESCHEDULE = """
update public.move_tasks t set scheduled_date = m.start_date + t.day_number - 1
from public.moves m
where m.workspace_id = %(workspace_id)s and m.id = %(id)s
  and t.workspace_id = m.workspace_id and t.move_id = m.id
  and t.status in ('pending', 'in_progress')
  and t.scheduled_date is distinct from m.start_date + t.day_number - 1
"""

# A draft with a day is scheduled, and starts on it; without one it is a draft again. Its place in a campaign
# that has dates follows, so that the campaign takes it along from there.
SET_END = """
update public.moves m set end_date = start_date + duration_days - 1,
  status = case when start_date is null then 'draft' else 'scheduled' end,
  campaign_day = coalesce((select m.start_date - c.start_date + 1 from public.campaigns c
    where c.workspace_id = m.workspace_id and c.id = m.campaign_id and m.start_date >= c.start_date),
    campaign_day)
where workspace_id = %(workspace_id)s and id = %(id)s
"""

PAUSE = """
update public.moves set
  status = 'paused',
  current_day = least(duration_days, greatest(1, public.workspace_today(workspace_id) - start_date + 1))
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'active'
returning *
"""

COMPLETE = """
update public.moves set status = 'completed', progress = 100, current_day = duration_days
where workspace_id = %(workspace_id)s and id = %(id)s and status in ('active', 'paused')
returning *
"""

EDIT_PLAN = """
select 1 from public.moves where workspace_id = %(workspace_id)s and id = %(id)s
  and status in ('draft', 'scheduled') for update
"""

CREATE_PLANNED = """
insert into public.moves (id, workspace_id, run_id, name, category, status, goal, context, target_icp_id,
  channels, duration_days, minutes_per_day, start_date, end_date, execution, success_metrics, contingencies)
values (%(id)s, %(workspace_id)s, %(run_id)s, %(name)s, %(category)s,
  case when %(start_date)s::date is null then 'draft' else 'scheduled' end, %(goal)s, %(context)s,
  %(target_icp_id)s, %(channels)s, %(duration_days)s, %(minutes_per_day)s, %(start_date)s::date,
  %(start_date)s::date + %(duration_days)s::integer - 1, %(execution)s, %(success_metrics)s,
  %(contingencies)s)
on conflict (id) do nothing
"""


async def page(
    db: Reader, *, status: Status | None, limit: int, offset: int, after: tuple[str, UUID] | None
) -> bytes | None:
    """The JSON of a `MovePage`, rendered by Postgres; None when the user has no workspace."""
    after_at, after_id = after or (None, None)
    return await db.json(
        LIST,
        {
            "status": status,
            "limit": limit,
            "offset": offset,
            "after_at": after_at,
            "after_id": after_id,
        },
    )


async def detail(db: Reads, id: UUID) -> dict[str, Any]:
    """A move with its full `target_icp` and all its `tasks`."""
    row = await db.one(DETAIL, {"id": id})
    if row is None:
        raise table.missing()
    return row


async def create(tx: Tx, new: MoveCreate) -> dict[str, Any]:
    """A draft. Raises Forbidden `plan_limit_reached` when the month's moves are used up."""
    await check_quota(tx)
    values = new.model_dump()
    values["name"] = new.name or f"New {new.category.capitalize()} Move"
    return await table.insert(tx, values)


async def check_quota(tx: Tx, wanted: int = 1) -> None:
    """Hold the plan's monthly limit, also against parallel creates of one workspace.

    Raises Forbidden `plan_limit_reached` unless there is room for so many.
    """
    plan = await billing.current_plan(tx)
    if plan.max_moves_a_month is None:
        return
    await tx.run(LOCK_QUOTA)
    row = await tx.one(COUNT_THIS_MONTH)
    made = row["made"] if row else 0
    if made + wanted > plan.max_moves_a_month:
        raise billing.limit_reached(plan, plan.max_moves_a_month, "moves a month", made, wanted)


async def create_planned(tx: Tx, run_id: UUID, plan: dict[str, Any]) -> dict[str, Any]:
    """The draft that a run has planned. The id follows from the run, so a repeated call changes nothing."""
    move_id = uuid5(run_id, "move")
    existing = await tx.one(
        "select id from public.moves where workspace_id = %(workspace_id)s and id = %(id)s",
        {"id": move_id},
    )
    if existing is None:
        await check_quota(tx)
        tx.later(CREATE_PLANNED, {"id": move_id, "run_id": run_id, **_plan_values(plan)})
    return await table.get(tx, move_id)


def _plan_values(plan: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": plan["name"],
        "category": plan["category"],
        "goal": plan["goal"],
        "context": plan.get("context"),
        "target_icp_id": plan.get("target_icp_id"),
        "channels": plan.get("channels", []),
        "duration_days": plan["duration_days"],
        "minutes_per_day": plan.get("minutes_per_day"),
        "start_date": plan.get("start_date"),
        "execution": Jsonb(plan["execution"]),
        "success_metrics": Jsonb(plan.get("success_metrics", [])),
        "contingencies": Jsonb(plan.get("contingencies", {})),
    }


async def update(tx: Tx, id: UUID, changes: MoveUpdate) -> dict[str, Any]:
    """Change what was sent. The plan itself can change only before the move has started."""
    sent = changes.model_dump(exclude_unset=True)
    if {"execution", "duration_days", "start_date"} & sent.keys() and not await tx.one(
        EDIT_PLAN, {"id": id}
    ):
        await _absent_or(
            tx, id, "move_already_started", "The plan of a started move cannot be changed."
        )
    await check_not_past(tx, sent.get("start_date"))
    row = await table.update(tx, id, sent)
    if {"start_date", "duration_days"} & sent.keys():
        await tx.run(SET_END, {"id": id})
        row = await table.get(tx, id)
    return row


async def start(tx: Tx, id: UUID) -> dict[str, Any]:
    """draft, scheduled or paused -> active: dates, day 1, one task row for each task of the plan."""
    if not await tx.one(START, {"id": id}):
        await _absent_or(
            tx, id, "move_not_startable", "Only a draft, scheduled or paused move can start."
        )
    if not await tx.run(MAKE_TASKS, {"id": id}):
        await tx.run(RESCHEDULE, {"id": id})
    return await table.get(tx, id)


async def pause(tx: Tx, id: UUID) -> dict[str, Any]:
    """active -> paused; remembers the day it stopped at."""
    if not await tx.one(PAUSE, {"id": id}):
        await _absent_or(tx, id, "move_not_active", "Only an active move can pause.")
    return await table.get(tx, id)


async def complete(tx: Tx, id: UUID) -> dict[str, Any]:
    """active or paused -> completed, 100%."""
    if not await tx.one(COMPLETE, {"id": id}):
        await _absent_or(
            tx, id, "move_not_completable", "Only an active or paused move can be completed."
        )
    return await table.get(tx, id)


async def _absent_or(tx: Tx, id: UUID, code: str, detail: str) -> None:
    """Raise 404 for an absent move, else 409 with the state it is in."""
    move = await table.get(tx, id)
    raise Conflict(f"{detail} This one is {move['status']}.", code=code, status_is=move["status"])


async def exists(db: Reads, id: UUID) -> None:
    """Raise NotFound unless the move is the workspace's own."""
    if not await db.one(
        "select 1 from public.moves where workspace_id = %(workspace_id)s and id = %(id)s",
        {"id": id},
    ):
        raise NotFound("Move not found", code="move_not_found")
