"""Analytics: a period counted, what can be said of it, and the tasks behind each figure."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from backend.api.deps import WorkspaceReader
from backend.api.paging import PageQuery, next_cursor
from backend.core.sorting import InvalidCursor
from backend.domain import analytics
from backend.domain.analytics import Filter, ReportedTasks
from backend.domain.values import Day
from backend.skills.composers.insights import Analytics

router = APIRouter()


class AnalyticsEnvelope(BaseModel):
    analytics: Analytics


class Period(BaseModel):
    """Both days included."""

    first: Day | None = Field(
        None, description="Its first day; 27 days before the last, if not said."
    )
    last: Day | None = Field(None, description="Its last day, perhaps ahead; today, if not said.")


class TaskQuery(Filter):
    first: Day | None = None
    last: Day | None = None
    limit: int = Field(20, ge=1, le=100, description="Rows on a page.")
    cursor: str | None = Field(
        None, max_length=1000, description="`next_cursor` of a page: read on after it."
    )


@router.get("")
async def get_analytics(
    db: WorkspaceReader, asked: Annotated[Period, Query()]
) -> AnalyticsEnvelope:
    """What was planned, done, posted and spent; by week, channel, ICP, category and play; what worked."""
    first, last = await analytics.period(db, asked.first, asked.last)
    return AnalyticsEnvelope(analytics=Analytics.of(await analytics.report(db, first, last)))


@router.get("/tasks")
async def list_analytics_tasks(
    db: WorkspaceReader, query: Annotated[TaskQuery, Query()]
) -> ReportedTasks:
    """The tasks behind a figure, by day: the rows that an insight's `tasks` leads to."""
    wanted = Filter.model_validate(query.model_dump(include=set(Filter.model_fields)))
    page = await analytics.tasks(
        db,
        wanted,
        first=query.first,
        last=query.last,
        limit=query.limit,
        after=_after(query.cursor),
    )
    at = page.tasks[-1] if len(page.tasks) == query.limit else None
    if at and at.scheduled_date:
        page.next_cursor = next_cursor(at.scheduled_date, at.id)
    return page


def _after(cursor: str | None) -> tuple[date, UUID] | None:
    position = PageQuery(cursor=cursor).after()
    if position is None:
        return None
    try:
        return date.fromisoformat(position[0]), position[1]
    except ValueError as error:
        raise InvalidCursor from error
