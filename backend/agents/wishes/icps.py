"""Profiles of who buys."""

from pydantic import Field

from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Tx
from backend.domain import icps


class IcpsRequest(SpecialistRequest):
    """How many at most; with `replace` those that were generated before give way."""

    count: int = Field(default=3, ge=1, le=3)
    replace: bool = False


async def check(tx: Tx, request: IcpsRequest) -> None:
    """403 when the plan has no room for one more."""
    await icps.check_room(tx, replacing=request.replace)


WISH = Wish(IcpsRequest, check)
