"""A period to be counted."""

import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import StringConstraints

from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Tx
from backend.domain import analytics
from backend.domain.calendar import today
from backend.domain.values import Day

SPAN = re.compile(r"\b(?:last|past)\s+(?:(\d{1,3})\s+)?(day|week|month)s?\b")
DAYS = {"day": 1, "week": 7, "month": 30}


class AnalyticsRequest(SpecialistRequest):
    """A period, both days included; free words (`query`) may name one, as in "the last 3 weeks".

    Without any it is the four weeks up to today.
    """

    first: Day | None = None
    last: Day | None = None
    query: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None

    def period(self, now: date) -> tuple[date | None, date | None]:
        """The first and the last day that are asked for, as seen from today."""
        said = SPAN.search((self.query or "").lower())
        if self.first or self.last or not said:
            return self.first, self.last
        days = int(said[1] or 1) * DAYS[said[2]]
        return now - timedelta(max(days, 1) - 1), now


async def check(tx: Tx, request: AnalyticsRequest) -> None:
    """422 for a period that is none, 403 for one that the plan does not look back to."""
    await analytics.period(tx, *request.period(await today(tx)))


WISH = Wish(AnalyticsRequest, check)
