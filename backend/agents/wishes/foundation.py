"""The foundation's summary, as it is or written anew."""

from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Tx
from backend.core.errors import Conflict
from backend.domain import foundation


class FoundationRequest(SpecialistRequest):
    """An action, or free words (`query`) that name it."""

    action: Literal["summary", "refresh"] | None = None
    query: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = None

    @model_validator(mode="after")
    def _says_what_it_wants(self) -> Self:
        if not (self.action or self.query):
            raise ValueError("action: say summary or refresh")
        return self


async def check(tx: Tx, request: FoundationRequest) -> None:
    """409 while there is no foundation to speak of."""
    row = await foundation.get(tx)
    if not row["onboarding_completed"]:
        raise Conflict("Complete the onboarding first.", code="foundation_empty")


WISH = Wish(FoundationRequest, check)
