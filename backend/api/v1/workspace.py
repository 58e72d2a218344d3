"""The workspace as a whole: name it, take it away, end it. For people alone; no API key may."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from backend.api.deps import CurrentUser, Deleted, WorkspaceDB
from backend.core.errors import Conflict
from backend.domain import workspaces
from backend.domain.workspaces import Workspace, WorkspaceChange
from backend.services.belongings import Belongings

router = APIRouter()


class WorkspaceEnvelope(BaseModel):
    workspace: Workspace


async def _belongings(request: Request) -> Belongings:
    belongings: Belongings = request.app.state.belongings
    return belongings


Keeper = Annotated[Belongings, Depends(_belongings)]
ZIP: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The archive",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put("")
async def update_workspace(changes: WorkspaceChange, db: WorkspaceDB) -> WorkspaceEnvelope:
    """Its name, its time zone, and the language its copy is written in unless another is asked for."""
    return WorkspaceEnvelope(workspace=await workspaces.change(db, changes))


@router.get("/export", response_class=StreamingResponse, responses=ZIP)
async def export_workspace(user: CurrentUser, keeper: Keeper) -> Response:
    """Everything there is of the workspace, as a zip that is sent while it is made."""
    headers = {"Content-Disposition": 'attachment; filename="workspace.zip"'}
    return StreamingResponse(keeper.archive(user), media_type="application/zip", headers=headers)


@router.delete("")
async def delete_workspace(
    user: CurrentUser,
    keeper: Keeper,
    confirm: Annotated[UUID, Query(description="The workspace's own id, so that it is meant.")],
) -> Deleted:
    """End the workspace: its rows, files, vectors and caches. There is no way back.

    What the law wants kept stays with the account: payments, invoices and what was spent. The account itself
    can begin anew with `POST /auth/initialize`.
    """
    if confirm != user.workspace_id:
        raise Conflict(
            "To delete the workspace, send its own id as `confirm`.", code="not_confirmed"
        )
    await keeper.erase(user)
    return Deleted()
