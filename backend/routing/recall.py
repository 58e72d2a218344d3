"""What "same as before, but ..." means: the session's earlier request with what is said anew (PRODUCT 5).

By rule, and the routing path says so (`memory:carried`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

REFERENCE = re.compile(
    r"\b(?:(?:the )?same(?: (?:as|thing|plan|move|one))*(?: (?:before|earlier|last time|again))*"
    r"|(?:as|like) (?:before|earlier|last time)|again|once more|the (?:previous|last) (?:one|move|plan)"
    r"|repeat (?:that|it|this)|last time|earlier|continue|wahi|phir se|dobara)\b",
    re.I,
)
AUDIENCE = re.compile(
    r"\bfor (?!\d|(?:one|two|three|a|the next) (?:day|week|month))([^,.;]+?)"
    r"(?=$|[,.;]| (?:in|within|on|with|by|this|next|over|and|but)\b)",
    re.I,
)
FILLERS = frozenset(
    [
        "but",
        "and",
        "also",
        "please",
        "just",
        "make",
        "this",
        "that",
        "time",
        "with",
        "only",
        "instead",
        "now",
        "for",
        "the",
        "the",
        "plan",
        "move",
        "do",
        "it",
    ]
)
OWN_WORDS = 4
"""From so many words of its own on, a request names its goal itself."""
NOT_CARRIED = frozenset({"query", "goal", "session_id"})
STEM = 5


def refers_back(text: str) -> bool:
    return bool(REFERENCE.search(text))


def has_own_goal(text: str) -> bool:
    """Whether enough is said beside the reference to stand alone."""
    rest = AUDIENCE.sub("", REFERENCE.sub("", text))
    return len([w for w in re.findall(r"\w+", rest.lower()) if w not in FILLERS]) >= OWN_WORDS


def carry(
    text: str, earlier: Mapping[str, Any], icps: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The earlier request's fields, with its goal for whom `text` names now and that audience's ICP."""
    carried = {name: value for name, value in earlier.items() if name not in NOT_CARRIED}
    goal = str(earlier.get("goal") or earlier.get("query") or "")
    if has_own_goal(text):
        goal = REFERENCE.sub("", text).strip(" ,.;") or goal
    if found := AUDIENCE.search(REFERENCE.sub("", text)):
        audience = found[1].strip()
        goal = goal if has_own_goal(text) else _for(goal, audience)
        carried.pop("target_icp_id", None)
        if icp := _named(audience, icps):
            carried["target_icp_id"] = icp
    return {**carried, "goal": goal} if goal else carried


def _for(goal: str, audience: str) -> str:
    """The goal, for another audience than it named before."""
    return f"{AUDIENCE.sub('', goal).strip(' ,.;')} for {audience}"


def _named(audience: str, icps: Sequence[Mapping[str, Any]]) -> str | None:
    stems = _stems(audience)
    return next((str(icp["id"]) for icp in icps if stems & _stems(str(icp["name"]))), None)


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in re.findall(r"\w{4,}", text.lower())}
