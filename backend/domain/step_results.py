"""A step as it leaves the API: `data` has the schema of that step, told apart by `step`."""

from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, RootModel, create_model

from backend.domain.onboarding_steps import STEPS, Step
from backend.domain.values import Timestamp

Status = Literal["not_started", "completed", "stale", "skipped"]


class _Result(BaseModel):
    status: Status
    by: Literal["onboarding", "user"] | None = None
    """Who its data is from."""
    at: Timestamp | None = None


def _result(step: Step) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "step": (Literal[step.number], ...),
        "data": (step.output | None, None),
    }
    made: type[BaseModel] = create_model(
        f"Step{step.number}Result",
        __base__=_Result,
        __doc__=f"Step {step.number}: {step.title}.",
        **fields,
    )
    return made


_Any: Any = reduce(or_, (_result(step) for step in STEPS.values()))


class StepResult(RootModel[Annotated[_Any, Field(discriminator="step")]]):
    """`data` is null until the step has run; `stale` data is from before an earlier step changed."""
