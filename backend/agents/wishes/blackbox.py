"""A play of the black box."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, StringConstraints

from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Tx
from backend.domain import icps
from backend.domain.blackbox import FocusArea, RiskLevel
from backend.domain.values import storable

Outcome = Annotated[str, StringConstraints(min_length=3, max_length=500), AfterValidator(storable)]


class BlackboxRequest(SpecialistRequest):
    """A focus area, an outcome and a risk of 1 to 10; from 7 on the strategy waits for approval."""

    focus_area: FocusArea | None = None
    outcome: Outcome | None = None
    query: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    risk_level: RiskLevel = 5
    icp_id: UUID | None = None


async def check(tx: Tx, request: BlackboxRequest) -> None:
    """404 for an ICP that is not the workspace's own."""
    if request.icp_id:
        await icps.table.get(tx, request.icp_id)


WISH = Wish(BlackboxRequest, check)
