"""Onboarding: one step as a small run of its own, or all that are due as one run that tells how far it is."""

import hashlib
import time
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from backend.agents.base import RunContext, Specialist, by_rule
from backend.agents.specialists import market_finds, onboarding_work, truth
from backend.agents.wishes.onboarding import (
    TAKES_CORRECTIONS,
    WISH,
    OnboardingRequest,
    StepInputs,
)
from backend.core.database import Reads
from backend.core.errors import UpstreamFailed
from backend.domain import evidence, onboarding, onboarding_steps
from backend.domain.facts import Evidence
from backend.domain.onboarding_steps import STEPS

MAX_REVISIONS = 3
SETTLED = ("completed", "skipped")
"""States of a step that a run of many passes over."""
WEIGHTS = {2: 12.0, 15: 2.0, 23: 2.0}
"""How long a step takes beside the others, for the time that is left."""


async def buys(db: Reads, request: OnboardingRequest) -> list[str]:
    """Of a run of many steps: the skills from the first that is due on, since what follows it goes stale."""
    if request.action == "step":
        return _skills(request)
    session = await onboarding.table.get(db, request.session_id)
    kept = {n: session["step_data"].get(str(n), {}) for n in STEPS if n <= request.last}
    due = [n for n, step in kept.items() if step.get("status") not in SETTLED]
    return [
        skill
        for n, step in kept.items()
        if due and n >= due[0] and (skill := STEPS[n].skill)
        if step.get("status") != "skipped" and step.get("by") != "user"
    ]


async def act(ctx: RunContext, request: OnboardingRequest) -> dict[str, Any]:
    if request.action == "run":
        return {"result": await _run(ctx, request), "demands": {}}
    number = request.number
    pile = await onboarding_work.load(ctx.reader, request.session_id, number)
    ctx.checker = pile.known.checker(guardrails=ctx.background.get("guardrails", []))
    result = await onboarding_work.give(ctx, number, request.inputs, pile)
    heard = await market_finds.heard(ctx, number, pile.known.company, result)
    read = [str(item["id"]) for item in pile.items]
    return {"result": result, "demands": {}, "read": read, "heard": heard}


async def persist(
    ctx: RunContext, request: OnboardingRequest, draft: dict[str, Any]
) -> dict[str, Any]:
    if request.action == "run":
        return {"type": "onboarding_run", **draft["result"]}
    data = await _store(ctx, request.session_id, request.number, draft)
    shown = {name: value for name, value in data.items() if name not in onboarding.PRIVATE}
    return {"type": "onboarding_step", "step": request.step, "status": "completed", "data": shown}


# --- all that are due ---------------------------------------------------------------------------------


async def _run(ctx: RunContext, request: OnboardingRequest) -> dict[str, Any]:
    """Each step is stored as soon as it is judged, so a run that is cut off goes on where it was.

    What is completed or left out stays; what the founder wrote by hand is kept though older steps changed.
    """
    wanted = [n for n in STEPS if n <= request.last]
    clock = _Clock()
    ran: list[int] = []
    for at, number in enumerate(wanted):
        session = await onboarding.table.get(ctx.reader, request.session_id)
        kept = session["step_data"].get(str(number), {})
        if kept.get("status") in SETTLED:
            continue
        await ctx.emit("progress", _progress(number, at, len(wanted), clock.left(wanted[at:])))
        if kept.get("by") == "user":
            async with ctx.database.workspace(ctx.user) as tx:
                await onboarding.save_by_hand_again(tx, request.session_id, number, kept)
        else:
            await _one_of_many(ctx, request.session_id, number)
        clock.did(number)
        ran.append(number)
    await ctx.emit("progress", _progress(wanted[-1], len(wanted), len(wanted), 0.0))
    return {"to_step": wanted[-1], "steps": ran}


async def _one_of_many(ctx: RunContext, session_id: UUID, number: int) -> None:
    pile = await onboarding_work.load(ctx.reader, session_id, number)
    ctx.checker = pile.known.checker(guardrails=ctx.background.get("guardrails", []))
    result = await onboarding_work.give(ctx, number, StepInputs(), pile)
    draft = {"result": result, "demands": {}}
    skill = STEPS[number].skill
    for _ in range(MAX_REVISIONS if skill else 0):
        found = await ctx.stages.reflect(str(skill), draft, ctx.checker, "", by_rule)
        if not found["needs_revision"]:
            break
        draft = ctx.stages.revise(draft, found)
    heard = await market_finds.heard(ctx, number, pile.known.company, draft["result"])
    read = [str(item["id"]) for item in pile.items]
    await _store(ctx, session_id, number, {**draft, "read": read, "heard": heard})


def _progress(number: int, done: int, total: int, left: float | None) -> dict[str, Any]:
    return {
        "step": number,
        "title": STEPS[number].title,
        "done": done,
        "total": total,
        "seconds_left": None if left is None else round(left, 1),
    }


class _Clock:
    """Seconds a unit of weight has taken so far in this run, and what that makes of the rest."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._weight = 0.0

    def did(self, number: int) -> None:
        self._weight += WEIGHTS.get(number, 1.0)

    def left(self, numbers: list[int]) -> float | None:
        """None until a step was measured."""
        if not self._weight:
            return None
        pace = (time.monotonic() - self._began) / self._weight
        return pace * sum(WEIGHTS.get(number, 1.0) for number in numbers)


# --- keeping what a step gave -------------------------------------------------------------------------


async def _store(
    ctx: RunContext, session_id: UUID, number: int, draft: dict[str, Any]
) -> dict[str, Any]:
    own = {name: value for name, value in draft["result"].items() if name not in onboarding.HEARD}
    data = _shaped({**own, **draft.get("heard", {})}, number)
    item = None
    if number == TAKES_CORRECTIONS:
        item = truth.corrections_item(session_id, data["rulings"])
    read = {*map(UUID, draft["read"]), *([item.id] if item else [])}
    async with ctx.database.workspace(ctx.user) as tx:
        await evidence.check_read(tx, session_id, read)
        if number == TAKES_CORRECTIONS:
            await evidence.replace_corrections(
                tx, session_id, truth.NAME, _as_row(item) if item else None
            )
        await onboarding.save_step(tx, session_id, number, data, run_id=ctx.run.id)
    return data


def _shaped(result: dict[str, Any], number: int) -> dict[str, Any]:
    """The result in the shape that the step promises. A model that gave another is at fault."""
    private = {name: result[name] for name in onboarding.PRIVATE if name in result}
    try:
        return {**onboarding_steps.plain(result, number), **private}
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UpstreamFailed(
            f"Step {number} came out in another shape than it should: {where}: {first['msg']}",
            code="skill_output_invalid",
        ) from error


def _as_row(item: Evidence) -> dict[str, Any]:
    """The founder's corrections as a row of the vault."""
    return {
        "id": item.id,
        "source_type": "file",
        "source_name": item.name,
        "content_type": "text/plain",
        "size_bytes": len(item.text.encode()),
        "sha256": hashlib.sha256(item.text.encode()).hexdigest(),
        "storage_path": None,
        "url": None,
        "text": item.text,
        "page_starts": item.page_starts,
        "word_count": len(item.text.split()),
        "truncated": False,
        "ocr": False,
    }


def _skills(request: OnboardingRequest) -> list[str]:
    """The card that judges the run; a run of many steps judges each by its own."""
    skill = STEPS[request.step].skill if request.action == "step" and request.step else None
    return [skill] if skill else []


SPECIALIST = Specialist(
    agent="onboarding_orchestrator",
    wish=WISH,
    skills=_skills,
    act=act,
    persist=persist,
    buys=buys,
)
