"""The foundation of the workspace."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from backend.api.cache import DropsFoundation
from backend.api.deps import WorkspaceDB, WorkspaceReader
from backend.api.paging import PageQuery, SortedPageRoute, json_page
from backend.domain import foundation
from backend.domain.foundation import Foundation, FoundationChangePage, FoundationUpdate

router = APIRouter()


class FoundationEnvelope(BaseModel):
    foundation: Foundation


class FoundationSummary(BaseModel):
    """`stale` once something that the summary was written from has changed; ask the agents for
    `foundation` with `{"action": "refresh"}` to have it written anew."""

    summary: str
    stale: bool


class HistoryQuery(PageQuery):
    field: str | None = Field(None, max_length=40, description="Only changes of this field.")


@router.get("")
async def get_foundation(db: WorkspaceReader) -> FoundationEnvelope:
    """The checked picture of the business, with the source of each part."""
    return FoundationEnvelope.model_validate({"foundation": await foundation.get(db)})


@router.put("", dependencies=[DropsFoundation])
async def update_foundation(changes: FoundationUpdate, db: WorkspaceDB) -> FoundationEnvelope:
    """Change the fields that are sent; they count as the founder's own from then on."""
    return FoundationEnvelope.model_validate({"foundation": await foundation.update(db, changes)})


@router.get("/summary")
async def get_foundation_summary(db: WorkspaceReader) -> FoundationSummary:
    """The compressed text that prompts carry; empty before the onboarding is completed."""
    row = await foundation.get(db)
    return FoundationSummary(summary=row["summary"] or "", stale=row["summary_stale"])


async def list_foundation_changes(
    db: WorkspaceReader, query: Annotated[HistoryQuery, Query()]
) -> Response:
    """What became of each field, newest first: who changed it, from what to what, and on what ground."""
    page = await foundation.history(
        db, field=query.field, limit=query.limit, offset=query.offset, after=query.after()
    )
    return json_page(page)


router.add_api_route(
    "/history",
    list_foundation_changes,
    response_model=FoundationChangePage,
    route_class_override=SortedPageRoute,
)
