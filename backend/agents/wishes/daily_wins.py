"""Ideas for today's post."""

from typing import Annotated

from pydantic import StringConstraints

from backend.agents.wishes.muse import Platform
from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Tx
from backend.domain import daily_wins


class DailyWinsRequest(SpecialistRequest):
    """Nothing need be said; `platform` is where the founder will post."""

    query: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    platform: Platform | None = None


async def check(tx: Tx, request: DailyWinsRequest) -> None:
    """Nothing can be foreign here."""
    await daily_wins.today(tx)


WISH = Wish(DailyWinsRequest, check)
