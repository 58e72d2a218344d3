"""The judging stages as the graph calls them."""

import asyncio
from typing import Any

from backend.cognitive import human_loop, perception, planning, reflection
from backend.cognitive.protocol import ExecutionPlan
from backend.skills.claims import Checker
from backend.skills.executor import SkillExecutor


class RuleStages:
    """The judging stages without a model: rules and measurements, which say that they are."""

    def __init__(self, skills: SkillExecutor) -> None:
        self._skills = skills

    def perceive(self, query: str) -> dict[str, Any]:
        return perception.perceive(query).model_dump(mode="json")

    def plan(
        self,
        request_type: str,
        agent: str,
        skills: list[str],
        steps: list[dict[str, Any]],
        *,
        query: str,
        budget_usd: float | None,
    ) -> dict[str, Any]:
        get = self._skills.registry.get
        wish = planning.Wish(
            request_type=request_type,
            agent=agent,
            query=query,
            draft=[get(skill) for skill in skills],
            steps=steps,
            cards={s["skill"]: get(s["skill"]) for s in steps if s["skill"]},
            free=self._skills.free,
            budget_usd=budget_usd,
        )
        return planning.plan(wish).model_dump(mode="json")

    def replan(self, plan: dict[str, Any], failed: str, why: str) -> dict[str, Any]:
        made = planning.replan(ExecutionPlan.model_validate(plan), failed, why)
        return made.model_dump(mode="json")

    async def reflect(
        self, skill_id: str, draft: dict[str, Any], checker: Checker | None
    ) -> dict[str, Any]:
        rules = self._skills.registry.get(skill_id).evaluation
        found = await asyncio.to_thread(reflection.reflect, rules, draft, checker)
        return found.model_dump(mode="json")

    async def critique(
        self, skill_id: str, draft: dict[str, Any], checker: Checker | None
    ) -> dict[str, Any]:
        """A second look as the public would read it; what fails there is taken out as well."""
        rules = self._skills.registry.get(skill_id).evaluation
        read = rules.judged or rules.claims
        strict = rules.model_copy(update={"claims": read, "claims_audience": "public"})
        found = await asyncio.to_thread(reflection.reflect, strict, draft, checker)
        return found.model_dump(mode="json")

    def revise(self, draft: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        return {**draft, "result": reflection.revise(draft["result"], found["drop"])}

    def approval_rule(self, draft: dict[str, Any]) -> dict[str, Any] | None:
        """`approval` of a draft may say what its result does not: `type`, `risk_level`, `cold_outreach`."""
        rule = human_loop.rule_for({**draft["result"], **draft.get("approval", {})})
        if rule is None:
            return None
        return {
            "risk": rule.risk,
            "reason": rule.reason,
            "gate_type": rule.gate_type,
            "description": f"{rule.output_type.replace('_', ' ')}: {rule.reason}",
        }
