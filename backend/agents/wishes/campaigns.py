"""A campaign to be planned."""

from decimal import Decimal
from uuid import UUID

from pydantic import Field, field_serializer

from backend.agents.wishes.moves import Channel, Goal, TimeCommitment
from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Tx
from backend.domain import icps, moves
from backend.domain.calendar import check_not_past
from backend.domain.campaigns import MOVE_DAYS, Days, Intensity, MinutesADay, Objective
from backend.domain.values import Day, Rupees


class CampaignRequest(SpecialistRequest):
    """What a campaign is for (`objective`), in the founder's words (`goal` or `query`), and its limits."""

    objective: Objective = "lead_gen"
    goal: Goal | None = None
    query: Goal | None = None
    duration_days: Days = 30
    intensity: Intensity = "sprint"
    budget_inr: Rupees | None = None
    target_icp_id: UUID | None = None
    channels: list[Channel] = Field(default_factory=list, max_length=20)
    minutes_per_day: MinutesADay | None = None
    time_commitment: TimeCommitment | None = None
    start_date: Day | None = None
    """Its first day, in the workspace's time zone; without it the campaign waits to be started."""

    @field_serializer("budget_inr")
    def _as_number(self, rupees: Decimal | None) -> float | None:
        return None if rupees is None else float(rupees)


async def check(tx: Tx, request: CampaignRequest) -> None:
    """404 for a foreign ICP, 422 for a start in the past, 403 when the plan has no room for its moves."""
    if request.target_icp_id:
        await icps.table.get(tx, request.target_icp_id)
    await check_not_past(tx, request.start_date)
    await moves.check_quota(tx, round(request.duration_days / MOVE_DAYS[request.intensity]))


WISH = Wish(CampaignRequest, check)
