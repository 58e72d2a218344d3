"""Black box strategies: risky plays, one of which may become a move, once (PRODUCT 1, 2.1)."""

from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb
from pydantic import BaseModel, Field

from backend.core.database import Reader, Reads, Tx
from backend.core.errors import Conflict
from backend.core.records import TextArray, WorkspaceTable
from backend.domain import moves
from backend.domain.moves import Category
from backend.domain.values import Claim, Timestamp

FocusArea = Literal["acquisition", "retention", "revenue", "brand_equity", "virality"]
Status = Literal["generated", "reviewing", "accepted", "executing", "completed", "discarded"]
RiskLevel = Annotated[int, Field(ge=1, le=10)]
CATEGORIES: dict[FocusArea, Category] = {
    "acquisition": "capture",
    "revenue": "capture",
    "retention": "rally",
    "brand_equity": "authority",
    "virality": "ignite",
}
"""The category of the move that a strategy becomes."""


class Strategy(BaseModel):
    """`phases` are Hook, Pivot and Close, each with its steps; `kill_criteria` say when to stop."""

    id: UUID
    workspace_id: UUID
    name: str
    focus_area: FocusArea
    outcome: str | None
    risk_level: int | None
    risk_reasons: TextArray
    phases: list[dict[str, Any]]
    execution_steps: TextArray
    expected_upside: str | None
    potential_downside: str | None
    kill_criteria: TextArray
    time_to_result: str | None
    status: Status
    play: str | None
    icp_id: UUID | None
    move_id: UUID | None
    run_id: UUID | None
    claims: list[Claim]
    unsupported: int
    created_at: Timestamp
    updated_at: Timestamp


class StrategyPage(BaseModel):
    strategies: list[Strategy]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


table = WorkspaceTable("blackbox_strategies", Strategy, "Strategy")

LIST = """
select api.list_strategies(%(claims)s, %(area)s, %(status)s, %(limit)s, %(offset)s, %(after_at)s,
  %(after_id)s)
"""
CREATE = """
insert into public.blackbox_strategies (id, workspace_id, run_id, icp_id, name, focus_area, outcome,
  risk_level, risk_reasons, phases, execution_steps, expected_upside, potential_downside, kill_criteria,
  time_to_result, play, claims, unsupported)
values (%(id)s, %(workspace_id)s, %(run_id)s, %(icp_id)s, %(name)s, %(focus_area)s, %(outcome)s,
  %(risk_level)s, %(risk_reasons)s, %(phases)s, %(execution_steps)s, %(expected_upside)s,
  %(potential_downside)s, %(kill_criteria)s, %(time_to_result)s, %(play)s, %(claims)s, %(unsupported)s)
on conflict (id) do nothing
"""
RECENT = """
select play from public.blackbox_strategies
where workspace_id = %(workspace_id)s and play is not null order by created_at desc, id desc limit 4
"""
# The state machine is the WHERE clause: of two who accept at once, the second finds no row.
ACCEPT = """
update public.blackbox_strategies set status = 'accepted'
where workspace_id = %(workspace_id)s and id = %(id)s and status in ('generated', 'reviewing')
returning *
"""
DISCARD = """
update public.blackbox_strategies set status = 'discarded'
where workspace_id = %(workspace_id)s and id = %(id)s and status in ('generated', 'reviewing')
returning 1
"""
MAKE_MOVE = """
insert into public.moves (id, workspace_id, name, category, goal, context, target_icp_id, channels,
  duration_days, execution, success_metrics, contingencies, source, source_id)
values (%(id)s, %(workspace_id)s, %(name)s, %(category)s, %(goal)s, %(context)s, %(icp_id)s, %(channels)s,
  %(days)s, %(execution)s, '[]', %(contingencies)s, 'blackbox', %(strategy_id)s)
"""
NAME_MOVE = """
update public.blackbox_strategies set move_id = %(move_id)s
where workspace_id = %(workspace_id)s and id = %(id)s
"""


async def page(
    db: Reader,
    *,
    area: FocusArea | None,
    status: Status | None,
    limit: int,
    offset: int,
    after: tuple[str, UUID] | None,
) -> bytes | None:
    """The JSON of a `StrategyPage`, rendered by Postgres."""
    after_at, after_id = after or (None, None)
    values = {"area": area, "status": status, "limit": limit, "offset": offset}
    return await db.json(LIST, {**values, "after_at": after_at, "after_id": after_id})


async def create_written(tx: Tx, run_id: UUID, strategy: dict[str, Any]) -> dict[str, Any]:
    """The strategy that a run has made. Its id follows from the run: a repeated call changes nothing."""
    id = uuid5(run_id, "strategy")
    kept = {**strategy, "phases": Jsonb(strategy["phases"]), "claims": Jsonb(strategy["claims"])}
    await tx.run(CREATE, {**kept, "id": id, "run_id": run_id})
    return await table.get(tx, id)


async def recent_plays(db: Reads) -> list[str]:
    return [row["play"] for row in await db.all(RECENT)]


async def accept(tx: Tx, id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """The strategy, accepted, and the move it has become, as a draft; both or neither.

    Raises NotFound, Conflict `strategy_not_acceptable`, and Forbidden when the month's moves are used up.
    """
    strategy = await tx.one(ACCEPT, {"id": id})
    if strategy is None:
        raise await _wrong_state(tx, id, "strategy_not_acceptable", "accepted")
    await moves.check_quota(tx)
    move_id = uuid5(id, "move")
    await tx.run(MAKE_MOVE, {"id": move_id, "strategy_id": id, **_as_move(strategy)})
    await tx.run(NAME_MOVE, {"id": id, "move_id": move_id})
    return await table.get(tx, id), await moves.table.get(tx, move_id)


async def discard(tx: Tx, id: UUID) -> dict[str, Any]:
    """Put a strategy aside. Raises NotFound, and Conflict once it is accepted or discarded."""
    if not await tx.one(DISCARD, {"id": id}):
        raise await _wrong_state(tx, id, "strategy_not_discardable", "discarded")
    return await table.get(tx, id)


async def _wrong_state(tx: Tx, id: UUID, code: str, verb: str) -> Conflict:
    strategy = await table.get(tx, id)
    detail = f"Only a new strategy can be {verb}. This one is {strategy['status']}."
    return Conflict(detail, code=code, status_is=strategy["status"])


def _as_move(strategy: dict[str, Any]) -> dict[str, Any]:
    """The phases as days; when to stop goes where a move keeps what to do if it goes wrong."""
    steps = [(phase["name"], step) for phase in strategy["phases"] for step in phase["steps"]]
    last = max((step["day"] for _, step in steps), default=1)
    days = max(7, min(90, last))
    return {
        "name": strategy["name"][:200],
        "category": CATEGORIES[strategy["focus_area"]],
        "goal": strategy["outcome"],
        "context": strategy["potential_downside"],
        "icp_id": strategy["icp_id"],
        "channels": sorted({step["platform"] for _, step in steps if step.get("platform")})[:20],
        "days": days,
        "execution": Jsonb([_day(day, steps) for day in range(1, days + 1)]),
        "contingencies": Jsonb(dict.fromkeys(strategy["kill_criteria"], "Stop.")),
    }


def _day(day: int, steps: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """A day of the plan; days without a step are there, empty."""
    mine = [(name, step) for name, step in steps if step["day"] == day]
    return {
        "day": day,
        "theme": mine[0][0] if mine else "",
        "tasks": [_task(step) for _, step in mine],
        "total_minutes": sum(step["minutes"] for _, step in mine),
    }


def _task(step: dict[str, Any]) -> dict[str, Any]:
    kept = ("title", "description", "type", "platform", "deliverable", "sources")
    task = {name: step.get(name) for name in kept}
    return {**task, "estimated_minutes": step["minutes"], "priority": "must-do"}
