"""Reflection: five scores measured on the draft, and what to take out when a line fails the claim check.

| score | measured as |
|---|---|
| relevance | share of the request's demands that the draft meets |
| completeness | share of the card's required fields that are filled |
| accuracy | share of the checked lines that rest on the evidence |
| coherence | share of the checked lines that are not said twice, less ten for each day out of bounds |
| actionability | share of the things to act on that carry all they need |

A draft passes at 70 overall. A failing line is taken out whatever the score. Where a model judges too, each
score is the lower of the two: what was measured cannot be talked up.
"""

from typing import Any

from backend.cognitive.protocol import Reflection, Scores
from backend.skills import evaluation
from backend.skills.claims import Checker, Violation
from backend.skills.evaluation import Path
from backend.skills.registry import Evaluation

PASS_SCORE = 70
WEIGHTS = {
    "relevance": 0.20,
    "completeness": 0.25,
    "accuracy": 0.25,
    "coherence": 0.15,
    "actionability": 0.15,
}
SHOWN_ISSUES = 20
FROZEN_FACT = 7
"""The claim check's rule against facts in conflict."""


def reflect(rules: Evaluation, draft: dict[str, Any], checker: Checker | None) -> Reflection:
    """Score a draft (`{"result", "demands"}`). Pure; takes some milliseconds: call it in a thread."""
    result = draft["result"]
    lines = checked_lines(rules, result)
    failed = _failed(rules, result, lines, checker)
    missing = evaluation.missing_fields(rules, result)
    crowded = evaluation.crowded_days(rules, result)
    scores = _scored(
        relevance=_share(sum(draft["demands"].values()), len(draft["demands"])),
        completeness=_share(len(rules.required_fields) - len(missing), len(rules.required_fields)),
        accuracy=_share(len(lines) - len(failed), len(lines)),
        coherence=max(0, _share(len({text for _, text in lines}), len(lines)) - 10 * len(crowded)),
        actionability=_usable(rules, result),
    )
    return Reflection(
        scores=scores,
        issues=_issues(missing, crowded, draft["demands"], failed),
        drop=[list(path) for path, _ in failed],
        passes_quality=scores.overall_score >= PASS_SCORE,
        needs_revision=bool(failed),
    )


def judged(found: Reflection, said: dict[str, Any] | None, note: str | None) -> Reflection:
    """The reflection with a model's scores; below 70 the draft is to be written again as it wants it."""
    if said is None:
        return found.model_copy(update={"note": note})
    scores = _scored(**{name: min(getattr(found.scores, name), said[name]) for name in WEIGHTS})
    passes = scores.overall_score >= PASS_SCORE
    wanted = [wish for wish in said["issues"] if wish not in found.issues]
    update = {
        "scores": scores,
        "issues": [*found.issues, *wanted][:SHOWN_ISSUES],
        "wanted": [] if passes else wanted or ["Make it better in every respect."],
        "passes_quality": passes,
        "needs_revision": found.needs_revision or not passes,
        "made_by": "model",
    }
    return found.model_copy(update=update)


def checked_lines(rules: Evaluation, result: dict[str, Any]) -> list[tuple[Path, str]]:
    """The texts that the card says must rest on the evidence."""
    return [
        (path, text)
        for where in rules.claims
        for path, text in evaluation.walk(result, where)
        if isinstance(text, str) and text.strip()
    ]


def without(result: Any, path: Path) -> Any:
    """A copy of the result without the nearest list item on the path; outside any list, with null there."""
    cut = max((i for i, step in enumerate(path) if isinstance(step, int)), default=None)
    if cut is None:
        return _replaced(result, path, None)
    *parent, index = path[: cut + 1]
    items = _at(result, tuple(parent))
    return _replaced(result, tuple(parent), [x for i, x in enumerate(items) if i != index])


def revise(result: dict[str, Any], drop: list[list[str | int]]) -> dict[str, Any]:
    """The result without every failing line; from the last to the first, so that places stay true."""
    paths: list[Path] = [tuple(path) for path in drop]
    for path in sorted(set(map(_cut_at, paths)), key=_order, reverse=True):
        result = without(result, path)
    return result


def _failed(
    rules: Evaluation,
    result: dict[str, Any],
    lines: list[tuple[Path, str]],
    checker: Checker | None,
) -> list[tuple[Path, Violation]]:
    if checker is None:
        return []
    found = []
    for path, text in lines:
        own = evaluation.declared(result, path, "owner_numbers") or []
        allowed = FROZEN_FACT if evaluation.declared(result, path, "settles_conflict") else None
        violations = checker.check(text, owner_numbers=own, audience=rules.claims_audience)
        counting = [violation for violation in violations if violation.rule != allowed]
        if counting:
            found.append((path, counting[0]))
    return found


def _scored(**parts: int) -> Scores:
    overall = sum(parts[name] * weight for name, weight in WEIGHTS.items())
    return Scores(**parts, overall_score=round(overall))


def _usable(rules: Evaluation, result: dict[str, Any]) -> int:
    lacking, items = evaluation.unusable_items(rules, result)
    return _share(items - lacking, items)


def _share(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 100


def _issues(
    missing: list[str],
    crowded: list[str],
    demands: dict[str, bool],
    failed: list[tuple[Path, Violation]],
) -> list[str]:
    found = [f"{path} is missing" for path in missing] + crowded
    found += [f"{name} is not as asked for" for name, met in demands.items() if not met]
    found += [f"{'.'.join(map(str, path))}: {v.why}: {v.text}" for path, v in failed]
    return found[:SHOWN_ISSUES]


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _replaced(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        return [_replaced(x, rest, new) if i == step else x for i, x in enumerate(value)]
    return {**value, step: _replaced(value[step], rest, new)}


def _cut_at(path: Path) -> Path:
    """The place of the list item that goes; two failing lines of one task are one cut."""
    cut = max((i for i, step in enumerate(path) if isinstance(step, int)), default=None)
    return path if cut is None else path[: cut + 1]


def _order(path: Path) -> tuple[tuple[str, int], ...]:
    return tuple((step, -1) if isinstance(step, str) else ("", step) for step in path)
