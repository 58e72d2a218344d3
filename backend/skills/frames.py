"""What a model wrote around a plan's tasks (name, themes, metrics, contingencies), and its ICPs.

Tasks are judged line by line by the reflection. What frames them cannot be cut out like a task, so a text
that says what no fact says is emptied here, before anything is stored.
"""

from typing import Any

from backend.skills.claims import Checker
from backend.skills.figures import figures

LEFT_ALONE = frozenset({"tasks", "sources", "facts", "card", "category", "engine", "target_icp"})
"""Judged elsewhere, or no words."""
LONGEST = 500
"""Characters; what rambles on is no name, theme or metric."""


def checked(plan: dict[str, Any], checker: Checker) -> dict[str, Any]:
    """The plan without the texts that fail the claim check or ramble: empty, or gone from their list."""
    found: dict[str, Any] = _checked(plan, checker)
    return found


def _checked(value: Any, checker: Checker) -> Any:
    if isinstance(value, str):
        return value if _holds(value, checker) else ""
    if isinstance(value, list):
        kept = [_checked(item, checker) for item in value]
        return [item for item in kept if item != ""]
    if isinstance(value, dict):
        return {
            name: part if name in LEFT_ALONE else _checked(part, checker)
            for name, part in value.items()
            if " " not in name or _holds(name, checker)
        }
    return value


def _holds(text: str, checker: Checker) -> bool:
    if len(text) > LONGEST:
        return False
    own = [figure.value for figure in figures(text) if figure.kind == "plain"]  # days and counts
    return not checker.check(text, owner_numbers=own, audience="founder")
