"""How a request becomes a run, for every router that starts one."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from backend.agents.wishes import WISHES
from backend.agents.wishes.wish import SpecialistRequest
from backend.core.auth import AuthenticatedUser
from backend.core.database import Database
from backend.services.run_desk import RunDesk


async def _run_desk(request: Request) -> RunDesk:
    desk: RunDesk = request.app.state.run_desk
    return desk


Desk = Annotated[RunDesk, Depends(_run_desk)]


async def admit(
    desk: RunDesk,
    db: Database,
    user: AuthenticatedUser,
    request_type: str,
    wish: SpecialistRequest,
    session_id: UUID | None = None,
    *,
    background: bool = False,
) -> UUID:
    """Refuse what cannot be done (403, 404, 409) before money is reserved (402), then queue the run.

    Runs of one session go one after the other.
    """
    async with db.workspace(user) as tx:
        await WISHES[request_type].check(tx, wish)
    lock = f"{user.workspace_id}:{request_type}:{session_id}" if session_id else None
    sent = wish.model_dump(mode="json", exclude_unset=True)
    return await desk.admit(
        user, request_type, sent, session_id=session_id, lock=lock, background=background
    )
