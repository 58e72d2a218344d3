"""Moves: a goal becomes a week of concrete tasks, each resting on the founder's own facts."""

from typing import Any
from uuid import UUID

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import grounding
from backend.agents.wishes.moves import LONGEST_GOAL, WISH, MovesRequest, TimeCommitment
from backend.core.database import Reads
from backend.domain import icps, moves
from backend.routing.pipeline import Routing
from backend.skills import frames

SKILL = "move_planning"
MINUTES: dict[TimeCommitment, int] = {"minimal": 30, "standard": 90, "intensive": 180}
PRIMARY = """
select * from public.icp_profiles where workspace_id = %(workspace_id)s and is_primary
"""


def resolve(request: MovesRequest, routing: Routing) -> MovesRequest:
    """The words become the goal; what routing read out of them fills what was not said outright."""
    if request.goal:
        return request
    found = {
        name: value
        for name, value in (routing.parameters or {}).items()
        if name not in request.model_fields_set
    }
    sent = request.model_dump(exclude_unset=True)
    return MovesRequest.model_validate({**sent, "goal": request.query, **found})


async def act(ctx: RunContext, request: MovesRequest) -> dict[str, Any]:
    known = await grounding.of_workspace(ctx.reader)
    icp = await target(ctx.reader, request.target_icp_id)
    goal = str(request.goal)
    ctx.checker = known.checker(goal=goal, guardrails=ctx.background.get("guardrails", []))
    request_inputs = {
        "goal": goal,
        "category": request.category,
        "duration_days": request.duration_days,
        "minutes_per_day": _minutes(request),
        "stage": (icp or {}).get("market_sophistication", {}).get("stage", 3),
        "icp": described(icp),
        "channels": request.channels,
        "focus": f"{goal}. {request.context}"[:LONGEST_GOAL] if request.context else "",
    }
    found = await ctx.skill(SKILL, {"request": request_inputs, **known.inputs()})
    plan = found.output
    if ctx.skills.judging:
        plan = {**frames.checked(plan, ctx.checker), "goal": goal}
        plan["name"] = plan["name"] or f"New {str(plan['category']).capitalize()} Move"
    demands = {
        "duration_days": len(plan["execution"]) == request.duration_days,
        "category": request.category in (None, plan["category"]),
    }
    return {"result": plan, "demands": demands, "target_icp_id": str(icp["id"]) if icp else None}


async def persist(ctx: RunContext, request: MovesRequest, draft: dict[str, Any]) -> dict[str, Any]:
    plan = draft["result"]
    target = draft["target_icp_id"]
    row = {
        **plan,
        "target_icp_id": UUID(target) if target else None,
        "context": request.context,
        "minutes_per_day": _minutes(request),
        "start_date": request.start_date,
    }
    async with ctx.database.workspace(ctx.user) as tx:
        stored = await moves.create_planned(tx, ctx.run.id, row)
    return {
        "type": "move",
        "move": moves.Move.model_validate(stored).model_dump(mode="json"),
        "target_icp": plan["target_icp"],
        "missing": plan["missing"],
        "not_used": plan["not_used"],
        "engine": plan["engine"],
    }


def _minutes(request: MovesRequest) -> int:
    return request.minutes_per_day or MINUTES[request.time_commitment]


async def target(db: Reads, icp_id: UUID | None) -> dict[str, Any] | None:
    """The ICP asked for, else the primary one, else none."""
    if icp_id:
        return await icps.table.get(db, icp_id)
    return await db.one(PRIMARY)


def described(icp: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a planner reads of a profile."""
    if icp is None:
        return None
    kept = ("name", "tagline", "demographics", "psychographics", "behaviors", "summary", "sources")
    return {name: icp[name] for name in kept}


SPECIALIST = Specialist(
    agent="moves_generator",
    wish=WISH,
    skills=lambda request: [SKILL],
    act=act,
    persist=persist,
    resolve=resolve,
)
