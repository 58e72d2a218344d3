"""Ideal customer profiles."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from backend.api.cache import drop_icps
from backend.api.deps import Limit, Offset, WorkspaceDB, WorkspaceReader
from backend.api.paging import Cursor, json_page
from backend.domain import icps
from backend.domain.icps import Icp, IcpCreate, IcpPage, IcpUpdate

router = APIRouter()


class IcpEnvelope(BaseModel):
    icp: Icp


class Deleted(BaseModel):
    deleted: bool = True


@router.get("", response_model=IcpPage)
async def list_icps(
    db: WorkspaceReader, limit: Limit = 20, offset: Offset = 0, cursor: Cursor = None
) -> Response:
    """ICPs of the workspace, newest first."""
    return json_page(await icps.page(db, limit=limit, offset=offset, after=cursor))


@router.post("")
async def create_icp(new: IcpCreate, db: WorkspaceDB) -> IcpEnvelope:
    """Create an ICP within the plan's number of them; the first becomes primary."""
    drop_icps(db)
    return IcpEnvelope.model_validate({"icp": await icps.create(db, new)})


@router.get("/{icp_id}")
async def get_icp(icp_id: UUID, db: WorkspaceReader) -> IcpEnvelope:
    """One ICP."""
    return IcpEnvelope.model_validate({"icp": await icps.table.get(db, icp_id)})


@router.put("/{icp_id}")
async def update_icp(icp_id: UUID, changes: IcpUpdate, db: WorkspaceDB) -> IcpEnvelope:
    """Change the fields that are sent."""
    drop_icps(db)
    sent = changes.model_dump(exclude_unset=True)
    return IcpEnvelope.model_validate({"icp": await icps.table.update(db, icp_id, sent)})


@router.delete("/{icp_id}")
async def delete_icp(icp_id: UUID, db: WorkspaceDB) -> Deleted:
    """Delete an ICP; moves that aim at it keep running without a target."""
    drop_icps(db)
    await icps.table.delete(db, icp_id)
    return Deleted()


@router.post("/{icp_id}/set-primary")
async def set_primary_icp(icp_id: UUID, db: WorkspaceDB) -> IcpEnvelope:
    """Make this the only primary ICP."""
    drop_icps(db)
    return IcpEnvelope.model_validate({"icp": await icps.set_primary(db, icp_id)})
