"""Daily wins: three post ideas from the calendar, the evidence and past posts, none twice in thirty days."""

from typing import Annotated, Any

from pydantic import StringConstraints

from backend.agents.base import RunContext, Specialist, SpecialistRequest
from backend.agents.specialists import grounding
from backend.agents.specialists.muse import Platform
from backend.core.database import Tx
from backend.core.errors import Unprocessable
from backend.domain import daily_wins
from backend.domain.facts import Fact
from backend.skills.claims import Checker

SKILL = "quick_generation"


class DailyWinsRequest(SpecialistRequest):
    """Nothing need be said; `platform` is where the founder will post."""

    query: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    platform: Platform | None = None


async def check(tx: Tx, request: DailyWinsRequest) -> None:
    """Nothing can be foreign here."""
    await daily_wins.today(tx)


async def act(ctx: RunContext, request: DailyWinsRequest) -> dict[str, Any]:
    known = await grounding.of_workspace(ctx.reader)
    guardrails = ctx.background.get("guardrails", [])
    past = await daily_wins.past_posts(ctx.reader)
    used = await daily_wins.used(ctx.reader)
    inputs = {
        "today": (await daily_wins.today(ctx.reader)).isoformat(),
        "used": used,
        "past": past,
        "banned": grounding.banned_words(guardrails),
        "platform": request.platform,
    }
    found = (await ctx.skill(SKILL, {"request": inputs, **known.inputs()})).output
    fresh = [win for win in found["wins"] if win["source_key"] not in used]
    topic = " ".join(str(win["topic"]) for win in fresh if win["source_kind"] == "holiday")
    ctx.checker = known.checker(
        topic=" ".join([topic, *(str(post["opening"]) for post in past)]), guardrails=guardrails
    )
    result = {**found, "type": "daily_wins", "wins": fresh}
    return {"result": result, "demands": {"wins": bool(fresh)}}


async def persist(
    ctx: RunContext, request: DailyWinsRequest, draft: dict[str, Any]
) -> dict[str, Any]:
    """The ideas with the facts they rest on. Raises Unprocessable `nothing_new` when none is left."""
    wins = [win for win in draft["result"]["wins"] if win["outline"]]
    if not wins:
        raise Unprocessable(
            "Nothing is left to say that holds to your documents and was not said in the last thirty days.",
            code="nothing_new",
        )
    checker = ctx.checker or (await grounding.of_workspace(ctx.reader)).checker()
    rows = [_row(win, checker) for win in wins]
    async with ctx.database.workspace(ctx.user) as tx:
        stored = await daily_wins.create_found(tx, ctx.run.id, rows)
    return {
        "type": "daily_wins",
        "wins": [daily_wins.Win.model_validate(row).model_dump(mode="json") for row in stored],
        "missing": draft["result"]["missing"],
        "engine": draft["result"].get("engine", "model"),
    }


def _row(win: dict[str, Any], checker: Checker) -> dict[str, Any]:
    known = {fact.id: fact for fact in checker.facts}
    found = [checker.source_of(line) for line in (win["hook"], *win["outline"])]
    facts = [known[id] for id in win.get("facts", []) if id in known]
    facts = facts or [fact for fact in found if fact]
    minutes = int(win["minutes"])
    return {
        "topic": win["topic"],
        "angle": win["angle"],
        "hook": win["hook"],
        "outline": win["outline"],
        "platform": win.get("platform"),
        "estimated_time": f"{minutes} minutes",
        "minutes": minutes,
        "relevance_score": win["relevance_score"],
        "reason": win.get("reason"),
        "source_kind": win["source_kind"],
        "source_key": win["source_key"],
        "trend_source": "calendar" if win["source_kind"] == "holiday" else None,
        "sources": [_source(fact) for fact in {fact.id: fact for fact in facts}.values()],
    }


def _source(fact: Fact) -> dict[str, Any]:
    return {
        "fact_id": fact.id,
        "evidence_id": str(fact.evidence_id),
        "source": fact.source,
        "start": fact.start,
        "end": fact.end,
        "quote": fact.quote,
    }


SPECIALIST = Specialist(
    agent="daily_wins_engine",
    request=DailyWinsRequest,
    skills=lambda request: [SKILL],
    check=check,
    act=act,
    persist=persist,
)
