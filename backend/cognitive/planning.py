"""Planning: a specialist's own steps as they depend on each other, then the skills of its draft.

The rules choose nothing that a specialist did not offer. They leave out what the budget has no room for,
and plan once more when a step with a stand-in fails. A model may leave out more and order the steps anew;
what it says is held to what was offered, and the plan says who made it (`made_by`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from backend.cognitive.protocol import Alternative, ExecutionPlan, LeftOut, PlanStep
from backend.skills.registry import SkillCard

HIGH_RISK: frozenset[str] = frozenset({"blackbox"})
"""Request types whose output a critic reads before it goes on."""
RISKS = ("low", "medium", "high")
OPTIONAL_FIRST = {"low": 0, "medium": 1, "high": 2, "critical": 3}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be planned. `steps` are the specialist's own, as `agents.work.described` has them; `draft`
    the cards of its draft; `free` says that the provider bills nothing."""

    request_type: str
    agent: str
    query: str
    draft: Sequence[SkillCard]
    steps: Sequence[Mapping[str, Any]]
    cards: Mapping[str, SkillCard]
    free: bool
    budget_usd: float | None


def plan(wish: Wish) -> ExecutionPlan:
    """The steps with their caps as estimates."""
    own = [_own(wish, step) for step in wish.steps if not step["spare"]]
    draft = _draft(wish)
    own, left_out = _affordable(wish, own, draft)
    first = draft[0].model_copy(update={"depends_on": [step.step_id for step in own]})
    return _whole(
        ExecutionPlan(
            query=wish.query,
            steps=[*own, first, *draft[1:]],
            risk_level=risk_of(wish.request_type),
            alternative_plans=_alternatives(wish),
            left_out=left_out,
        )
    )


def risk_of(request_type: str) -> Literal["low", "high"]:
    """The risk by rule; a model may raise it."""
    return "high" if request_type in HIGH_RISK else "low"


class NotAPlan(Exception):
    """What a model chose cannot be carried out; the message says why."""


def chosen(wish: Wish, said: Mapping[str, Any]) -> ExecutionPlan:
    """The plan with a model's choice of steps, order and risk. Raises NotAPlan.

    It may leave out what can fail, and make a step wait for more than it must. It can lower no risk.
    """
    offered = {step["id"]: step for step in wish.steps if not step["spare"]}
    order = {step["id"]: step["depends_on"] for step in said["steps"] if step["id"] in offered}
    needed = [id for id, step in offered.items() if not step["can_fail"] and id not in order]
    if needed:
        raise NotAPlan(f"it leaves out {needed[0]}, which the run cannot do without")
    steps = []
    for id, step in offered.items():
        if id not in order:
            continue
        waits = [d for d in order[id] if d in order and d != id]
        must = [d for d in step["depends_on"] if d in order]
        steps.append({**step, "depends_on": list(dict.fromkeys([*must, *waits]))})
    _check_order(steps)
    spare = [step for step in wish.steps if step["spare"]]
    made = plan(replace(wish, steps=[*steps, *spare]))
    left = [LeftOut(step_id=id, why="not needed for this") for id in offered if id not in order]
    return made.model_copy(
        update={
            "left_out": [*left, *made.left_out],
            "risk_level": max(made.risk_level, said["risk_level"], key=RISKS.index),
            "reason": said["reason"],
            "made_by": "model",
        }
    )


def _check_order(steps: Sequence[Mapping[str, Any]]) -> None:
    done: set[str] = set()
    while len(done) < len(steps):
        due = {s["id"] for s in steps if s["id"] not in done and done.issuperset(s["depends_on"])}
        if not due:
            raise NotAPlan("its steps wait for each other")
        done |= due


def replan(before: ExecutionPlan, failed: str, why: str) -> ExecutionPlan:
    """The plan with the stand-in of the failed step in its place."""
    instead = next(a.step for a in before.alternative_plans if a.instead_of == failed)
    steps = [
        instead
        if step.step_id == failed
        else step.model_copy(
            update={"depends_on": [instead.step_id if d == failed else d for d in step.depends_on]}
        )
        for step in before.steps
    ]
    changed = before.model_copy(
        update={
            "steps": steps,
            "revision": before.revision + 1,
            "revised_because": f"{failed} failed: {why}",
            "left_out": [*before.left_out, LeftOut(step_id=failed, why=why)],
        }
    )
    return _whole(changed)


def _own(wish: Wish, step: Mapping[str, Any]) -> PlanStep:
    card = wish.cards.get(step["skill"] or "")
    return PlanStep(
        step_id=step["id"],
        description=step["description"],
        agent=wish.agent,
        skill=step["skill"],
        part="step",
        depends_on=list(step["depends_on"]),
        requires_tools=list(step["tools"]),
        can_fail_gracefully=step["can_fail"],
        fallback_strategy=_strategy(step),
        priority=step["priority"],
        **_caps(card, wish.free),
    )


def _strategy(step: Mapping[str, Any]) -> str | None:
    if step["fallback"]:
        return f"plan {step['fallback']} instead"
    return "go on without it" if step["can_fail"] else None


def _draft(wish: Wish) -> list[PlanStep]:
    """The draft's skills, each resting on the one before."""
    if not wish.draft:
        return [
            PlanStep(step_id="step_1", description="No skill needed", agent=wish.agent, skill=None)
        ]
    return [
        PlanStep(
            step_id=f"step_{number}",
            description=card.description,
            agent=wish.agent,
            skill=card.id,
            depends_on=[f"step_{number - 1}"] if number > 1 else [],
            requires_context=sorted(card.input_schema.get("properties", {})),
            requires_tools=card.tools,
            **_caps(card, wish.free),
        )
        for number, card in enumerate(wish.draft, start=1)
    ]


def _caps(card: SkillCard | None, free: bool) -> dict[str, Any]:
    if card is None or free or card.counted:
        return {"estimated_tokens": 0, "estimated_cost": 0.0}
    return {
        "estimated_tokens": card.cost.max_tokens_per_execution,
        "estimated_cost": card.cost.max_cost_per_execution,
    }


def _affordable(
    wish: Wish, own: list[PlanStep], draft: list[PlanStep]
) -> tuple[list[PlanStep], list[LeftOut]]:
    """Without the dispensable steps that cost something, the least first, until the budget has room."""
    left_out: list[LeftOut] = []
    kept = list(own)
    room = float("inf") if wish.budget_usd is None else wish.budget_usd
    dispensable = sorted(
        (step for step in own if step.can_fail_gracefully and step.estimated_cost),
        key=lambda step: OPTIONAL_FIRST[step.priority],
    )
    for step in dispensable:
        if sum(s.estimated_cost for s in [*kept, *draft]) <= room:
            break
        kept.remove(step)
        left_out.append(LeftOut(step_id=step.step_id, why="the budget has no room for it"))
    gone = {out.step_id for out in left_out}
    trimmed = [
        step.model_copy(update={"depends_on": [d for d in step.depends_on if d not in gone]})
        for step in kept
    ]
    return trimmed, left_out


def _alternatives(wish: Wish) -> list[Alternative]:
    spare = {step["id"]: step for step in wish.steps if step["spare"]}
    return [
        Alternative(instead_of=step["id"], step=_own(wish, spare[step["fallback"]]))
        for step in wish.steps
        if step["fallback"]
    ]


def _whole(made: ExecutionPlan) -> ExecutionPlan:
    """With what follows from its steps. The same steps for the same query have the same id."""
    told = (
        f"{made.query}|{made.revision}|{[(s.step_id, s.skill, s.depends_on) for s in made.steps]}"
    )
    return made.model_copy(
        update={
            "plan_id": hashlib.sha256(told.encode()).hexdigest()[:16],
            "strategy": _shape(made.steps),
            "total_estimated_tokens": sum(step.estimated_tokens for step in made.steps),
            "total_estimated_cost": round(sum(step.estimated_cost for step in made.steps), 6),
        }
    )


def _shape(steps: Sequence[PlanStep]) -> Literal["sequential", "parallel", "hybrid"]:
    """Parallel when all steps could go at once, hybrid when some could."""
    depth: dict[str, int] = {}
    for step in steps:
        depth[step.step_id] = 1 + max((depth.get(d, 0) for d in step.depends_on), default=0)
    levels = list(depth.values())
    if len(levels) == len(set(levels)):
        return "sequential"
    return "parallel" if len(set(levels)) == 1 else "hybrid"
