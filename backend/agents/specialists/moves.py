"""Moves: a goal becomes a week of concrete tasks, each resting on the founder's own facts."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from backend.agents.base import RunContext, Specialist, SpecialistRequest
from backend.agents.specialists import grounding
from backend.core.database import Reads, Tx
from backend.domain import icps, moves
from backend.domain.calendar import check_not_past
from backend.domain.moves import Category
from backend.domain.values import Day, LongText, storable
from backend.routing.pipeline import Routing
from backend.skills import frames

SKILL = "move_planning"
MINUTES: dict[str, int] = {"minimal": 30, "standard": 90, "intensive": 180}
PRIMARY = """
select * from public.icp_profiles where workspace_id = %(workspace_id)s and is_primary
"""
LONGEST_GOAL = 500


Channel = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(storable)]
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_GOAL), AfterValidator(storable)
]
Goal = Annotated[
    str, StringConstraints(min_length=3, max_length=LONGEST_GOAL), AfterValidator(storable)
]
TimeCommitment = Literal["minimal", "standard", "intensive"]


class MovesRequest(SpecialistRequest):
    """What a move is to reach, as `goal` or in free words (`query`), and under which limits."""

    goal: Goal | None = None
    query: Words | None = None
    category: Category | None = None
    duration_days: int = Field(default=7, ge=1, le=90)
    target_icp_id: UUID | None = None
    minutes_per_day: int | None = Field(default=None, ge=15, le=480)
    time_commitment: TimeCommitment = "standard"
    channels: list[Channel] = Field(default_factory=list, max_length=20)
    context: LongText | None = None
    """What else the plan should know: an occasion, a stall, a visitor."""
    start_date: Day | None = None
    """Its first day, in the workspace's time zone; without it the move is a draft."""

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
    """404 for a foreign ICP, 422 for a start in the past, 403 when this month's moves are used up."""
    if request.target_icp_id:
        await icps.table.get(tx, request.target_icp_id)
    await check_not_past(tx, request.start_date)
    await moves.check_quota(tx)


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
    request=MovesRequest,
    skills=lambda request: [SKILL],
    check=check,
    act=act,
    persist=persist,
    resolve=resolve,
)
