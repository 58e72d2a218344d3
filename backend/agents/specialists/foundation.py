"""The foundation on request: show its summary, or write the summary anew from what is known now."""

from typing import Annotated, Any, Literal, Self

from pydantic import StringConstraints, model_validator

from backend.agents.base import RunContext, Specialist, SpecialistRequest
from backend.agents.specialists import grounding
from backend.core.database import Tx
from backend.core.errors import Conflict
from backend.domain import foundation
from backend.routing.pipeline import Routing
from backend.services import embeddings

SKILL = "foundation_synthesis"
ICPS = "select * from public.icp_profiles where workspace_id = %(workspace_id)s order by code"


class FoundationRequest(SpecialistRequest):
    """An action, or free words (`query`) that name it."""

    action: Literal["summary", "refresh"] | None = None
    query: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = None

    @model_validator(mode="after")
    def _says_what_it_wants(self) -> Self:
        if not (self.action or self.query):
            raise ValueError("action: say summary or refresh")
        return self


def resolve(request: FoundationRequest, routing: Routing) -> FoundationRequest:
    if request.action:
        return request
    changes = routing.action in ("create", "update", "generate")
    return FoundationRequest(query=request.query, action="refresh" if changes else "summary")


async def check(tx: Tx, request: FoundationRequest) -> None:
    """409 while there is no foundation to speak of."""
    row = await foundation.get(tx)
    if not row["onboarding_completed"]:
        raise Conflict("Complete the onboarding first.", code="foundation_empty")


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
    request=FoundationRequest,
    skills=lambda request: [SKILL] if request.action == "refresh" else [],
    check=check,
    act=act,
    persist=persist,
    resolve=resolve,
)
