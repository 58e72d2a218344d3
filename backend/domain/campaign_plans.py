"""A planned campaign on its way into the database, and what it gets in the way of."""

from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb
from pydantic import BaseModel

from backend.core.database import Reads, Tx
from backend.domain import campaigns, moves

MOST_WARNINGS = 20

CREATE = """
insert into public.campaigns (id, workspace_id, run_id, name, objective, status, goal, success_criteria,
  target_icp_id, channels, duration_days, intensity, minutes_per_day, start_date, end_date, phases,
  budget_inr)
values (%(id)s, %(workspace_id)s, %(run_id)s, %(name)s, %(objective)s, %(status)s, %(goal)s,
  %(success_criteria)s, %(target_icp_id)s, %(channels)s, %(duration_days)s, %(intensity)s,
  %(minutes_per_day)s, %(start_date)s, %(end_date)s, %(phases)s, %(budget_inr)s)
"""
# Moves are listed as they were made: a millisecond apart keeps them in the plan's order.
CREATE_MOVE = """
insert into public.moves (id, workspace_id, run_id, campaign_id, campaign_day, name, category, status, goal,
  context, target_icp_id, channels, duration_days, minutes_per_day, start_date, end_date, execution,
  success_metrics, contingencies, source, source_id, created_at)
values (%(id)s, %(workspace_id)s, %(run_id)s, %(campaign_id)s, %(campaign_day)s, %(name)s, %(category)s,
  %(status)s, %(goal)s, %(context)s, %(target_icp_id)s, %(channels)s, %(duration_days)s,
  %(minutes_per_day)s, %(start_date)s, %(end_date)s, %(execution)s, %(success_metrics)s,
  %(contingencies)s, 'campaign', %(campaign_id)s, now() + %(place)s * interval '1 millisecond')
"""

# Whatever has dates in common with the campaign: other campaigns, moves of no campaign, and its own moves
# that were moved onto each other.
CLASHES = """
with mine as (
  select * from public.campaigns
  where workspace_id = %(workspace_id)s and id = %(id)s and start_date is not null and end_date is not null
)
select 'campaign' as kind, o.id, o.name, greatest(o.start_date, mine.start_date) as first,
  least(o.end_date, mine.end_date) as last, o.target_icp_id = mine.target_icp_id as same_audience,
  array(select unnest(o.channels) intersect select unnest(mine.channels)) as shared_channels,
  o.minutes_per_day + mine.minutes_per_day as minutes
from mine join public.campaigns o on o.workspace_id = mine.workspace_id and o.id <> mine.id
where o.status in ('planning', 'scheduled', 'active', 'paused')
  and o.start_date <= mine.end_date and o.end_date >= mine.start_date
union all
select 'move', o.id, o.name, greatest(o.start_date, mine.start_date), least(o.end_date, mine.end_date),
  o.target_icp_id = mine.target_icp_id,
  array(select unnest(o.channels) intersect select unnest(mine.channels)),
  o.minutes_per_day + mine.minutes_per_day
from mine join public.moves o on o.workspace_id = mine.workspace_id and o.campaign_id is null
where o.status in ('draft', 'scheduled', 'active', 'paused')
  and o.start_date <= mine.end_date and o.end_date >= mine.start_date
union all
select 'own_moves', later.id, earlier.name || ' and ' || later.name,
  greatest(earlier.start_date, later.start_date), least(earlier.end_date, later.end_date), false, '{}',
  earlier.minutes_per_day + later.minutes_per_day
from mine join public.moves earlier
    on earlier.workspace_id = mine.workspace_id and earlier.campaign_id = mine.id
  join public.moves later on later.workspace_id = mine.workspace_id and later.campaign_id = mine.id
where (earlier.created_at, earlier.id) < (later.created_at, later.id)
  and earlier.status in ('draft', 'scheduled', 'active', 'paused')
  and later.status in ('draft', 'scheduled', 'active', 'paused')
  and earlier.start_date <= later.end_date and earlier.end_date >= later.start_date
order by first, kind, id limit %(most)s
"""


class Warning(BaseModel):
    """Something that has days in common with the campaign. `detail` says so in a sentence."""

    kind: Literal["campaign", "move", "own_moves"]
    id: UUID
    first: date
    last: date
    same_audience: bool
    shared_channels: list[str]
    minutes_per_day: int | None
    detail: str


async def warnings(db: Reads, id: UUID) -> list[Warning]:
    """What the campaign clashes with; nothing while it has no dates."""
    rows = await db.all(CLASHES, {"id": id, "most": MOST_WARNINGS})
    return [_warning(row) for row in rows]


def _warning(row: dict[str, Any]) -> Warning:
    days = (row["last"] - row["first"]).days + 1
    span = f"from {_said(row['first'])} to {_said(row['last'])} ({days} {'day' if days == 1 else 'days'})"
    said = f"{row['name']} overlap" if row["kind"] == "own_moves" else f"Overlaps {row['name']}"
    lines = [f"{said} {span}."]
    if row["same_audience"]:
        lines.append("Both speak to the same buyers.")
    if row["shared_channels"]:
        lines.append(f"Both use {', '.join(sorted(row['shared_channels']))}.")
    if row["minutes"]:
        lines.append(f"Together they ask for {row['minutes']} minutes a day.")
    return Warning(
        kind=row["kind"],
        id=row["id"],
        first=row["first"],
        last=row["last"],
        same_audience=bool(row["same_audience"]),
        shared_channels=sorted(row["shared_channels"]),
        minutes_per_day=row["minutes"],
        detail=" ".join(lines),
    )


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


async def create_planned(
    tx: Tx, run_id: UUID, plan: dict[str, Any], start_date: date | None
) -> dict[str, Any]:
    """The campaign that a run has planned, and all its moves, at once or not at all.

    Ids follow from the run, so a repeated call changes nothing. With a start the moves are scheduled, else
    they are drafts until the campaign starts. Raises Forbidden `plan_limit_reached`.
    """
    id = uuid5(run_id, "campaign")
    if not await tx.one(campaigns.LOCK, {"id": id}):
        planned = [move for phase in plan["phases"] for move in phase["moves"]]
        await moves.check_quota(tx, len(planned))
        await tx.run(CREATE, {"id": id, "run_id": run_id, **_campaign(plan, start_date)})
        for place, move in enumerate(planned):
            values = {"id": uuid5(run_id, f"move:{place}"), "run_id": run_id, "campaign_id": id}
            await tx.run(CREATE_MOVE, {**values, "place": place, **_move(move, plan, start_date)})
    return await campaigns.detail(tx, id)


def _campaign(plan: dict[str, Any], start_date: date | None) -> dict[str, Any]:
    days = plan["duration_days"]
    phases = [
        {**phase, "moves": [_outline(move) for move in phase["moves"]]} for phase in plan["phases"]
    ]
    shown = [campaigns.Phase.model_validate(phase).model_dump(mode="json") for phase in phases]
    kept = (
        "name",
        "objective",
        "goal",
        "target_icp_id",
        "channels",
        "intensity",
        "minutes_per_day",
    )
    return {
        **{name: plan[name] for name in kept},
        "status": "scheduled" if start_date else "planning",
        "success_criteria": Jsonb(plan["success_metrics"]),
        "duration_days": days,
        "start_date": start_date,
        "end_date": start_date + timedelta(days - 1) if start_date else None,
        "phases": Jsonb(shown),
        "budget_inr": plan["budget_inr"],
    }


def _outline(move: dict[str, Any]) -> dict[str, Any]:
    return {name: move[name] for name in campaigns.PhaseMove.model_fields}


def _move(move: dict[str, Any], plan: dict[str, Any], start_date: date | None) -> dict[str, Any]:
    first = start_date + timedelta(move["start_day"] - 1) if start_date else None
    return {
        "campaign_day": move["start_day"],
        "name": move["name"],
        "category": move["category"],
        "status": "scheduled" if start_date else "draft",
        "goal": plan["goal"],
        "context": move["purpose"],
        "target_icp_id": plan["target_icp_id"],
        "channels": move["channels"],
        "duration_days": move["duration_days"],
        "minutes_per_day": plan["minutes_per_day"],
        "start_date": first,
        "end_date": first + timedelta(move["duration_days"] - 1) if first else None,
        "execution": Jsonb(move["execution"]),
        "success_metrics": Jsonb(move["success_metrics"]),
        "contingencies": Jsonb(move["contingencies"]),
    }
