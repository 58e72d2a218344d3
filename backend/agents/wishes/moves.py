"""A move to be planned."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Tx
from backend.domain import icps, moves
from backend.domain.calendar import check_not_past
from backend.domain.moves import Category
from backend.domain.values import Day, LongText, storable

LONGEST_GOAL = 500

Channel = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(storable)]
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_GOAL), AfterValidator(storable)
]
Goal = Annotated[
    str, StringConstraints(min_length=3, max_length=LONGEST_GOAL), AfterValidator(storable)
]
TimeCommitment = Literal["minimal", "standard", "intensive"]


class MovesRequest(SpecialistRequest):
    """What a move is to reach, as `goal` or in free words (`query`), and under which limits."""

    goal: Goal | None = None
    query: Words | None = None
    category: Category | None = None
    duration_days: int = Field(default=7, ge=1, le=90)
    target_icp_id: UUID | None = None
    minutes_per_day: int | None = Field(default=None, ge=15, le=480)
    time_commitment: TimeCommitment = "standard"
    channels: list[Channel] = Field(default_factory=list, max_length=20)
    context: LongText | None = None
    """What else the plan should know: an occasion, a stall, a visitor."""
    start_date: Day | None = None
    """Its first day, in the workspace's time zone; without it the move is a draft."""

    @model_validator(mode="after")
    def _says_what_it_wants(self) -> Self:
        if not (self.goal or self.query):
            raise ValueError("goal: say what the move is to reach")
        return self


async def check(tx: Tx, request: MovesRequest) -> None:
    """404 for a foreign ICP, 422 for a start in the past, 403 when this month's moves are used up."""
    if request.target_icp_id:
        await icps.table.get(tx, request.target_icp_id)
    await check_not_past(tx, request.start_date)
    await moves.check_quota(tx)


WISH = Wish(MovesRequest, check)
