"""Exports: nouns as CSV and JSON, the calendar, secret addresses that calendar programs subscribe to."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from backend.api.deps import Deleted, WorkspaceDB, WorkspaceReader
from backend.api.paging import Plain, paged
from backend.domain import calendar_links, exports
from backend.domain.calendar_links import CalendarLink, CalendarLinkCreate, CalendarLinkPage
from backend.services.belongings import Belongings

router = APIRouter()


class Calendar(Response):
    media_type = "text/calendar"


class CalendarLinkMade(BaseModel):
    calendar_link: CalendarLink
    url: str = Field(description="The secret address. It is shown this once.")


async def _belongings(request: Request) -> Belongings:
    belongings: Belongings = request.app.state.belongings
    return belongings


Keeper = Annotated[Belongings, Depends(_belongings)]
Token = Annotated[str, Path(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
FILES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The file",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}


@router.get("/calendar.ics", response_class=Calendar)
async def export_calendar(db: WorkspaceReader) -> Calendar:
    """Moves, tasks, campaigns and wins as iCalendar."""
    return Calendar(await exports.calendar(db))


@router.get("/calendar-links")
async def list_calendar_links(db: WorkspaceReader, query: Plain) -> CalendarLinkPage:
    """Secret addresses of the calendar, newest first."""
    rows, total = await calendar_links.table.list(
        db, limit=query.limit, offset=query.offset, after=query.after()
    )
    return CalendarLinkPage.model_validate(paged("calendar_links", rows, total, query))


@router.post("/calendar-links")
async def create_calendar_link(
    new: CalendarLinkCreate, request: Request, db: WorkspaceDB
) -> CalendarLinkMade:
    """A secret address that a calendar program can subscribe to."""
    row, token = await calendar_links.create(db, new)
    url = str(request.url_for("subscribe_calendar", token=token))
    return CalendarLinkMade.model_validate({"calendar_link": row, "url": url})


@router.delete("/calendar-links/{calendar_link_id}")
async def delete_calendar_link(calendar_link_id: UUID, db: WorkspaceDB) -> Deleted:
    """Revoke the address; whoever subscribed gets 404 from now on."""
    await calendar_links.table.delete(db, calendar_link_id)
    return Deleted()


@router.get("/calendars/{token}.ics", response_class=Calendar)
async def subscribe_calendar(token: Token, keeper: Keeper) -> Calendar:
    """The calendar behind a secret address; the address is all that is needed."""
    headers = {"Cache-Control": "private, max-age=300", "Referrer-Policy": "no-referrer"}
    return Calendar(await keeper.calendar(token), headers=headers)


@router.get("/{noun}.{format}", response_class=StreamingResponse, responses=FILES)
async def export_noun(noun: exports.Noun, format: exports.Format, db: WorkspaceReader) -> Response:
    """All rows of a noun, first made first, as a file that is sent while it is read."""
    names = await exports.columns(db, exports.TABLES[noun][0])
    found = exports.rows(db, noun, names)
    body = exports.as_csv(names, found) if format == "csv" else exports.as_json(noun, found)
    kind = "text/csv" if format == "csv" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="{noun}.{format}"'}
    return StreamingResponse(body, media_type=kind, headers=headers)
