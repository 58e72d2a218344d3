"""Campaigns: thirty to ninety days of moves in phases (PRODUCT 1, 2.1, 3).

Progress and spending are not written here: they follow the moves (`roll_up_campaign` in the migration). The
state machine is the WHERE clause of each statement, as with moves.
"""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.core.database import Reader, Reads, Tx
from backend.core.errors import Conflict
from backend.core.records import TextArray, WorkspaceTable
from backend.domain import moves
from backend.domain.calendar import check_not_past
from backend.domain.moves import Channels, IcpRef
from backend.domain.values import (
    INPUT,
    Day,
    LongText,
    Name,
    Paragraph,
    Phrase,
    Rupees,
    Timestamp,
    without_protected,
)

Objective = Literal[
    "market_entry",
    "revenue_scaling",
    "brand_pivot",
    "product_launch",
    "awareness",
    "lead_gen",
    "retention",
]
Status = Literal["planning", "scheduled", "active", "paused", "completed", "cancelled"]
Intensity = Literal["sprint", "marathon"]
MOVE_DAYS: dict[str, int] = {"sprint": 7, "marathon": 14}
"""How long a move of a campaign is, about."""
Days = Annotated[int, Field(ge=30, le=90)]
MinutesADay = Annotated[int, Field(ge=15, le=480)]
Criteria = Annotated[list[LongText], Field(max_length=30)]


class PhaseMove(BaseModel):
    """A move of a phase as it was planned; `start_day` counts from the campaign's first day."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    category: moves.Category
    start_day: Annotated[int, Field(ge=1, le=90)]
    duration_days: moves.Days


class Phase(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Annotated[int, Field(ge=1, le=20)]
    name: Name
    category: moves.Category | None = None
    purpose: Paragraph = ""
    start_day: Annotated[int, Field(ge=1, le=90)] | None = None
    duration_days: moves.Days | None = None
    duration_weeks: Annotated[float, Field(gt=0, le=13)] | None = None
    moves: Annotated[list[PhaseMove], Field(max_length=30)] = []
    success_criteria: Criteria = []
    budget_inr: Rupees | None = None
    spend: Phrase = ""
    """On what the phase's money goes, and when to stop."""


class Campaign(BaseModel):
    """A campaign as it leaves the API. `progress` (percent) and `spent_inr` follow its moves and tasks."""

    id: UUID
    workspace_id: UUID
    name: str
    description: str | None
    objective: Objective | None
    status: Status
    goal: str | None
    success_criteria: list[Any]
    target_icp_id: UUID | None
    channels: TextArray
    duration_days: int | None
    intensity: Intensity | None
    minutes_per_day: int | None
    start_date: date | None
    end_date: date | None
    phases: list[dict[str, Any]]
    progress: int
    budget_inr: Rupees | None
    spent_inr: Rupees
    created_at: Timestamp
    updated_at: Timestamp


class MoveCounts(BaseModel):
    total: int
    active: int
    completed: int


class ListedCampaign(Campaign):
    target_icp: IcpRef | None
    move_counts: MoveCounts


class CampaignPage(BaseModel):
    campaigns: list[ListedCampaign]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class CampaignCreate(BaseModel):
    model_config = INPUT

    name: Name
    description: LongText | None = None
    objective: Objective | None = None
    goal: LongText | None = None
    success_criteria: Criteria = []
    target_icp_id: UUID | None = None
    channels: Channels = []
    duration_days: Days | None = None
    intensity: Intensity | None = None
    minutes_per_day: MinutesADay | None = None
    start_date: Day | None = None
    phases: Annotated[list[Phase], Field(max_length=20)] = []
    budget_inr: Rupees | None = None


class CampaignUpdate(BaseModel):
    """Only what is sent is changed. A new `start_date` takes every move along that has not begun."""

    model_config = INPUT

    name: Name = ""
    description: LongText | None = None
    objective: Objective | None = None
    goal: LongText | None = None
    success_criteria: Criteria = []
    target_icp_id: UUID | None = None
    channels: Channels = []
    duration_days: Days | None = None
    intensity: Intensity | None = None
    minutes_per_day: MinutesADay | None = None
    start_date: Day | None = None
    phases: Annotated[list[Phase], Field(max_length=20)] = []
    budget_inr: Rupees | None = None

    _drop = model_validator(mode="before")(without_protected)


table = WorkspaceTable(
    "campaigns",
    Campaign,
    "Campaign",
    derived={
        "target_icp": "(select json_build_object('id', i.id, 'name', i.name) from public.icp_profiles i"
        " where i.workspace_id = t.workspace_id and i.id = t.target_icp_id)",
        "move_counts": "(select json_build_object('total', count(*),"
        " 'active', count(*) filter (where m.status = 'active'),"
        " 'completed', count(*) filter (where m.status = 'completed'))"
        " from public.moves m where m.workspace_id = t.workspace_id and m.campaign_id = t.id)",
    },
)

LIST = "select api.list_campaigns(%(claims)s, %(status)s, %(limit)s, %(offset)s, %(after_at)s, %(after_id)s)"
LIST_MOVES = """
select api.list_campaign_moves(%(claims)s, %(id)s, %(limit)s, %(offset)s, %(after_at)s, %(after_id)s)
"""

DETAIL = """
select c.*,
  (select jsonb_build_object('id', i.id, 'name', i.name) from public.icp_profiles i
    where i.workspace_id = c.workspace_id and i.id = c.target_icp_id) as target_icp,
  (select jsonb_build_object('total', count(*), 'active', count(*) filter (where m.status = 'active'),
      'completed', count(*) filter (where m.status = 'completed'))
    from public.moves m where m.workspace_id = c.workspace_id and m.campaign_id = c.id) as move_counts
from public.campaigns c
where c.workspace_id = %(workspace_id)s and c.id = %(id)s
"""

LOCK = "select * from public.campaigns where workspace_id = %(workspace_id)s and id = %(id)s for update"
SET_END = """
update public.campaigns set end_date = start_date + duration_days - 1
where workspace_id = %(workspace_id)s and id = %(id)s and duration_days is not null
"""
# Moves that have not begun follow the campaign: to its first day plus their own place in it.
PLACE_MOVES = """
update public.moves m set
  start_date = c.start_date + m.campaign_day - 1,
  end_date = c.start_date + m.campaign_day + m.duration_days - 2,
  status = case when c.status in ('scheduled', 'active') then 'scheduled' else m.status end
from public.campaigns c
where c.workspace_id = %(workspace_id)s and c.id = %(id)s
  and m.workspace_id = c.workspace_id and m.campaign_id = c.id
  and m.campaign_day is not null and m.status in ('draft', 'scheduled')
"""
BEGUN = """
select exists (select from public.moves where workspace_id = %(workspace_id)s and campaign_id = %(id)s
  and status in ('active', 'paused', 'completed')) as begun
"""

START = """
update public.campaigns set
  start_date = greatest(start_date, public.workspace_today(workspace_id)),
  status = case when start_date > public.workspace_today(workspace_id) then 'scheduled' else 'active' end
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'planning'
  or workspace_id = %(workspace_id)s and id = %(id)s and status = 'scheduled'
    and start_date <= public.workspace_today(workspace_id)
returning *
"""
# What lay still shifts by the days it lay still.
RESUME = """
update public.campaigns set status = 'active', paused_on = null,
  end_date = end_date + (public.workspace_today(workspace_id) - paused_on)
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'paused'
returning public.workspace_today(workspace_id) - %(paused_on)s::date as days
"""
SHIFT_MOVES = """
update public.moves set start_date = start_date + %(days)s, end_date = end_date + %(days)s
where workspace_id = %(workspace_id)s and campaign_id = %(id)s and status = 'scheduled'
"""
PAUSE = """
update public.campaigns set status = 'paused', paused_on = public.workspace_today(workspace_id)
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'active'
returning id
"""
COMPLETE = """
update public.campaigns set status = 'completed'
where workspace_id = %(workspace_id)s and id = %(id)s and status in ('active', 'paused')
returning id
"""
CANCEL_UNBEGUN = """
update public.moves set status = 'cancelled'
where workspace_id = %(workspace_id)s and campaign_id = %(id)s and status in ('draft', 'scheduled')
"""
DELETE_UNBEGUN = """
delete from public.moves where workspace_id = %(workspace_id)s and campaign_id = %(id)s
  and source = 'campaign' and status in ('draft', 'scheduled', 'cancelled')
"""
IDS_IN_STATE = """
select id from public.moves where workspace_id = %(workspace_id)s and campaign_id = %(id)s
  and status = %(status)s order by created_at, id
"""


async def page(
    db: Reader, *, status: Status | None, limit: int, offset: int, after: tuple[str, UUID] | None
) -> bytes | None:
    """The JSON of a `CampaignPage`, rendered by Postgres."""
    after_at, after_id = after or (None, None)
    place = {"limit": limit, "offset": offset, "after_at": after_at, "after_id": after_id}
    return await db.json(LIST, {"status": status, **place})


async def moves_page(
    db: Reader, id: UUID, *, limit: int, offset: int, after: tuple[str, UUID] | None
) -> bytes:
    """The JSON of a `MovePage`: the campaign's moves in the order they were planned in."""
    after_at, after_id = after or (None, None)
    place = {"limit": limit, "offset": offset, "after_at": after_at, "after_id": after_id}
    found = await db.json(LIST_MOVES, {"id": id, **place})
    if found is None:
        raise table.missing()
    return found


async def detail(db: Reads, id: UUID) -> dict[str, Any]:
    row = await db.one(DETAIL, {"id": id})
    if row is None:
        raise table.missing()
    return row


async def create(tx: Tx, new: CampaignCreate) -> dict[str, Any]:
    """A campaign without moves yet. Raises Unprocessable `date_in_past`."""
    await check_not_past(tx, new.start_date)
    row = await table.insert(tx, _columns(new.model_dump()))
    await tx.run(SET_END, {"id": row["id"]})
    return await detail(tx, row["id"])


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Phases as JSON can hold them: rupees as numbers."""
    if "phases" not in values:
        return values
    shown = [Phase.model_validate(phase).model_dump(mode="json") for phase in values["phases"]]
    return {**values, "phases": shown}


async def update(tx: Tx, id: UUID, changes: CampaignUpdate) -> dict[str, Any]:
    """Change what was sent; dates move together with the moves that have not begun.

    Raises Conflict `campaign_already_started` for a new start of a campaign of which a move has begun.
    """
    sent = changes.model_dump(exclude_unset=True)
    row = await tx.one(LOCK, {"id": id})
    if row is None:
        raise table.missing()
    moved = "start_date" in sent and sent["start_date"] != row["start_date"]
    if moved:
        await check_not_past(tx, sent["start_date"])
        await _check_not_begun(tx, id, row["status"])
    await table.update(tx, id, _columns(sent))
    if {"start_date", "duration_days"} & sent.keys():
        await tx.run(SET_END, {"id": id})
    if moved:
        await tx.run(PLACE_MOVES, {"id": id})
    return await detail(tx, id)


async def _check_not_begun(tx: Tx, id: UUID, status: str) -> None:
    begun = await tx.one(BEGUN, {"id": id})
    if status not in ("planning", "scheduled") or (begun and begun["begun"]):
        raise Conflict(
            "A campaign that has begun keeps its start. Pause it, or move its tasks.",
            code="campaign_already_started",
            status_is=status,
        )


async def delete(tx: Tx, id: UUID) -> None:
    """Delete a campaign with its moves that have not begun; those that have stay, on their own."""
    await tx.run(DELETE_UNBEGUN, {"id": id})
    await table.delete(tx, id)


async def start(tx: Tx, id: UUID) -> dict[str, Any]:
    """planning or scheduled -> active, or scheduled when its day is still to come; paused -> active.

    The moves get their dates; those whose day has come start. After a pause everything that is not over
    shifts by the days that the campaign lay still.
    """
    row = await tx.one(LOCK, {"id": id})
    if row is None:
        raise table.missing()
    if row["status"] == "paused":
        await _resume(tx, id, row["paused_on"])
    elif await tx.one(START, {"id": id}):
        await tx.run(SET_END, {"id": id})
        await tx.run(PLACE_MOVES, {"id": id})
    else:
        raise _state(row, "campaign_not_startable", "It starts by itself on its day, or is over.")
    await start_due_moves(tx, id)
    return await detail(tx, id)


async def _resume(tx: Tx, id: UUID, paused_on: date) -> None:
    found = await tx.one(RESUME, {"id": id, "paused_on": paused_on}) or {"days": 0}
    await tx.run(SHIFT_MOVES, {"id": id, "days": found["days"]})
    for move in await tx.all(IDS_IN_STATE, {"id": id, "status": "paused"}):
        await moves.start(tx, move["id"])


async def start_due_moves(tx: Tx, id: UUID) -> None:
    """Start the moves of an active campaign whose day has come."""
    for move in await tx.all(DUE, {"id": id}):
        await moves.start(tx, move["id"])


DUE = """
select m.id from public.moves m join public.campaigns c
  on c.workspace_id = m.workspace_id and c.id = m.campaign_id
where m.workspace_id = %(workspace_id)s and c.id = %(id)s and c.status = 'active'
  and m.status = 'scheduled' and m.start_date <= public.workspace_today(m.workspace_id)
order by m.created_at, m.id
"""


async def pause(tx: Tx, id: UUID) -> dict[str, Any]:
    """active -> paused, and its active moves with it."""
    if not await tx.one(PAUSE, {"id": id}):
        raise _state(await detail(tx, id), "campaign_not_active", "Only an active one can pause.")
    for move in await tx.all(IDS_IN_STATE, {"id": id, "status": "active"}):
        await moves.pause(tx, move["id"])
    return await detail(tx, id)


async def complete(tx: Tx, id: UUID) -> dict[str, Any]:
    """active or paused -> completed. Moves that never began are cancelled; those under way stay so."""
    if not await tx.one(COMPLETE, {"id": id}):
        raise _state(
            await detail(tx, id), "campaign_not_completable", "Only an active or paused one can."
        )
    await tx.run(CANCEL_UNBEGUN, {"id": id})
    return await detail(tx, id)


def _state(row: dict[str, Any], code: str, why: str) -> Conflict:
    return Conflict(f"The campaign is {row['status']}. {why}", code=code, status_is=row["status"])
