"""What exactly is wanted: parameters read out of the request, skills and context it needs (PRODUCT 6).

By rule, and the routing path says so (`intent:rules`).
"""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from backend.routing.hlk_router import Action

NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "fourteen": 14,
}  # fmt: skip
DAYS = re.compile(r"\b(\d{1,2}|" + "|".join(NUMBER_WORDS) + r")[ -](day|week)s?\b")
MINUTES = re.compile(r"\b(\d{1,3})\s*(?:min\w*)\s*(?:a|per|each|every)?\s*day\b")
MOVE_CATEGORIES: dict[str, str] = {
    "ignite": r"aware|known|visib|reach|launch|notice",
    "capture": r"lead|trial|sign-?up|demo|customer|client|sale|sell|booking|call|enquir",
    "authority": r"credib|trust|expert|authority|thought leader|case stud",
    "repair": r"repair|complain|bad review|reputation|apolog|refund|win back",
    "rally": r"communit|referr|member|event|fans|advocat",
}
CHANNELS = ("linkedin", "whatsapp", "instagram", "email", "phone", "facebook", "youtube", "x")
SKILLS: dict[tuple[str, str], list[str]] = {
    ("moves", "generate"): ["move_planning"],
    ("foundation", "update"): ["foundation_synthesis"],
}


@dataclass(frozen=True, slots=True)
class Intent:
    intent: str
    parameters: dict[str, Any] = field(default_factory=dict)
    required_skills: list[str] = field(default_factory=list)
    needs_foundation: bool = True
    needs_icps: bool = False
    complexity: Literal["simple", "moderate", "complex"] = "simple"


def read(text: str, category: str, action: Action) -> Intent:
    """The intent `<category>.<action>` with what the sentence says about it."""
    lowered = text.lower()
    moves = category == "moves"
    return Intent(
        intent=f"{category}.{action}",
        parameters=_move_parameters(lowered) if moves else {},
        required_skills=SKILLS.get((category, action), []),
        needs_foundation=category != "settings",
        needs_icps=moves,
        complexity="moderate" if moves else "simple",
    )


def _move_parameters(lowered: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if length := DAYS.search(lowered):
        number, unit = length.groups()
        found["duration_days"] = NUMBER_WORDS.get(number) or int(number)
        if unit == "week":
            found["duration_days"] *= 7
    if minutes := MINUTES.search(lowered):
        found["minutes_per_day"] = int(minutes[1])
    hits = {name: re.search(rf"\b(?:{cues})", lowered) for name, cues in MOVE_CATEGORIES.items()}
    starts = {name: hit.start() for name, hit in hits.items() if hit}
    if starts:
        found["category"] = min(starts, key=lambda name: starts[name])
    if channels := [name for name in CHANNELS if re.search(rf"\b{name}\b", lowered)]:
        found["channels"] = channels
    return found
