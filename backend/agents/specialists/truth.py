"""Step 4: what the founder says about each fact, and the truth sheet that comes of it.

A correction is the founder's own statement, so it becomes evidence itself: an item named "Your corrections"
whose text holds it, and a fact with a span in that item. `quote == text[start:end]` holds for it as for all.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from backend.agents.wishes.onboarding import Correction, Resolution
from backend.core.errors import Unprocessable
from backend.domain.facts import Evidence, Fact
from backend.skills.composers import quantities
from backend.skills.composers.text import units

NAME = "Your corrections"
BOTH = "both"


def rulings(
    facts: Sequence[Fact],
    before: Sequence[Mapping[str, Any]],
    corrections: Sequence[Correction],
) -> list[dict[str, Any]]:
    """All the founder has said so far, by quote, so that it holds when facts are numbered anew.

    Raises Unprocessable `unknown_fact` for a word on a fact that is not there.
    """
    quotes = {fact.id: fact.quote for fact in facts}
    strangers = {c.fact_id for c in corrections} - quotes.keys()
    if strangers:
        raise Unprocessable(
            f"There is no fact {', '.join(sorted(strangers))}.", code="unknown_fact"
        )
    said = {ruling["quote"]: dict(ruling) for ruling in before}
    for c in corrections:
        said[quotes[c.fact_id]] = {
            "quote": quotes[c.fact_id],
            "verdict": c.verdict,
            "correction": c.correction if c.verdict == "correct" else None,
        }
    return list(said.values())


def settle(
    conflicts: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]],
    resolutions: Sequence[Resolution],
) -> list[dict[str, Any]]:
    """How contradictions were settled, by the quotes of their sides.

    Raises Unprocessable `unknown_conflict`, `unknown_fact`.
    """
    known = {conflict["id"]: conflict for conflict in conflicts}
    settled = {tuple(sorted(entry["quotes"])): dict(entry) for entry in before}
    for resolution in resolutions:
        conflict = known.get(resolution.conflict_id)
        if conflict is None:
            raise Unprocessable(
                f"There is no contradiction {resolution.conflict_id}.", code="unknown_conflict"
            )
        sides = {side["fact_id"]: side["quote"] for side in conflict["sides"]}
        if resolution.keep != BOTH and resolution.keep not in sides:
            raise Unprocessable(
                f"{resolution.keep} is no side of {resolution.conflict_id}; say one of"
                f" {', '.join(sides)} or {BOTH}.",
                code="unknown_fact",
            )
        quotes = sorted(sides.values())
        kept = sides.get(resolution.keep)
        lost = [side for side in conflict["sides"] if kept and side["quote"] != kept]
        settled[tuple(quotes)] = {
            "quotes": quotes,
            "keep": kept,
            "lost": [quote for side in lost for quote in _quotes(side)],
            "note": resolution.note,
        }
    return list(settled.values())


def _quotes(side: Mapping[str, Any]) -> list[str]:
    """What a side says, everywhere it is said."""
    return [side["quote"], *(place["quote"] for place in side.get("again", ()))]


def open_conflicts(
    conflicts: Sequence[Mapping[str, Any]],
    settled: Sequence[Mapping[str, Any]],
    said: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Ids of contradictions of which two sides still stand unsettled."""
    over = {tuple(sorted(entry["quotes"])) for entry in settled}
    gone = {ruling["quote"] for ruling in said if ruling["verdict"] != "accept"}
    return [
        conflict["id"]
        for conflict in conflicts
        if tuple(sorted(side["quote"] for side in conflict["sides"])) not in over
        and sum(not gone.issuperset(_quotes(side)) for side in conflict["sides"]) > 1
    ]


def overruled(settled: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The statements that lost, as rejections."""
    return [
        {"quote": quote, "verdict": "reject", "correction": None}
        for entry in settled
        for quote in entry.get("lost") or _others(entry)
    ]


def _others(entry: Mapping[str, Any]) -> list[str]:
    """Of a settlement kept before it named all statements that lost."""
    return [quote for quote in entry["quotes"] if entry["keep"] and quote != entry["keep"]]


def corrections_item(session_id: UUID, said: Iterable[Mapping[str, Any]]) -> Evidence | None:
    """The founder's corrections as evidence, one a line; None without any. Same corrections, same item."""
    lines = [ruling["correction"] for ruling in said if ruling["correction"]]
    if not lines:
        return None
    text = "\n".join(lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Evidence(id=uuid5(session_id, digest), name=NAME, text=text)


def truth_sheet(
    facts: Sequence[Fact], said: Sequence[Mapping[str, Any]], item: Evidence | None
) -> dict[str, Any]:
    """Accepted and corrected facts, with what was rejected or replaced beside them.

    A fact of which nothing was said is accepted.
    """
    verdicts = {ruling["quote"]: ruling for ruling in said}
    spans = _said(item)
    kept, rejected, corrected = [], [], []
    for fact in facts:
        ruling = verdicts.get(fact.quote)
        if ruling is None or ruling["verdict"] == "accept":
            kept.append(fact.model_copy(update={"needs_verification": False}))
        elif ruling["verdict"] == "reject":
            rejected.append(fact.model_dump(mode="json"))
        else:
            kept.append(_corrected(fact, item, *spans[str(ruling["correction"])]))
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
