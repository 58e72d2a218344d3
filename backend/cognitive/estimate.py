"""What a run may cost, before it is admitted: the caps of every call it makes when nothing is asked twice."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from backend.agents import work
from backend.agents.base import Specialist
from backend.agents.specialists import SPECIALISTS
from backend.cognitive import planning, stages
from backend.core.database import Reads
from backend.routing import pipeline
from backend.services.usage_tracker import RUN_RESERVE_MICRO_USD
from backend.skills.registry import SkillRegistry


class Estimator:
    """The desk's estimate (`run_desk.Estimate`): what it reserves for a run.

    Counted are perception of free words, planning where there is something to plan, the plan's steps, every
    call of the specialist's draft, one reflection, and the critic where the type is of high risk, each at
    the most its card allows. So as long as nothing is asked twice, the reservation bears the run to its end
    whatever else the month promises meanwhile. What is not used goes back when the run ends.

    Not counted is what follows from an answer: a second asking for one that does not fit its card, the
    retries of a failed call, a stand-in for a failed step, up to three revisions with a reflection each, a
    critic whom a model calls for with one more revision, and moves beyond those a campaign of its length
    has. Each such call is covered before it is made like any other (`UsageTracker.cover`): by what is left
    of the reservation, then by the month. What neither bears is not bought: a judgement is left to the rules,
    a revision to the draft that is there, and only a call that the run cannot do without ends it with 402.

    A provider that bills nothing reserves the specification's USD 0.01, which comes back whole.
    """

    def __init__(self, registry: SkillRegistry, *, bills: bool) -> None:
        """`bills`: whether the workers' provider does (`llm.bills`)."""
        self._registry = registry
        self._bills = bills

    async def __call__(self, db: Reads, request_type: str, request_data: Mapping[str, Any]) -> int:
        """Micro-USD, never below RUN_RESERVE_MICRO_USD. Raises as the specialist's `buys`."""
        if not self._bills:
            return RUN_RESERVE_MICRO_USD
        asked = await self.calls(db, request_type, request_data)
        caps = sum(self._registry.get(skill).max_cost_micro_usd for skill in asked)
        return max(caps, RUN_RESERVE_MICRO_USD)

    async def calls(
        self, db: Reads, request_type: str, request_data: Mapping[str, Any]
    ) -> list[str]:
        """The skills that are counted, each as often as it is asked."""
        specialist = SPECIALISTS[request_type]
        query = request_data.get("query") or ""
        request = _read(specialist, request_type, request_data, query)
        skills = specialist.skills(request)
        steps = [s for s in work.offered(specialist, request, self._registry) if not s.spare]
        bought = await specialist.buys(db, request) if specialist.buys else skills
        judged = stages.judgements(
            query=query,
            steps=bool(steps),
            skills=bool(skills),
            risk=planning.risk_of(request_type),
        )
        return [*judged, *(step.skill for step in steps if step.skill), *bought]


def _read(
    specialist: Specialist[Any], request_type: str, data: Mapping[str, Any], query: str
) -> Any:
    """The request as routing will read it, by the rules alone; words that mean nothing as they are."""
    request = specialist.request.model_validate(data)
    routing = pipeline.carried(request_type, query, {}) if query else pipeline.direct(request_type)
    try:
        return specialist.resolve(request, routing)
    except ValidationError:  # the run will ask back
        return request
