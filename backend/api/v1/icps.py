"""Ideal customer profiles."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from backend.agents.wishes.icps import IcpsRequest
from backend.api.admission import Desk, admit
from backend.api.cache import DropsIcps
from backend.api.deps import CurrentUser, Db, Deleted, WorkspaceDB, WorkspaceReader
from backend.api.paging import Plain, SortedPageRoute, json_page
from backend.domain import icps, runs
from backend.domain.facts import Missing
from backend.domain.icps import Icp, IcpCreate, IcpPage, IcpUpdate

router = APIRouter()


class IcpEnvelope(BaseModel):
    icp: Icp


class LeftOut(BaseModel):
    name: str
    why: str


class GeneratedIcps(BaseModel):
    icps: list[Icp]
    left_out: list[LeftOut] = Field(description="Profiles that were described but not stored.")
    missing: list[Missing] = Field(description="What would sharpen them, as questions.")
    engine: str
    run_id: UUID


async def list_icps(db: WorkspaceReader, query: Plain) -> Response:
    """ICPs of the workspace, newest first."""
    page = await icps.page(db, limit=query.limit, offset=query.offset, after=query.after())
    return json_page(page)


router.add_api_route("", list_icps, response_model=IcpPage, route_class_override=SortedPageRoute)


@router.post("", dependencies=[DropsIcps])
async def create_icp(new: IcpCreate, db: WorkspaceDB) -> IcpEnvelope:
    """Create an ICP within the plan's number of them; the first becomes primary."""
    return IcpEnvelope.model_validate({"icp": await icps.create(db, new)})


@router.post("/generate")
async def generate_icps(
    user: CurrentUser, db: Db, desk: Desk, request: Request, wish: IcpsRequest | None = None
) -> GeneratedIcps:
    """Describe ideal customers out of the workspace's facts, as a run of the engine."""
    run_id = await admit(desk, db, user, "icps", wish or IcpsRequest())
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    return GeneratedIcps.model_validate({**runs.outcome(run), "run_id": run_id})


@router.get("/{icp_id}")
async def get_icp(icp_id: UUID, db: WorkspaceReader) -> IcpEnvelope:
    """One ICP."""
    return IcpEnvelope.model_validate({"icp": await icps.table.get(db, icp_id)})


@router.put("/{icp_id}", dependencies=[DropsIcps])
async def update_icp(icp_id: UUID, changes: IcpUpdate, db: WorkspaceDB) -> IcpEnvelope:
    """Change the fields that are sent."""
    sent = changes.model_dump(exclude_unset=True)
    return IcpEnvelope.model_validate({"icp": await icps.table.update(db, icp_id, sent)})


@router.delete("/{icp_id}", dependencies=[DropsIcps])
async def delete_icp(icp_id: UUID, db: WorkspaceDB) -> Deleted:
    """Delete an ICP; moves that aim at it keep running without a target."""
    await icps.table.delete(db, icp_id)
    return Deleted()


@router.post("/{icp_id}/set-primary", dependencies=[DropsIcps])
async def set_primary_icp(icp_id: UUID, db: WorkspaceDB) -> IcpEnvelope:
    """Make this the only primary ICP."""
    return IcpEnvelope.model_validate({"icp": await icps.set_primary(db, icp_id)})
