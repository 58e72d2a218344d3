"""Approvals: outputs that wait for a verdict, which is given once."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.api.admission import Desk
from backend.api.catalogue import Catalogue, Choice
from backend.api.deps import CurrentUser, Db, WorkspaceReader
from backend.api.paging import PageQuery, PageRoute, Plain, SortedPageRoute, json_page
from backend.core import later
from backend.core.database import Reader
from backend.domain import approvals, foundation
from backend.domain.approvals import Gate, GatePage
from backend.domain.values import Document, LongText, Name

router = APIRouter()


class GateEnvelope(BaseModel):
    approval: Gate


class GateState(BaseModel):
    id: UUID
    status: approvals.Status
    run_id: UUID | None


class Approve(BaseModel):
    """`modifications` is a JSON merge patch (RFC 7396) on the held output. With `content_hash` the verdict
    is given only if the content is the one that was shown."""

    model_config = ConfigDict(extra="forbid")

    modifications: Document | None = None
    content_hash: Name | None = None


class Reject(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: LongText | None = None


class GateQuery(PageQuery):
    status: approvals.Status | None = Field(None, description="Only approvals in this state.")


async def list_approvals(db: WorkspaceReader, query: Annotated[GateQuery, Query()]) -> Response:
    """Approvals of the workspace, newest first."""
    page = await approvals.page(
        db, status=query.status, limit=query.limit, offset=query.offset, after=query.after()
    )
    return json_page(page)


async def list_pending_approvals(db: WorkspaceReader, query: Plain) -> Response:
    """Approvals that wait for a verdict."""
    page = await approvals.page(
        db, status="pending", limit=query.limit, offset=query.offset, after=query.after()
    )
    return json_page(page)


router.add_api_route(
    "", list_approvals, response_model=GatePage, route_class_override=SortedPageRoute
)
router.add_api_route(
    "/pending", list_pending_approvals, response_model=GatePage, route_class_override=PageRoute
)


@router.get("/{gate_id}")
async def get_approval(gate_id: UUID, db: WorkspaceReader) -> GateEnvelope:
    """One approval with what it holds."""
    return GateEnvelope.model_validate({"approval": await approvals.get(db, gate_id)})


@router.get("/{gate_id}/status")
async def get_approval_status(gate_id: UUID, db: WorkspaceReader) -> GateState:
    """Only how it stands."""
    return GateState.model_validate(await approvals.get(db, gate_id))


@router.post("/{gate_id}/approve")
async def approve_output(
    gate_id: UUID,
    user: CurrentUser,
    db: Db,
    desk: Desk,
    choice: Choice,
    body: Approve | None = None,
) -> GateEnvelope:
    """Let the output pass, as it is or changed; its run goes on with exactly that."""
    body, reader = body or Approve(), db.reader(user)
    changed = None
    if body.modifications is not None:
        changed = await _edited(reader, choice, gate_id, body.modifications)
    await desk.approve(
        user,
        gate_id,
        shown_hash=body.content_hash,
        modifications=body.modifications,
        approved_output=changed,
    )
    return GateEnvelope.model_validate({"approval": await approvals.get(reader, gate_id)})


@router.post("/{gate_id}/reject")
async def reject_output(
    gate_id: UUID, user: CurrentUser, db: Db, desk: Desk, body: Reject | None = None
) -> GateEnvelope:
    """Hold the output back for good; its run ends."""
    await desk.reject(user, gate_id, body.reason if body else None)
    return GateEnvelope.model_validate({"approval": await approvals.get(db.reader(user), gate_id)})


async def _edited(
    reader: Reader, choice: Catalogue, gate_id: UUID, changes: dict[str, Any]
) -> dict[str, Any]:
    """The held output with the changes, checked against the skill's schema and the workspace's evidence."""
    gate = await approvals.get(reader, gate_id)
    grounding = await later.module("backend.agents.specialists.grounding")
    human_loop = await later.module("backend.cognitive.human_loop")
    known = await grounding.of_workspace(reader)
    rules = (await foundation.get(reader))["messaging_guardrails"] or []
    goal = str((gate["request_data"] or {}).get("goal") or "")
    checker = known.checker(goal=goal, guardrails=[str(rule) for rule in rules])
    card = (await choice.skills.get()).get(gate["skill"]) if gate["skill"] else None
    held = gate["pending_output"]
    edited: dict[str, Any] = await asyncio.to_thread(
        human_loop.edited, held, changes, card, checker
    )
    return edited
