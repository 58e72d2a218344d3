"""Planning by rule: the skills a specialist names, one after the other, each resting on the one before."""

from collections.abc import Sequence

from backend.cognitive.protocol import ExecutionPlan, PlanStep
from backend.skills.registry import SkillCard

HIGH_RISK: frozenset[str] = frozenset({"blackbox"})
"""Request types whose output a critic reads before it goes on."""


def plan(request_type: str, agent: str, cards: Sequence[SkillCard], *, free: bool) -> ExecutionPlan:
    """The steps, with their caps as estimates; `free` says that the provider bills nothing."""
    steps = [_step(number, agent, card, free) for number, card in enumerate(cards, start=1)]
    if not steps:
        steps = [PlanStep(step_id="step_1", description="No skill needed", agent=agent, skill=None)]
    return ExecutionPlan(steps=steps, risk_level="high" if request_type in HIGH_RISK else "low")


def _step(number: int, agent: str, card: SkillCard, free: bool) -> PlanStep:
    return PlanStep(
        step_id=f"step_{number}",
        description=card.description,
        agent=agent,
        skill=card.id,
        depends_on=[f"step_{number - 1}"] if number > 1 else [],
        estimated_tokens=0 if free else card.cost.max_tokens_per_execution,
        estimated_cost=0.0 if free else card.cost.max_cost_per_execution,
    )
