"""Campaigns: an objective becomes phases, and each phase moves with their days and tasks."""

from typing import Any
from uuid import UUID

from backend.agents import work
from backend.agents.base import RunContext, Specialist
from backend.agents.pieces import Piece, side_by_side
from backend.agents.specialists import grounding
from backend.agents.specialists.moves import MINUTES, described, target
from backend.agents.wishes.campaigns import WISH, CampaignRequest
from backend.agents.wishes.moves import TimeCommitment
from backend.core.database import Reads
from backend.core.errors import AppError
from backend.domain import campaign_plans
from backend.domain.campaigns import Campaign, Intensity
from backend.domain.moves import Category
from backend.routing.pipeline import Routing
from backend.skills import frames
from backend.skills.claims import Checker
from backend.skills.composers.campaigns import moves_of, part_of
from backend.skills.figures import figures

STRATEGY, PLANNING = "campaign_strategy", "move_planning"
COMMITMENT: dict[Intensity, TimeCommitment] = {"sprint": "standard", "marathon": "minimal"}
"""What a founder is taken to have a day, unless they say."""
MOST_CRITERIA = 3
NOT_PLANNED: dict[str, Any] = {
    "execution": [],
    "success_metrics": [],
    "contingencies": {},
    "channels": [],
}
"""What a move has of its days when nobody could plan them."""
LONGEST_NAME = 200
PURPOSES: dict[Category, str] = {
    "ignite": "be seen by people who have the problem",
    "capture": "turn interest into enquiries and orders",
    "authority": "show proof to people who are deciding",
    "repair": "put right what keeps buyers away",
    "rally": "have customers bring others",
}


def resolve(request: CampaignRequest, routing: Routing) -> CampaignRequest:
    """The words become the goal; what routing read out of them fills what was not said outright."""
    if request.goal or not request.query:
        return request
    read = routing.parameters or {}
    found = {
        name: value
        for name, value in read.items()
        if name in ("minutes_per_day", "channels") and name not in request.model_fields_set
    }
    days = read.get("duration_days")
    if days and 30 <= days <= 90 and "duration_days" not in request.model_fields_set:
        found["duration_days"] = days
    sent = request.model_dump(exclude_unset=True)
    return CampaignRequest.model_validate({**sent, "goal": request.query, **found})


async def buys(db: Reads, request: CampaignRequest) -> list[str]:
    """The outline, and a plan for each move; of as many as the offline outline has, which a model is told."""
    count = moves_of(request.objective, request.duration_days, request.intensity)
    return [STRATEGY, *[PLANNING] * count]


async def act(ctx: RunContext, request: CampaignRequest) -> dict[str, Any]:
    known = await grounding.of_workspace(ctx.reader)
    icp = await target(ctx.reader, request.target_icp_id)
    wish = {
        "objective": request.objective,
        "goal": request.goal,
        "duration_days": request.duration_days,
        "intensity": request.intensity,
        "budget_inr": None if request.budget_inr is None else float(request.budget_inr),
        "icp": described(icp),
    }
    outline = (await ctx.skill(STRATEGY, {"request": wish, **known.inputs()})).output
    goal = request.goal or outline["goal"]
    ctx.checker = known.checker(goal=goal, guardrails=ctx.background.get("guardrails", []))
    phases = _on_days(outline["phases"], ctx.checker)
    days = sum(move["duration_days"] for phase in phases for move in phase["moves"])
    minutes = request.minutes_per_day or MINUTES[_commitment(request)]
    base = {
        "goal": goal,
        "minutes_per_day": minutes,
        "stage": (icp or {}).get("market_sophistication", {}).get("stage", 3),
        "icp": described(icp),
        "channels": request.channels,
    }
    planned = await _plan_moves(ctx, phases, base, known.inputs())
    result = {
        "name": _sound(outline["name"], ctx.checker) or goal[:LONGEST_NAME],
        "objective": request.objective,
        "goal": goal,
        "duration_days": request.duration_days,
        "intensity": request.intensity,
        "minutes_per_day": minutes,
        "budget_inr": wish["budget_inr"],
        "target_icp_id": str(icp["id"]) if icp else None,
        "engine": outline.get("engine", "model"),
        **planned,
    }
    demands = {"duration_days": days == request.duration_days}
    if any(not move["execution"] for phase in phases for move in phase["moves"]):
        demands["moves_planned"] = False
    return {"result": result, "demands": demands}


def _commitment(request: CampaignRequest) -> TimeCommitment:
    return request.time_commitment or COMMITMENT[request.intensity]


def _on_days(phases: list[dict[str, Any]], checker: Checker) -> list[dict[str, Any]]:
    """The phases one after the other, with the money that the outline gives them.

    What an outline says of the company without a source is replaced by plain words: a phase cannot be cut
    out like a task, because its days would be empty.
    """
    placed, day = [], 1
    for number, phase in enumerate(phases, start=1):
        placed.append(_placed(number, phase, day, checker))
        day += placed[-1]["duration_days"]
    return placed


def _placed(number: int, phase: dict[str, Any], first: int, checker: Checker) -> dict[str, Any]:
    category, day, moves_ = phase["category"], first, []
    name = _sound(phase["name"], checker) or category.capitalize()
    purpose = _sound(phase["purpose"], checker) or PURPOSES[category]
    for part, move in enumerate(phase["moves"], start=1):
        last = day + move["duration_days"] - 1
        moves_.append(
            {
                "name": _sound(move["name"], checker) or part_of(name, part, len(phase["moves"])),
                "category": move["category"],
                "purpose": _sound(move.get("purpose", ""), checker) or purpose,
                "start_day": day,
                "duration_days": move["duration_days"],
            }
        )
        day = last + 1
    return {
        "number": number,
        "name": name,
        "category": category,
        "purpose": purpose,
        "start_day": first,
        "duration_days": day - first,
        "duration_weeks": round((day - first) / 7, 1),
        "budget_inr": phase.get("budget_inr"),
        "spend": _sound(phase.get("spend", ""), checker),
        "moves": moves_,
    }


def _sound(text: str, checker: Checker) -> str:
    """The text, or nothing when it claims what has no source. Days and counts are the plan's own."""
    own = [figure.value for figure in figures(text) if figure.kind == "plain"]
    broken = checker.check(text, owner_numbers=own, audience="founder") if text else []
    return "" if broken else text


async def _plan_moves(
    ctx: RunContext,
    phases: list[dict[str, Any]],
    base: dict[str, Any],
    known: dict[str, Any],
) -> dict[str, Any]:
    """Every move's days, and what is said of all of them. A move that a model failed to plan is said too."""
    moves_ = [move for phase in phases for move in phase["moves"]]
    ask = _at_once if ctx.skills.judging else _one_after_other
    plans = await ask(ctx, moves_, base, known)
    failed = [plan for plan in plans if isinstance(plan, AppError)]
    if len(failed) == len(plans):
        raise failed[0]
    missing: dict[str, dict[str, Any]] = {}
    for number, (move, plan) in enumerate(zip(moves_, plans, strict=True), start=1):
        if isinstance(plan, AppError):
            move |= NOT_PLANNED
            missing[str(number)] = _unplanned(number, move["name"], plan)
        else:
            move |= {name: plan[name] for name in NOT_PLANNED}
            missing |= {gap["slot"]: gap for gap in plan["missing"] if "slot" in gap}
    for phase in phases:
        criteria = dict.fromkeys(str(m) for move in phase["moves"] for m in move["success_metrics"])
        phase["success_criteria"] = list(criteria)[:MOST_CRITERIA]
    channels = dict.fromkeys(channel for move in moves_ for channel in move["channels"])
    metrics = dict.fromkeys(m for phase in phases for m in phase["success_criteria"][:1])
    return {
        "phases": phases,
        "channels": list(channels)[:20],
        "success_metrics": list(metrics),
        "missing": list(missing.values()),
    }


async def _one_after_other(
    ctx: RunContext, moves_: list[dict[str, Any]], base: dict[str, Any], known: dict[str, Any]
) -> list[dict[str, Any] | AppError]:
    """The composer's: a play that one move has used comes again only when nothing else is left."""
    played: list[str] = []
    plans: list[dict[str, Any] | AppError] = []
    for move in moves_:
        wish = {**base, **_wish(move), "played": played}
        plan = (await ctx.skill(PLANNING, {"request": wish, **known})).output
        used = {task.get("card") for day in plan["execution"] for task in day["tasks"]}
        played = played + sorted(card for card in used if card)
        plans.append(plan)
    return plans


async def _at_once(
    ctx: RunContext, moves_: list[dict[str, Any]], base: dict[str, Any], known: dict[str, Any]
) -> list[dict[str, Any] | AppError]:
    """A model's: each move is planned by itself, and told what the others are for."""

    def piece(number: int, move: dict[str, Any]) -> Piece[dict[str, Any]]:
        beside = [f"{m['name']}: {m['purpose']}" for m in moves_ if m is not move]
        wish = {**base, **_wish(move), "name": move["name"], "beside": beside}

        async def ask() -> dict[str, Any]:
            own = work.piece(ctx, f"move_{number}", PLANNING)
            plan = (await own.skill(PLANNING, {"request": wish, **known})).output
            assert ctx.checker is not None, "set before the moves are planned"
            return frames.checked(plan, ctx.checker)

        return Piece(move["name"], ask)

    pieces = [piece(number, move) for number, move in enumerate(moves_, start=1)]
    return await side_by_side(pieces, ctx.skills.at_once, ctx.emit)


def _wish(move: dict[str, Any]) -> dict[str, Any]:
    return {
        "category": move["category"],
        "duration_days": move["duration_days"],
        "focus": move["purpose"],
    }


def _unplanned(number: int, name: str, why: AppError) -> dict[str, Any]:
    return {
        "slot": f"move_{number}",
        "why": f"“{name}” has no days: {why.detail}",
        "question": f"What should happen in “{name}”? Write its days, or have the campaign planned again.",
        "unlocks": "the tasks of this move",
    }


async def persist(
    ctx: RunContext, request: CampaignRequest, draft: dict[str, Any]
) -> dict[str, Any]:
    plan = draft["result"]
    icp_id = plan["target_icp_id"]
    row = {**plan, "target_icp_id": UUID(icp_id) if icp_id else None}
    async with ctx.database.workspace(ctx.user) as tx:
        stored = await campaign_plans.create_planned(tx, ctx.run.id, row, request.start_date)
        found = await campaign_plans.warnings(tx, stored["id"])
    return {
        "type": "campaign",
        "campaign": Campaign.model_validate(stored).model_dump(mode="json"),
        "moves": stored["move_counts"]["total"],
        "warnings": [warning.model_dump(mode="json") for warning in found],
        "missing": plan["missing"],
        "engine": plan["engine"],
    }


SPECIALIST = Specialist(
    agent="campaign_planner",
    wish=WISH,
    skills=lambda request: [STRATEGY],
    act=act,
    persist=persist,
    resolve=resolve,
    buys=buys,
)
