"""What a model says of a company in a step of the onboarding, without what no evidence carries.

A composer's answer is made of facts; a model's is only supposed to be. Each line of it is held to the claim
check: a figure, a name, an address or a quotation that stands in no document takes its line along, and so
does a sentence about the company itself that rests on no fact. The line goes, and what hangs on it.
"""

import re
from collections.abc import Mapping
from typing import Any

from backend.domain.facts import Evidence, Fact
from backend.skills.claims import Checker, Violation
from backend.skills.composers import questions

NOT_SAID = frozenset(
    {"sources", "facts", "fact_id", "evidence_id", "id", "code", "slot", "embedding"}
)
"""Members that hold references, not words."""
TELLING = ("name", "text", "reason", "question", "stage", "rival", "theme", "category")
"""What an item of a list is about: when that goes, the item does."""
STATEMENT = 8
"""The claim check's rule for a statement that rests on no fact."""
COUNTED = range(31)
"""How many facts or steps there are is a step's own count, while it is small and has no unit."""
_REFERENCE = re.compile(r"\s*\(F\d+(?:, F\d+)*\)")
_OF_US = re.compile(r"\b(?:we|our|us)\b", re.I)

_GONE = object()


def sweep(inputs: Mapping[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """The answer without its unsupported lines. Takes milliseconds: use a thread."""
    company = dict(inputs.get("company") or {})
    checker = Checker(
        [Fact.model_validate(fact) for fact in inputs["facts"]],
        [Evidence.model_validate(item) for item in inputs["evidence"]],
        names=[str(company.get("company_name") or "")],
    )
    found: dict[str, Any] = {
        name: None if (swept := _swept(value, checker, name)) is _GONE else swept
        for name, value in output.items()
    }
    return found


def _swept(value: Any, checker: Checker, name: str) -> Any:
    if name in NOT_SAID:
        return value
    if isinstance(value, str):
        return _lines(value, checker) or (_GONE if value else value)
    if isinstance(value, list):
        read = _asked if name == "missing" else lambda part, checker: _swept(part, checker, "")
        return [kept for part in value if (kept := read(part, checker)) is not _GONE]
    if isinstance(value, dict):
        members = {key: _swept(part, checker, key) for key, part in value.items()}
        if any(members.get(key) is _GONE for key in TELLING):
            return _GONE
        return {key: "" if part is _GONE else part for key, part in members.items()}
    return value


def _lines(text: str, checker: Checker) -> str:
    """The lines that may stay; of several lines each stands for itself, as does what a semicolon parts."""
    if "\n" not in text:
        return text if _may_stay(text, checker) else ""
    kept = []
    for line in text.split("\n"):
        parts = [part for part in line.split("; ") if _may_stay(part, checker)]
        kept.append("; ".join(parts))
    return "\n".join(line for line in kept if line.strip())


def _asked(gap: Any, checker: Checker) -> Any:
    """A question to the founder: as the model puts it, else in our words, else not at all."""
    if not isinstance(gap, dict):
        return _GONE
    if all(_may_stay(str(part), checker) for key, part in gap.items() if key not in NOT_SAID):
        return gap
    of, _, slot = str(gap.get("slot")).rpartition(".")
    ours = questions.known(slot)
    return {**ours.model_dump(), "slot": f"{of}.{slot}" if of else slot} if ours else _GONE


def _may_stay(text: str, checker: Checker) -> bool:
    bare = _REFERENCE.sub("", text)
    broken = checker.check(bare, owner_numbers=COUNTED, audience="founder")
    return not any(_matters(violation, bare, checker) for violation in broken)


def _matters(broken: Violation, text: str, checker: Checker) -> bool:
    """Of statements without a source only those about the company: the rest are a step's own reasoning."""
    if broken.rule != STATEMENT:
        return True
    named = any(name in text for name in checker.names)
    return named or bool(_OF_US.search(text))
