"""Doing what a plan says: which steps are due, one of them at work, and what its failure means.

Steps that wait for nothing go side by side; what follows waits until all of them are done. What steps gave
is in the run's state, and the calls they made in its journal.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from backend.agents.base import RECALL, Allowance, Revision, RunContext, Specialist, Step
from backend.agents.state import AgentState
from backend.core.errors import AppError
from backend.domain.runs import RunCancelled
from backend.memory.controller import asked
from backend.services import tool_calls
from backend.services.tool_calls import ToolRequest
from backend.skills.registry import SkillRegistry

log = structlog.get_logger(__name__)

DRAFT = "draft"
MICRO = 1_000_000
TRIES = 3
"""A step may spend so many times its cap: a first answer, one that is mended, one that is better."""
RECALL_SECONDS = 5.0


async def _recall(ctx: RunContext, request: Any) -> dict[str, Any]:
    """Journaled, so that a run that starts over is reminded of the same."""
    memory = ctx.memory
    assert memory is not None, "steps_of offers it only where there is a memory"
    words = asked(ctx.run.request_type, request.model_dump(mode="json"))
    said = (ctx.background.get("session") or {}).get("recent_messages", [])
    wish = ToolRequest(
        name="recall_memory",
        parameters={"agent": ctx.run.request_type, "query": words},
        provider="raptorflow",
        timeout_seconds=RECALL_SECONDS,
        max_retries=0,
        tainted=False,
    )
    found = await tool_calls.use(
        ctx.database,
        ctx.calls,
        wish,
        lambda: memory.recall(ctx.user, ctx.run.request_type, words, said),
    )
    return found.output


REMINDED: Step[Any] = Step(
    id=RECALL,
    description="What is remembered of this workspace, and what feedback has taught",
    run=_recall,
    tools=("recall_memory",),
    can_fail=True,
    priority="medium",
)


def steps_of(specialist: Specialist[Any], request: Any, ctx: RunContext) -> dict[str, Step[Any]]:
    """The steps before the draft, by id; a reminder among them where a skill has a place for it."""
    steps = offered(specialist, request, ctx.skills.registry)
    return {step.id: step for step in steps if step is not REMINDED or ctx.memory is not None}


def offered(specialist: Specialist[Any], request: Any, registry: SkillRegistry) -> list[Step[Any]]:
    """The steps of a run that has a memory."""
    own = list(specialist.steps(request))
    skills = [*specialist.skills(request), *(step.skill for step in own if step.skill)]
    takes = any(registry.get(skill).takes_memory for skill in skills)
    return [REMINDED, *own] if takes else own


def described(step: Step[Any]) -> dict[str, Any]:
    """A step as planning knows it."""
    names = ("id", "description", "skill", "tools", "depends_on", "can_fail", "fallback", "spare")
    return {**{name: getattr(step, name) for name in names}, "priority": step.priority}


def words_of(state: AgentState) -> str:
    """The request in words."""
    return asked(state["request_type"], state.get("request") or {})


def ready(state: AgentState) -> list[str]:
    """The steps that are not done and wait for nothing."""
    done = state.get("done") or {}
    return [
        step["step_id"]
        for step in state["plan"]["steps"]
        if step["part"] == "step"
        and step["step_id"] not in done
        and all(before in done for before in step["depends_on"])
    ]


def lost(state: AgentState) -> str | None:
    """A planned step that failed and must be replaced."""
    planned = {step["step_id"] for step in state["plan"]["steps"]}
    done = state.get("done") or {}
    return next((id for id, gave in done.items() if id in planned and gave.get("replace")), None)


def found(state: AgentState) -> dict[str, dict[str, Any]]:
    """What the steps gave, without those that failed."""
    done = state.get("done") or {}
    return {step_id: gave["output"] for step_id, gave in done.items() if "output" in gave}


async def do(ctx: RunContext, step: Step[Any], request: Any, state: AgentState) -> dict[str, Any]:
    """What the step gave, or why it gave nothing when the run can go on. Raises what ends the run."""
    allowed = allowance(ctx, state["plan"], step.id)
    own = replace(ctx, found=found(state), allowance=allowed)
    try:
        return {"output": await step.run(own, request)}
    except RunCancelled:
        raise
    except AppError as error:
        replaced = bool(step.fallback) and not state["plan"]["revision"]
        if not (step.can_fail or replaced):
            raise
        log.info("step_failed", run_id=str(ctx.run.id), step=step.id, code=error.code)
        gave: dict[str, Any] = {"error": error.detail, "code": error.code}
        return {**gave, "replace": True} if replaced else gave


def allowance(ctx: RunContext, plan: Mapping[str, Any], step_id: str) -> Allowance | None:
    """What a step, or the draft as a whole, may spend; nothing is counted where nothing is billed."""
    if ctx.skills.free:
        return None
    parts = [s for s in plan["steps"] if step_id in (s["step_id"], s["part"])]
    if not any(part["skill"] for part in parts):
        return None
    most = sum(float(part["estimated_cost"]) for part in parts)
    return Allowance(step_id, round(TRIES * most * MICRO))


def piece(ctx: RunContext, name: str, skill_id: str) -> RunContext:
    """The context of a part of the draft that asks a skill of its own: it may spend what a step may."""
    most = ctx.skills.registry.get(skill_id).max_cost_micro_usd
    return replace(ctx, allowance=None if ctx.skills.free else Allowance(name, TRIES * most))


def revision(skill: str, found: Mapping[str, Any], number: int) -> Revision:
    """What the skill is asked for. Its number is said too: the same wish twice is not the same request."""
    wishes = "\n".join(f"- {wish}" for wish in found["wanted"])
    return Revision(skill, f"Revision {number}\n{wishes}")


def with_outcomes(state: AgentState) -> dict[str, Any]:
    """The plan with how each step ended."""
    done = state.get("done") or {}
    steps = []
    for step in state["plan"]["steps"]:
        error = done.get(step["step_id"], {}).get("error")
        steps.append({**step, "status": "failed" if error else "completed", "error": error})
    return {**state["plan"], "steps": steps}
