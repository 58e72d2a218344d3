"""Step 4: what the founder says about each fact, and the truth sheet that comes of it.

A correction is the founder's own statement, so it becomes evidence itself: an item named "Your corrections"
whose text holds it, and a fact with a span in that item. `quote == text[start:end]` holds for it as for all.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID, uuid5

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StringConstraints,
    model_validator,
)

from backend.core.errors import Unprocessable
from backend.domain.facts import Evidence, Fact
from backend.domain.values import storable
from backend.skills.composers import quantities
from backend.skills.composers.text import units

NAME = "Your corrections"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise ValueError("must say something")
    return line


class Correction(BaseModel):
    """A founder's word on one fact; what is right instead is kept on one line."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    fact_id: Annotated[str, StringConstraints(max_length=20), AfterValidator(storable)]
    verdict: Literal["accept", "correct", "reject"]
    correction: (
        Annotated[
            str,
            StringConstraints(max_length=2000),
            AfterValidator(storable),
            AfterValidator(_one_line),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _says_what_is_right(self) -> Self:
        if self.verdict == "correct" and not self.correction:
            raise ValueError("correction: say what is right instead")
        return self


def corrections_item(session_id: UUID, corrections: Iterable[Correction]) -> Evidence | None:
    """The founder's corrections as evidence, one a line; None without any. Same corrections, same item."""
    lines = [c.correction for c in corrections if c.verdict == "correct" and c.correction]
    if not lines:
        return None
    text = "\n".join(lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Evidence(id=uuid5(session_id, digest), name=NAME, text=text)


def truth_sheet(
    facts: Sequence[Fact], corrections: Sequence[Correction], item: Evidence | None
) -> dict[str, Any]:
    """Accepted and corrected facts, with what was rejected or replaced beside them.

    A fact without a verdict is accepted. Raises Unprocessable `unknown_fact` for a verdict on a fact that is
    not there.
    """
    verdicts = {c.fact_id: c for c in corrections}
    strangers = verdicts.keys() - {fact.id for fact in facts}
    if strangers:
        raise Unprocessable(
            f"There is no fact {', '.join(sorted(strangers))}.", code="unknown_fact"
        )
    said = _said(item)
    kept, rejected, corrected = [], [], []
    for fact in facts:
        verdict = verdicts.get(fact.id)
        if verdict is None or verdict.verdict == "accept":
            kept.append(fact.model_copy(update={"needs_verification": False}))
        elif verdict.verdict == "reject":
            rejected.append(fact.model_dump(mode="json"))
        else:
            kept.append(_corrected(fact, item, *said[str(verdict.correction)]))
            corrected.append({"fact_id": fact.id, "was": fact.fact, "now": kept[-1].fact})
    return {
        "facts": [fact.model_dump(mode="json") for fact in kept],
        "rejected": rejected,
        "corrected": corrected,
    }


def _said(item: Evidence | None) -> dict[str, tuple[int, int]]:
    """Each line of the corrections with its span."""
    found: dict[str, tuple[int, int]] = {}
    start = 0
    for line in item.text.split("\n") if item else []:
        found[line] = (start, start + len(line))
        start += len(line) + 1
    return found


def _corrected(fact: Fact, item: Evidence | None, start: int, end: int) -> Fact:
    assert item is not None, "a correction makes an item"
    quote = item.text[start:end]
    currency = quantities.dominant_currency(item.text)
    read = [
        quantity
        for unit in units(item.text)
        if start <= unit.start < end
        for quantity in quantities.read(unit, currency)
    ]
    return Fact(
        id=fact.id,
        category=fact.category,
        fact=quote,
        quote=quote,
        evidence_id=item.id,
        source=item.name,
        start=start,
        end=end,
        page=1,
        section=fact.section,
        confidence=1.0,
        quantities=read,
    )
