"""The foundation on request: show its summary, or write the summary anew from what is known now."""

from typing import Any

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import grounding
from backend.agents.wishes.foundation import WISH, FoundationRequest
from backend.domain import foundation
from backend.routing.pipeline import Routing
from backend.services import embeddings

SKILL = "foundation_synthesis"
ICPS = "select * from public.icp_profiles where workspace_id = %(workspace_id)s order by code"


def resolve(request: FoundationRequest, routing: Routing) -> FoundationRequest:
    if request.action:
        return request
    changes = routing.action in ("create", "update", "generate")
    return FoundationRequest(query=request.query, action="refresh" if changes else "summary")


async def act(ctx: RunContext, request: FoundationRequest) -> dict[str, Any]:
    row = await foundation.get(ctx.reader)
    if request.action == "summary":
        return {"result": {"summary": row["summary"], "missing": []}, "demands": {}}
    known = await grounding.of_workspace(ctx.reader)
    ctx.checker = known.checker(guardrails=ctx.background.get("guardrails", []))
    profiles = await ctx.reader.all(ICPS)
    inputs = {**known.inputs(), "positioning": row["positioning"], "icps": _plain(profiles)}
    return {"result": (await ctx.skill(SKILL, inputs)).output, "demands": {}}


async def persist(
    ctx: RunContext, request: FoundationRequest, draft: dict[str, Any]
) -> dict[str, Any]:
    result = draft["result"]
    if request.action == "refresh":
        vector = (await embeddings.aencode([result["summary"]]))[0]
        async with ctx.database.workspace(ctx.user) as tx:
            await foundation.set_summary(
                tx, result["summary"], vector.tolist(), embeddings.EMBEDDER_ID
            )
    return {"type": "foundation_summary", **result, "refreshed": request.action == "refresh"}


def _plain(profiles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = ("name", "tagline", "demographics", "psychographics", "behaviors", "sources")
    return [{name: profile[name] for name in kept} for profile in profiles]


SPECIALIST = Specialist(
    agent="foundation_manager",
    wish=WISH,
    skills=lambda request: [SKILL] if request.action == "refresh" else [],
    act=act,
    persist=persist,
    resolve=resolve,
)
