"""The evaluation rules of a card, measured on an output; executor and reflection both ask here."""

from collections.abc import Iterator
from typing import Any

from backend.skills.registry import Evaluation

Path = tuple[str | int, ...]


def walk(value: Any, path: str) -> Iterator[tuple[Path, Any]]:
    """Every place that a dotted path such as `execution[].tasks[].title` leads to, with what is there."""
    yield from _walk(value, path.split("."), ())


def _walk(value: Any, steps: list[str], at: Path) -> Iterator[tuple[Path, Any]]:
    if not steps:
        yield at, value
        return
    name = steps[0].removesuffix("[]")
    if not isinstance(value, dict) or name not in value:
        return
    inner = value[name]
    if not steps[0].endswith("[]"):
        yield from _walk(inner, steps[1:], (*at, name))
    elif isinstance(inner, list):
        for index, item in enumerate(inner):
            yield from _walk(item, steps[1:], (*at, name, index))


def declared(result: dict[str, Any], path: Path, name: str) -> Any:
    """What the nearest object around a line declares of it.

    `owner_numbers`: the plan's own counts ("call ten people"). `settles_conflict`: it asks the founder which
    of two figures is right, so it may name both.
    """
    for end in range(len(path) - 1, -1, -1):
        around: Any = result
        for step in path[:end]:
            around = around[step]
        if isinstance(around, dict) and name in around:
            return around[name]
    return None


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def missing_fields(evaluation: Evaluation, output: dict[str, Any]) -> list[str]:
    """Required paths that lead nowhere or to nothing."""
    return [
        path
        for path in evaluation.required_fields
        if not (found := list(walk(output, path))) or any(is_empty(value) for _, value in found)
    ]


def crowded_days(evaluation: Evaluation, output: dict[str, Any]) -> list[str]:
    """Days of a plan with too few or too many tasks, as sentences."""
    low, high = evaluation.min_tasks_per_day, evaluation.max_tasks_per_day
    found = []
    for day in output.get("execution", []) if low or high else []:
        count = len(day.get("tasks", []))
        if (low and count < low) or (high and count > high):
            found.append(f"day {day.get('day')} has {count} tasks")
    return found


def unusable_items(evaluation: Evaluation, output: dict[str, Any]) -> tuple[int, int]:
    """How many of the things to act on lack something they need, and how many there are."""
    rule = evaluation.actionable
    if rule is None:
        return 0, 0
    items = [item for _, item in walk(output, rule.items)]
    lacking = [item for item in items if any(is_empty(item.get(name)) for name in rule.fields)]
    return len(lacking), len(items)


def problems(evaluation: Evaluation, output: dict[str, Any]) -> list[str]:
    """Every rule that the output breaks, as sentences; empty when it keeps them all."""
    lacking, items = unusable_items(evaluation, output)
    return [
        *(f"{path} is missing" for path in missing_fields(evaluation, output)),
        *crowded_days(evaluation, output),
        *([f"{lacking} of {items} items lack a needed field"] if lacking else []),
    ]
