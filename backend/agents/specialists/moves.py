"""Moves: a goal becomes a week of concrete tasks, each resting on the founder's own facts."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from backend.agents.base import RunContext, Specialist, SpecialistRequest
from backend.agents.specialists import grounding
from backend.core.database import Reads, Tx
from backend.domain import icps, moves
from backend.domain.moves import Category
from backend.routing.pipeline import Routing

SKILL = "move_planning"
MINUTES = {"minimal": 30, "standard": 90, "intensive": 180}
PRIMARY = """
select * from public.icp_profiles where workspace_id = %(workspace_id)s and is_primary
"""
LONGEST_GOAL = 500


Channel = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class MovesRequest(SpecialistRequest):
    """What a move is to reach, as `goal` or in free words (`query`), and under which limits."""

    goal: Annotated[str, StringConstraints(min_length=3, max_length=LONGEST_GOAL)] | None = None
    query: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_GOAL)] | None = None
    category: Category | None = None
    duration_days: int = Field(default=7, ge=1, le=90)
    target_icp_id: UUID | None = None
    minutes_per_day: int | None = Field(default=None, ge=15, le=480)
    time_commitment: Literal["minimal", "standard", "intensive"] = "standard"
    channels: list[Channel] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _says_what_it_wants(self) -> Self:
        if not (self.goal or self.query):
            raise ValueError("goal: say what the move is to reach")
        return self


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


async def check(tx: Tx, request: MovesRequest) -> None:
    """404 for a foreign ICP, 403 when the plan's moves of this month are used up."""
    if request.target_icp_id:
        await icps.table.get(tx, request.target_icp_id)
    await moves.check_quota(tx)


async def act(ctx: RunContext, request: MovesRequest) -> dict[str, Any]:
    known = await grounding.of_workspace(ctx.reader)
    icp = await _target(ctx.reader, request)
    goal = str(request.goal)
    ctx.checker = known.checker(goal=goal, guardrails=ctx.background.get("guardrails", []))
    request_inputs = {
        "goal": goal,
        "category": request.category,
        "duration_days": request.duration_days,
        "minutes_per_day": request.minutes_per_day or MINUTES[request.time_commitment],
        "stage": (icp or {}).get("market_sophistication", {}).get("stage", 3),
        "icp": _described(icp),
        "channels": request.channels,
    }
    found = await ctx.skill(SKILL, {"request": request_inputs, **known.inputs()})
    plan = found.output
    demands = {
        "duration_days": len(plan["execution"]) == request.duration_days,
        "category": request.category in (None, plan["category"]),
    }
    return {"result": plan, "demands": demands, "target_icp_id": str(icp["id"]) if icp else None}


async def persist(ctx: RunContext, request: MovesRequest, draft: dict[str, Any]) -> dict[str, Any]:
    plan = draft["result"]
    target = draft["target_icp_id"]
    row = {**plan, "target_icp_id": UUID(target) if target else None}
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


async def _target(db: Reads, request: MovesRequest) -> dict[str, Any] | None:
    """The ICP asked for, else the primary one, else none."""
    if request.target_icp_id:
        return await icps.table.get(db, request.target_icp_id)
    return await db.one(PRIMARY)


def _described(icp: dict[str, Any] | None) -> dict[str, Any] | None:
    if icp is None:
        return None
    kept = ("name", "tagline", "demographics", "psychographics", "behaviors", "summary", "sources")
    return {name: icp[name] for name in kept}


SPECIALIST = Specialist(
    agent="moves_generator",
    request=MovesRequest,
    skills=lambda request: [SKILL],
    check=check,
    act=act,
    persist=persist,
    resolve=resolve,
)
