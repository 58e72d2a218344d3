"""Analytics on request: what was planned, done, posted and spent in a period, and what can be said of it."""

from typing import Any

from backend.agents.base import RunContext, Specialist
from backend.agents.wishes.analytics import WISH, AnalyticsRequest
from backend.domain import analytics
from backend.domain.calendar import today
from backend.skills.composers import insights


async def act(ctx: RunContext, request: AnalyticsRequest) -> dict[str, Any]:
    asked = request.period(await today(ctx.reader))
    report = await analytics.report(ctx.reader, *await analytics.period(ctx.reader, *asked))
    result = insights.Analytics.of(report)
    return {"result": result.model_dump(mode="json"), "demands": {}}


async def persist(
    ctx: RunContext, request: AnalyticsRequest, draft: dict[str, Any]
) -> dict[str, Any]:
    """Nothing is stored: the figures are counted anew whenever they are asked for."""
    return {"type": "analytics", "analytics": draft["result"]}


SPECIALIST = Specialist(
    agent="analytics_agent",
    wish=WISH,
    skills=lambda request: [],
    act=act,
    persist=persist,
)
