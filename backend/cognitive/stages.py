"""The judging stages as the graph calls them: rules and measurements first, then a model where one bills.

What the rules find stands: a model may read more out of a request, leave out what can be left out, lower a
score and ask for a better draft. It overrules no claim check and no approval rule (ADR 0104).
"""

import asyncio
from typing import Any

from backend.agents.base import Judge
from backend.cognitive import human_loop, perception, planning, reflection
from backend.cognitive.protocol import ExecutionPlan, Perception, Reflection
from backend.skills.claims import Checker
from backend.skills.executor import SkillExecutor
from backend.skills.registry import Evaluation

PERCEPTION, PLANNING = "request_perception", "execution_planning"
REFLECTION, CRITIQUE = "output_reflection", "output_critique"
_READ = set(Perception.model_fields) - {
    "raw_input",
    "requires_clarification",
    "made_by",
    "note",
}


def judgements(*, query: str, steps: bool, skills: bool, risk: str) -> list[str]:
    """The cards that the stages ask for one run that nobody sends back, in their order."""
    asked = [PERCEPTION] if query else []
    asked += [PLANNING] if steps else []
    if skills:
        asked += [REFLECTION] + ([CRITIQUE] if risk == "high" else [])
    return asked


class JudgingStages:
    """One for all runs; `judge` brings the run whose model is asked."""

    def __init__(self, skills: SkillExecutor) -> None:
        self._skills = skills

    async def perceive(self, query: str, judge: Judge) -> dict[str, Any]:
        found = perception.perceive(query)
        if not found.requires_clarification:  # a question by rule is asked without asking a model
            rules = found.model_dump(mode="json", include=_READ)
            said, note = await judge(PERCEPTION, {"request": query, "found": rules})
            found = _perceived(found, said, note)
        return found.model_dump(mode="json")

    async def plan(
        self,
        request_type: str,
        agent: str,
        skills: list[str],
        steps: list[dict[str, Any]],
        *,
        query: str,
        budget_usd: float | None,
        judge: Judge,
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
        made = planning.plan(wish)
        if any(step.part == "step" for step in made.steps):  # else there is nothing to choose
            made = await _planned(wish, made, judge)
        return made.model_dump(mode="json")

    def replan(self, plan: dict[str, Any], failed: str, why: str) -> dict[str, Any]:
        made = planning.replan(ExecutionPlan.model_validate(plan), failed, why)
        return made.model_dump(mode="json")

    async def reflect(
        self,
        skill_id: str,
        draft: dict[str, Any],
        checker: Checker | None,
        query: str,
        judge: Judge,
    ) -> dict[str, Any]:
        """Scores of the draft, and what to do about them."""
        found = await self._measured(self._rules(skill_id), draft, checker)
        shown = _shown(query, draft, found) if self._skills.judging else {}
        said, note = await judge(REFLECTION, shown)
        return reflection.judged(found, said, note).model_dump(mode="json")

    async def critique(
        self,
        skill_id: str,
        draft: dict[str, Any],
        checker: Checker | None,
        query: str,
        judge: Judge,
    ) -> dict[str, Any]:
        """A second look as the public would read it; what fails there is taken out as well."""
        found = await self._measured(self._strict(skill_id), draft, checker)
        shown = _shown(query, draft, found)
        rules = {"issues": [], "verdict": ""}
        said, note = await judge(CRITIQUE, {**shown, "found": {**shown["found"], **rules}})
        if said is None:
            return found.model_copy(update={"note": note}).model_dump(mode="json")
        wanted = said["issues"]
        judged = {"made_by": "model", "wanted": wanted, "issues": [*found.issues, *wanted]}
        needs = found.needs_revision or bool(wanted)
        return found.model_copy(update={**judged, "needs_revision": needs}).model_dump(mode="json")

    async def cleared(
        self, skill_id: str, draft: dict[str, Any], checker: Checker | None
    ) -> dict[str, Any]:
        """A draft written for the critic, without what fails for its readers or for the public."""
        for rules in (self._rules(skill_id), self._strict(skill_id)):
            found = await self._measured(rules, draft, checker)
            draft = self.revise(draft, found.model_dump(mode="json"))
        return draft

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
            "description": f"{rule.output_type.replace('_', ' ').capitalize()}: {rule.reason}",
        }

    def _rules(self, skill_id: str) -> Evaluation:
        return self._skills.registry.get(skill_id).evaluation

    def _strict(self, skill_id: str) -> Evaluation:
        rules = self._rules(skill_id)
        read = rules.judged or rules.claims
        return rules.model_copy(update={"claims": read, "claims_audience": "public"})

    @staticmethod
    async def _measured(
        rules: Evaluation, draft: dict[str, Any], checker: Checker | None
    ) -> Reflection:
        return await asyncio.to_thread(reflection.reflect, rules, draft, checker)


def _perceived(found: Perception, said: dict[str, Any] | None, note: str | None) -> Perception:
    if said is None:
        return found.model_copy(update={"note": note})
    read = {name: said[name] for name in _READ & said.keys()}
    read["references_previous"] = found.references_previous or said["references_previous"]
    asks = bool(said["clarification_questions"])
    return found.model_copy(update={**read, "requires_clarification": asks, "made_by": "model"})


async def _planned(wish: planning.Wish, made: ExecutionPlan, judge: Judge) -> ExecutionPlan:
    own = [step for step in made.steps if step.part == "step"]
    caps = {step.step_id: step.estimated_cost for step in own}
    offered = [
        {
            **{name: step[name] for name in ("id", "description", "depends_on", "can_fail")},
            "most_usd": caps.get(step["id"], 0.0),
        }
        for step in wish.steps
        if not step["spare"]
    ]
    rules = {
        "steps": [{"id": step.step_id, "depends_on": step.depends_on} for step in own],
        "risk_level": made.risk_level,
        "reason": "As the steps depend on each other.",
    }
    inputs = {"request": wish.query, "offered": offered, "found": rules}
    said, note = await judge(PLANNING, inputs)
    if said is None:
        return made.model_copy(update={"note": note})
    try:
        return planning.chosen(wish, said)
    except planning.NotAPlan as error:
        return made.model_copy(update={"note": f"The model's plan was not used: {error}."})


def _shown(query: str, draft: dict[str, Any], found: Reflection) -> dict[str, Any]:
    """What a model judges by. The measured scores stand in the place of its own until it answers."""
    measured = found.scores.model_dump(exclude={"overall_score"})
    return {
        "request": query,
        "output": _in_order(draft["result"]),
        "found": {
            **measured,
            "issues": [i[:300] for i in found.issues[:8]],
            "demands": draft["demands"],
        },
    }


def _in_order(value: Any) -> Any:
    """With keys in alphabetical order: Postgres gives those of a kept answer back in its own."""
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    return [_in_order(item) for item in value] if isinstance(value, list) else value
