"""The outline of a campaign: phases by objective, and the moves that fill their days.

Phases are ours (`data/campaigns.yaml`); what is done in them comes from the moves, which rest on the
founder's facts. Shares of days and money are arithmetic.
"""

import functools
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.core import data_files
from backend.domain.campaigns import MOVE_DAYS
from backend.skills.composers.language import shorten, tidy
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.playbook import Category

Objective = Literal[
    "market_entry", "revenue_scaling", "brand_pivot", "product_launch", "awareness", "lead_gen", "retention"
]  # fmt: skip
LONGEST_NAME = 80


class _Phase(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    category: Category
    share: int = Field(gt=0, le=100)
    purpose: str
    spend: str


class _Plan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    goal: str
    phases: list[_Phase] = Field(min_length=2)


@functools.lru_cache(maxsize=1)
def plans() -> dict[str, _Plan]:
    """The phases of each objective; ValueError when the file is unsound."""
    listed = data_files.read(DATA / "campaigns.yaml")
    return {name: _Plan.model_validate(entry) for name, entry in listed.items()}


class CampaignOutlineRequest(BaseModel):
    model_config = ConfigDict(frozen=True)

    objective: Objective
    goal: str | None = Field(default=None, min_length=3, max_length=500)
    duration_days: int = Field(ge=30, le=90)
    intensity: Literal["sprint", "marathon"]
    budget_inr: float | None = Field(default=None, ge=0)


def compose(request: CampaignOutlineRequest, company_name: str) -> dict[str, Any]:
    """Name, goal, and phases with their moves; the moves' days are the move planner's work."""
    plan = plans()[request.objective]
    goal = request.goal or plan.goal
    count = moves_of(request.objective, request.duration_days, request.intensity)
    lengths = _lengths(request.duration_days, MOVE_DAYS[request.intensity], count)
    counts = _shared(len(lengths), [phase.share for phase in plan.phases])
    money = _money(request.budget_inr, [phase.share for phase in plan.phases])
    phases, day = [], 1
    for number, (phase, count) in enumerate(zip(plan.phases, counts, strict=True), start=1):
        own, lengths = lengths[:count], lengths[count:]
        moves = []
        first = day
        for part, length in enumerate(own, start=1):
            moves.append(_move(part_of(phase.name, part, count), phase, day, length))
            day += length
        phases.append(
            {
                "number": number,
                "name": phase.name,
                "category": phase.category,
                "purpose": phase.purpose,
                "start_day": first,
                "duration_days": day - first,
                "duration_weeks": round((day - first) / 7, 1),
                "budget_inr": money[number - 1],
                "spend": phase.spend if money[number - 1] else "",
                "moves": moves,
            }
        )
    return {
        "name": _name(company_name, goal),
        "objective": request.objective,
        "goal": goal,
        "duration_days": request.duration_days,
        "phases": phases,
        "engine": "composer",
    }


def part_of(phase: str, part: int, parts: int) -> str:
    """What a move of a phase is called. Its days are no part of it: they shift."""
    return phase if parts == 1 else f"{phase}, part {part} of {parts}"


def _move(name: str, phase: _Phase, day: int, length: int) -> dict[str, Any]:
    return {
        "name": name,
        "category": phase.category,
        "purpose": phase.purpose,
        "start_day": day,
        "duration_days": length,
    }


def moves_of(objective: str, duration_days: int, intensity: str) -> int:
    """How many moves a campaign has: one a phase at least."""
    return max(len(plans()[objective].phases), round(duration_days / MOVE_DAYS[intensity]))


def _lengths(days: int, about: int, count: int) -> list[int]:
    """Moves of about the same length that fill the days; what is left over lengthens the last ones."""
    base = min(about, days // count)
    lengths = [base] * count
    for at in range(days - base * count):
        lengths[-1 - at % count] += 1
    return lengths


def _shared(whole: int, shares: list[int]) -> list[int]:
    """So many things by share, at least one each (largest remainders)."""
    exact = [whole * share / sum(shares) for share in shares]
    counts = [max(1, int(part)) for part in exact]
    while sum(counts) < whole:
        at = max(range(len(counts)), key=lambda n: (exact[n] - counts[n], -n))
        counts[at] += 1
    while sum(counts) > whole:
        at = max(range(len(counts)), key=lambda n: (counts[n] > 1, counts[n] - exact[n], n))
        counts[at] -= 1
    return counts


def _money(budget_inr: float | None, shares: list[int]) -> list[int | None]:
    """Whole rupees by share, the last phase taking what is left over."""
    if budget_inr is None:
        return [None] * len(shares)
    parts: list[int | None] = [int(budget_inr * share / sum(shares)) for share in shares[:-1]]
    return [*parts, int(budget_inr) - sum(part or 0 for part in parts)]


def _name(company_name: str, goal: str) -> str:
    short = shorten(tidy(goal), LONGEST_NAME) or tidy(goal)[:LONGEST_NAME].rsplit(" ", 1)[0]
    name = short[0].upper() + short[1:]
    return f"{company_name}: {short}" if company_name else name
