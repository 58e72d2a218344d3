"""ICPs on request: who buys, as the facts of the workspace describe them.

Reached by `POST /icps/generate`; the request types of `/agents/execute` are fixed without it.
"""

from typing import Any

from pydantic import ValidationError

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import grounding
from backend.agents.wishes.icps import WISH, IcpsRequest
from backend.core.errors import Unprocessable, UpstreamFailed
from backend.domain import foundation, icps
from backend.domain.icps import Icp, IcpCreate
from backend.skills import frames

SKILL = "icp_generation"
PRIVATE = ("score_reasons", "sources")


async def act(ctx: RunContext, request: IcpsRequest) -> dict[str, Any]:
    known = await grounding.of_workspace(ctx.reader)
    ctx.checker = known.checker(guardrails=ctx.background.get("guardrails", []))
    row = await foundation.get(ctx.reader)
    inputs = {**known.inputs(), "positioning": row["positioning"], "limit": request.count}
    found = await ctx.skill(SKILL, inputs)
    profiles = found.output["icps"]
    if ctx.skills.judging:
        profiles = [p for p in frames.checked({"of": profiles}, ctx.checker)["of"] if p["name"]]
    if not profiles:
        raise Unprocessable(
            "Your evidence names nobody who buys. Say in one line who pays, for what and when.",
            code="no_buyers_named",
            missing=found.output["missing"],
        )
    result = {**found.output, "icps": profiles, "engine": found.model}
    few = len(profiles) <= request.count
    return {"result": result, "demands": {"count": few}}


async def persist(ctx: RunContext, request: IcpsRequest, draft: dict[str, Any]) -> dict[str, Any]:
    result = draft["result"]
    profiles = [_fitting(profile) for profile in result["icps"][: request.count]]
    async with ctx.database.workspace(ctx.user) as tx:
        kept, left_out = await icps.add_generated(
            tx, ctx.run.id, profiles, replacing=request.replace
        )
    return {
        "type": "icps",
        "icps": [Icp.model_validate(row).model_dump(mode="json") for row in kept],
        "left_out": left_out,
        "missing": result["missing"],
        "engine": "composer" if result["engine"] == "composer" else "model",
    }


def _fitting(profile: dict[str, Any]) -> dict[str, Any]:
    """The profile in the shape that a hand-made one must have. A model that gave another is at fault."""
    own = {name: value for name, value in profile.items() if name in IcpCreate.model_fields}
    own["scores"] = {name: value or 0 for name, value in profile.get("scores", {}).items()}
    try:
        made = IcpCreate.model_validate(own).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UpstreamFailed(
            f"A profile came out in another shape than it should: {where}: {first['msg']}",
            code="skill_output_invalid",
        ) from error
    return {**made, **{name: profile.get(name) or {} for name in PRIVATE}}


SPECIALIST = Specialist(
    agent="icp_architect",
    wish=WISH,
    skills=lambda request: [SKILL],
    act=act,
    persist=persist,
)
