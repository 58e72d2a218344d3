"""A step of the onboarding, or all that are due, and what a founder may say to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from backend.agents.wishes.wish import SpecialistRequest, Wish
from backend.core.database import Reads, Tx
from backend.core.errors import Conflict, Unprocessable
from backend.domain import evidence, onboarding, onboarding_steps
from backend.domain.onboarding_steps import LAST, STEPS
from backend.domain.values import storable

TAKES_CORRECTIONS = 4

Percent = Annotated[float, Field(gt=0, le=100)]


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise ValueError("must say something")
    return line


class Correction(BaseModel):
    """A founder's word on one fact; what is right instead is kept on one line."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    fact_id: Annotated[str, StringConstraints(max_length=20), AfterValidator(storable)]
    verdict: Literal["accept", "correct", "reject"]
    correction: (
        Annotated[
            str,
            StringConstraints(max_length=2000),
            AfterValidator(storable),
            AfterValidator(_one_line),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _says_what_is_right(self) -> Self:
        if self.verdict == "correct" and not self.correction:
            raise ValueError("correction: say what is right instead")
        return self


class Resolution(BaseModel):
    """Which side of a contradiction stands: a fact's id, or `both` with the reason why both are right."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    conflict_id: Annotated[str, StringConstraints(max_length=20), AfterValidator(storable)]
    keep: Annotated[str, StringConstraints(min_length=1, max_length=20), AfterValidator(storable)]
    note: Annotated[str, StringConstraints(max_length=1000), AfterValidator(storable)] = ""


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
    def number(self) -> int:
        """The step, of a request for one."""
        assert self.step is not None, "checked when the request was read"
        return self.step

    @property
    def last(self) -> int:
        return self.to_step or LAST


@dataclass(frozen=True, slots=True)
class Material:
    """What a step has before it: the vault's items and texts, and what the steps before it gave."""

    session: Mapping[str, Any]
    items: list[dict[str, Any]]
    texts: list[Any]
    results: dict[int, dict[str, Any]]


async def material(db: Reads, session_id: UUID, number: int) -> Material:
    """Raises Conflict when there is no evidence, or an earlier step is due."""
    session = await onboarding.table.get(db, session_id)
    items = await evidence.listing(db, session_id)
    waiting = [i for i in items if i["processing_status"] in ("pending", "processing")]
    if waiting:
        raise Conflict(
            f"{len(waiting)} of {len(items)} items are still being read. Try again in a moment.",
            code="evidence_pending",
        )
    texts = await evidence.texts(db, session_id)
    if not texts:
        raise Conflict(
            "There is nothing to read yet. Upload a document or add a page first.",
            code="evidence_missing",
        )
    results = {n: found for n, found in onboarding.results(session).items() if n in STEPS}
    due = [step for step in STEPS[number].needs if step not in results]
    if due:
        raise Conflict(
            f"Run step {due[0]} first; its result is missing or stale.",
            code="step_stale",
            steps_due=due,
        )
    return Material(session, items, texts, results)


def check_idle_inputs(request: OnboardingRequest) -> None:
    """Refuse words on facts where no step looks at them: 422 `corrections_not_taken`."""
    given = request.inputs
    if (given.corrections or given.resolutions) and request.step != TAKES_CORRECTIONS:
        raise Unprocessable(
            f"Only step {TAKES_CORRECTIONS} takes corrections.", code="corrections_not_taken"
        )


async def check(tx: Tx, request: OnboardingRequest) -> None:
    """404 for a foreign session or an absent step, 409 when it cannot run now, 422 for idle inputs."""
    check_idle_inputs(request)
    if request.action == "run":
        onboarding_steps.get(request.last)
        await onboarding.check_runnable(tx, request.session_id, 1)
        await material(tx, request.session_id, 1)
        return
    await onboarding.check_runnable(tx, request.session_id, request.number)
    await material(tx, request.session_id, request.number)


WISH = Wish(OnboardingRequest, check)
