"""Where documents disagree: prices, years of founding and counts of one thing, with both quotes.

Attributes are compared, not sentences. A figure that the text calls superseded, a bound ("up to") and a
doubtful one never conflict.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from backend.domain.facts import Evidence, Fact, Quantity
from backend.services.embeddings import encode
from backend.skills.composers import offering
from backend.skills.composers.language import plain
from backend.skills.composers.lexicon import pattern
from backend.skills.composers.retellings import retellings, subject_of
from backend.skills.composers.sourced import Brief

ALIKE = 0.6
"""Cosine from which two sentences with a figure of the same noun speak of the same thing."""
COUNTED_IN = frozenset(
    {"company_info", "proof_points", "positioning", "differentiators", "constraints"}
)
_FOUNDED = re.compile(
    r"\b(?:founded|started|began|set up|established|since|incorporated|in business|launched)\b",
    re.I,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_PARTIAL = re.compile(
    r"\b(?:each|every|per|a (?:day|week|month|year)|daily|another|of (?:them|which|these))\b", re.I
)

Pair = tuple[str, str, tuple[Fact, str], tuple[Fact, str]]
"""attribute, subject, one side and the other: the fact and what it says."""


def compose(brief: Brief) -> dict[str, Any]:
    texts = {item.id: item for item in brief.evidence}
    named = [*_prices(brief.facts), *_founding(brief.facts), *_counts(brief.facts)]
    pairs = _merged([*named, *_retold(brief.facts, named)])
    return {
        "conflicts": [_shown(n, *pair, texts) for n, pair in enumerate(pairs, start=1)],
        "compared": sum(bool(fact.quantities) for fact in brief.facts),
        "missing": [],
    }


def _merged(pairs: Sequence[Pair]) -> list[tuple[str, str, list[tuple[Fact, str]]]]:
    """Pairs about one subject are one disagreement with all its sides, each value once."""
    merged: dict[tuple[str, str], dict[str, tuple[Fact, str]]] = defaultdict(dict)
    for attribute, subject, one, other in pairs:
        for fact, value in (one, other):
            merged[attribute, subject].setdefault(value.lower(), (fact, value))
    return [(*key, list(sides.values())) for key, sides in merged.items() if len(sides) > 1]


def _prices(facts: Sequence[Fact]) -> Iterator[Pair]:
    for asset in offering.conflicts(facts):
        assert asset.other is not None, "a conflict has two sides"
        yield (
            "price",
            asset.fields["subject"],
            (asset.fact, asset.fields["one"]),
            (asset.other, asset.fields["other"]),
        )


def _founding(facts: Sequence[Fact]) -> Iterator[Pair]:
    """Two years in which the company itself began."""
    years = [
        (fact, found[0])
        for fact in facts
        if fact.category == "company_info"
        and not fact.needs_verification
        and _FOUNDED.search(fact.quote)
        and len(found := _YEAR.findall(fact.quote)) == 1
    ]
    for one, other in itertools.combinations(years, 2):
        if one[1] != other[1]:
            yield "founded", "the year you started", one, other


def _counts(facts: Sequence[Fact]) -> Iterator[Pair]:
    by_noun: dict[str, list[tuple[Fact, Quantity]]] = defaultdict(list)
    for fact in facts:
        unfit = pattern("hedge").search(fact.quote) or _PARTIAL.search(fact.quote)
        if fact.category in COUNTED_IN and "|" not in fact.quote and not unfit:
            for quantity in fact.quantities:
                if quantity.kind == "count" and quantity.unit and not quantity.role:
                    by_noun[_noun(quantity.unit)].append((fact, quantity))
    for noun, found in by_noun.items():
        for one, other in itertools.combinations(found, 2):
            if _differ(one, other):
                yield "count", f"how many {noun}", (one[0], one[1].text), (other[0], other[1].text)


def _retold(facts: Sequence[Fact], named: Sequence[Pair]) -> Iterator[Pair]:
    """The same statement with another figure, where no rule above has seen the two already."""
    seen = {frozenset((one.id, other.id)) for _, _, (one, _), (other, _) in named}
    for fact, figure, other, contrary in retellings(facts):
        if frozenset((fact.id, other.id)) not in seen:
            attribute = "price" if figure.kind == "price" else "count"
            yield attribute, subject_of(fact, figure), (fact, figure.text), (other, contrary.text)


def _noun(unit: str) -> str:
    return unit.lower().split()[-1]


def _differ(one: tuple[Fact, Quantity], other: tuple[Fact, Quantity]) -> bool:
    """Other documents, the same years if both name one, and sentences about the same thing."""
    (fact, quantity), (other_fact, other_quantity) = one, other
    if fact.evidence_id == other_fact.evidence_id or quantity.value == other_quantity.value:
        return False
    years, other_years = set(_YEAR.findall(fact.quote)), set(_YEAR.findall(other_fact.quote))
    if years and other_years and years != other_years:
        return False
    vectors = encode([fact.fact, other_fact.fact])
    return float(vectors[0] @ vectors[1]) >= ALIKE


def _shown(
    number: int,
    attribute: str,
    subject: str,
    sides: Sequence[tuple[Fact, str]],
    texts: dict[Any, Evidence],
) -> dict[str, Any]:
    values = [plain(value) for _, value in sides]
    return {
        "id": f"C{number:02d}",
        "attribute": attribute,
        "subject": subject,
        "question": f"Which is right for {subject}: {', '.join(values[:-1])} or {values[-1]}?",
        "sides": [
            {
                "fact_id": fact.id,
                "value": value,
                "quote": fact.quote,
                "evidence_id": str(fact.evidence_id),
                "source": fact.source,
                "page": fact.page,
                "line": line_of(texts.get(fact.evidence_id), fact.start),
            }
            for (fact, _), value in zip(sides, values, strict=True)
        ],
    }


def line_of(item: Evidence | None, offset: int) -> int | None:
    """On which line of its page a character stands, counting from 1."""
    if item is None:
        return None
    page = max((start for start in item.page_starts if start <= offset), default=0)
    return item.text.count("\n", page, offset) + 1
