"""The black box: a play of the risk asked for, in Hook, Pivot and Close, with its downside and its end."""

from typing import Any
from uuid import UUID

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import grounding
from backend.agents.wishes.blackbox import WISH, BlackboxRequest
from backend.core.errors import Unprocessable
from backend.domain import blackbox, icps
from backend.domain.blackbox import FocusArea
from backend.routing.pipeline import Routing
from backend.skills.provenance import provenance

SKILL = "strategy_synthesis"
OUTCOMES: dict[FocusArea, str] = {
    "acquisition": "more new customers",
    "retention": "customers who stay",
    "revenue": "more revenue from the same customers",
    "brand_equity": "a name that is trusted",
    "virality": "to be talked about",
}
"""What a play is for, where nobody says."""
PRIMARY = "select * from public.icp_profiles where workspace_id = %(workspace_id)s and is_primary"
WORDS: tuple[tuple[str, FocusArea], ...] = (
    ("retain", "retention"),
    ("churn", "retention"),
    ("loyal", "retention"),
    ("revenue", "revenue"),
    ("price", "revenue"),
    ("upsell", "revenue"),
    ("brand", "brand_equity"),
    ("trust", "brand_equity"),
    ("reputation", "brand_equity"),
    ("viral", "virality"),
    ("talked about", "virality"),
    ("buzz", "virality"),
)


def resolve(request: BlackboxRequest, routing: Routing) -> BlackboxRequest:
    """Free words are the outcome; the area is read out of them where it is not said."""
    words = (request.query or "").lower()
    area = next((area for sign, area in WORDS if sign in words), "acquisition")
    sent = request.model_dump(exclude_unset=True)
    return BlackboxRequest.model_validate(
        {"focus_area": area, **sent, "outcome": request.outcome or request.query}
    )


async def act(ctx: RunContext, request: BlackboxRequest) -> dict[str, Any]:
    known = await grounding.of_workspace(ctx.reader)
    area = request.focus_area or "acquisition"
    outcome = request.outcome or OUTCOMES[area]
    guardrails = ctx.background.get("guardrails", [])
    ctx.checker = known.checker(goal=outcome, guardrails=guardrails)
    icp = (
        await icps.table.get(ctx.reader, request.icp_id)
        if request.icp_id
        else await ctx.reader.one(PRIMARY)
    )
    inputs = {
        "focus_area": area,
        "outcome": outcome,
        "risk_level": request.risk_level,
        "recent": await blackbox.recent_plays(ctx.reader),
        "banned": grounding.banned_words(guardrails),
        "icp": {name: icp[name] for name in ("name", "tagline", "demographics", "behaviors")}
        if icp
        else None,
    }
    result = (await ctx.skill(SKILL, {"request": inputs, **known.inputs()})).output
    demands = {"focus_area": result["focus_area"] == area}
    return {"result": result, "demands": demands, "icp_id": str(icp["id"]) if icp else None}


async def persist(
    ctx: RunContext, request: BlackboxRequest, draft: dict[str, Any]
) -> dict[str, Any]:
    """The strategy with its claims. Raises Unprocessable `strategy_unsupported` when a phase has no step
    left, or nothing says when to stop."""
    result = draft["result"]
    phases = [phase for phase in result["phases"] if phase["steps"]]
    if len(phases) < len(result["phases"]) or len(phases) < 3 or not result["kill_criteria"]:
        raise Unprocessable(
            "Too little of the strategy holds to your documents, so it was not kept. Try again.",
            code="strategy_unsupported",
        )
    if ctx.checker is None:
        known = await grounding.of_workspace(ctx.reader)
        ctx.checker = known.checker(
            goal=str(result["outcome"]), guardrails=ctx.background.get("guardrails", [])
        )
    rules = ctx.skills.registry.get(SKILL).evaluation
    found = provenance(result, rules, ctx.checker)
    row = {
        **{name: result.get(name) for name in blackbox.Strategy.model_fields},
        "icp_id": UUID(draft["icp_id"]) if draft["icp_id"] else None,
        "execution_steps": [step["title"] for phase in phases for step in phase["steps"]],
        "phases": phases,
        "claims": found["claims"],
        "unsupported": found["unsupported"] + found["contradicted"],
    }
    async with ctx.database.workspace(ctx.user) as tx:
        stored = await blackbox.create_written(tx, ctx.run.id, row)
    return {
        "type": "blackbox_strategy",
        "strategy": blackbox.Strategy.model_validate(stored).model_dump(mode="json"),
        "missing": result["missing"],
        "not_used": result.get("not_used", []),
        "engine": result.get("engine", "model"),
    }


SPECIALIST = Specialist(
    agent="blackbox_engine",
    wish=WISH,
    skills=lambda request: [SKILL],
    act=act,
    persist=persist,
    resolve=resolve,
)
