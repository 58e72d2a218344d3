"""What a founder may say to a step when it runs."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.agents.base import SpecialistRequest
from backend.agents.specialists.truth import Correction, Resolution
from backend.core.errors import Unprocessable
from backend.domain.onboarding_steps import LAST

TAKES_CORRECTIONS = 4

Percent = Annotated[float, Field(gt=0, le=100)]


class MarketInputs(BaseModel):
    """The founder's own numbers for step 22; what is not sent stays as it was."""

    model_config = ConfigDict(extra="forbid")

    customers_total: Annotated[float, Field(gt=0, le=1e11)] | None = None
    reachable_percent: Percent | None = None
    winnable_percent: Percent | None = None
    price_per_year: Annotated[float, Field(gt=0, le=1e12)] | None = None
    """Rupees that one customer pays in a year."""


class StepInputs(BaseModel):
    """`corrections` and `resolutions` are for step 4 alone; `market` is what step 22 reads, no other does."""

    model_config = ConfigDict(extra="forbid")

    corrections: Annotated[list[Correction], Field(max_length=500)] = []
    resolutions: Annotated[list[Resolution], Field(max_length=100)] = []
    market: MarketInputs | None = None


class OnboardingRequest(SpecialistRequest):
    """One step, or every step that is due up to one."""

    action: Literal["step", "run"] = "step"
    session_id: UUID
    step: Annotated[int, Field(ge=1, le=LAST)] | None = None
    to_step: Annotated[int, Field(ge=1, le=LAST)] | None = None
    inputs: StepInputs = StepInputs()

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.action == "step" and self.step is None:
            raise ValueError("step: say which step to run")
        return self

    @property
    def last(self) -> int:
        return self.to_step or LAST


def check_idle_inputs(request: OnboardingRequest) -> None:
    """Refuse words on facts where no step looks at them: 422 `corrections_not_taken`."""
    given = request.inputs
    if (given.corrections or given.resolutions) and request.step != TAKES_CORRECTIONS:
        raise Unprocessable(
            f"Only step {TAKES_CORRECTIONS} takes corrections.", code="corrections_not_taken"
        )
