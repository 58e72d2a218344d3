"""The audit log of the workspace."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from backend.api.deps import WorkspaceReader
from backend.api.paging import PageQuery, SortedPageRoute, json_page
from backend.domain import audit
from backend.domain.audit import AuditPage

router = APIRouter()


class AuditQuery(PageQuery):
    actor: audit.Actor | None = Field(None, description="Only what users, keys or agents did.")
    action: str | None = Field(None, max_length=100, description="Only this operation.")
    subject_id: UUID | None = Field(None, description="Only what was done to this.")


async def list_audit_log(db: WorkspaceReader, query: Annotated[AuditQuery, Query()]) -> Response:
    """Who did what, newest first: users, their keys, and agents in their runs."""
    page = await audit.page(
        db,
        actor=query.actor,
        action=query.action,
        subject_id=query.subject_id,
        limit=query.limit,
        offset=query.offset,
        after=query.after(),
    )
    return json_page(page)


router.add_api_route(
    "", list_audit_log, response_model=AuditPage, route_class_override=SortedPageRoute
)
