"""Analytics on request: what was planned, done, posted and spent in a period, and what can be said of it."""

import re
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import StringConstraints

from backend.agents.base import RunContext, Specialist, SpecialistRequest
from backend.core.database import Tx
from backend.domain import analytics
from backend.domain.calendar import today
from backend.domain.values import Day
from backend.skills.composers import insights

SPAN = re.compile(r"\b(?:last|past)\s+(?:(\d{1,3})\s+)?(day|week|month)s?\b")
DAYS = {"day": 1, "week": 7, "month": 30}


class AnalyticsRequest(SpecialistRequest):
    """A period, both days included; free words (`query`) may name one, as in "the last 3 weeks".

    Without any it is the four weeks up to today.
    """

    first: Day | None = None
    last: Day | None = None
    query: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None


def _period(request: AnalyticsRequest, now: date) -> tuple[date | None, date | None]:
    said = SPAN.search((request.query or "").lower())
    if request.first or request.last or not said:
        return request.first, request.last
    days = int(said[1] or 1) * DAYS[said[2]]
    return now - timedelta(max(days, 1) - 1), now


async def check(tx: Tx, request: AnalyticsRequest) -> None:
    """422 for a period that is none, 403 for one that the plan does not look back to."""
    await analytics.period(tx, *_period(request, await today(tx)))


async def act(ctx: RunContext, request: AnalyticsRequest) -> dict[str, Any]:
    asked = _period(request, await today(ctx.reader))
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
    request=AnalyticsRequest,
    skills=lambda request: [],
    check=check,
    act=act,
    persist=persist,
)
