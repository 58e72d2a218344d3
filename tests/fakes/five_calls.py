"""A request type whose run makes five model calls, one after the other: something for workers to die in."""

from typing import Any

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import SPECIALISTS, analytics
from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Tx

REQUEST_TYPE = "analytics"
CALLS = 5
SKILL = "foundation_synthesis"


class FiveCallsRequest(SpecialistRequest):
    die: str = ""
    """Where the worker in `dying_worker` kills itself."""


def inputs(number: int) -> dict[str, Any]:
    company = {"company_name": f"Company {number}", "offers": []}
    return {"facts": [], "evidence": [], "company": company, "positioning": {}, "icps": []}


async def _check(tx: Tx, request: FiveCallsRequest) -> None:
    return None


async def _act(ctx: RunContext, request: FiveCallsRequest) -> dict[str, Any]:
    results = [await ctx.skill(SKILL, inputs(number)) for number in range(CALLS)]
    return {"result": results[-1].output, "demands": {}}


async def _persist(
    ctx: RunContext, request: FiveCallsRequest, draft: dict[str, Any]
) -> dict[str, Any]:
    return {"type": "five_calls", **draft["result"]}


def uninstall() -> None:
    SPECIALISTS[REQUEST_TYPE] = analytics.SPECIALIST


def install() -> None:
    SPECIALISTS[REQUEST_TYPE] = Specialist(
        agent="five_calls",
        wish=Wish(FiveCallsRequest, _check),
        skills=lambda request: [SKILL],
        act=_act,
        persist=_persist,
    )
