"""Positioning in the founder's own words: the category, one statement, what sets the firm apart.

Nothing is rephrased. The statement is a sentence of the evidence, or several placed side by side.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from backend.domain.facts import Fact
from backend.services.embeddings import encode
from backend.skills.composers import quotes
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import pattern, words
from backend.skills.composers.questions import missing

MOST_USPS = 5
MOST_DIFFERENTIATORS = 5
TITLE_WITHIN = 120
"""Characters from the start within which a short statement is the document's title."""
ALIKE = 0.8
"""Cosine above which two sentences say the same."""


class Statement(TypedDict):
    text: str
    sources: list[str]


class Positioning(TypedDict):
    category: str | None
    positioning_statement: str | None
    usps: list[Statement]
    differentiators: list[Statement]
    sources: dict[str, list[str]]
    missing: list[dict[str, Any]]


def compose(facts: Sequence[Fact], company: Mapping[str, Any]) -> Positioning:
    """Category, statement, usps and differentiators; empty where the facts are silent."""
    name = str(company.get("company_name") or "")
    category, category_source = _category(facts, name)
    statement, statement_sources = _statement(facts, name)
    differentiators = _distinct(_apart(facts), MOST_DIFFERENTIATORS)
    usps = _distinct(_usable(facts, "differentiators") + _figures(facts), MOST_USPS)
    positioning: Positioning = {
        "category": category,
        "positioning_statement": statement,
        "usps": [_said(fact) for fact in usps],
        "differentiators": [_said(fact) for fact in differentiators],
        "sources": {
            "category": category_source,
            "positioning_statement": statement_sources,
            "usps": [fact.id for fact in usps],
            "differentiators": [fact.id for fact in differentiators],
        },
        "missing": [],
    }
    found = {"category": category, "positioning": statement, "usps": usps}
    positioning["missing"] = [
        missing(slot).model_dump() for slot, value in found.items() if not value
    ]
    return positioning


def _said(fact: Fact) -> Statement:
    return Statement(text=fact.fact, sources=[fact.id])


# ---------------------------------------------------------------- category

_UNTIL = (
    r"(?=\s+(?:for|that|which|who|with|from|to|in|at|on|designed|built|made|where|helping|and(?! \w+ed\b)"
    r"|used|by|is|are|was|has|based|offering|since|of choice)\b|[.;:!?]|\s-\s|$)"
)
_CATEGORY = (
    re.compile(rf"\b(?:is|are) (?:a|an|the|your) (?P<thing>[^.;:!?]{{3,90}}?){_UNTIL}", re.I),
    re.compile(rf"^(?:A|An) (?P<thing>[^.;:!?]{{3,90}}?){_UNTIL}"),
    re.compile(r"^The (?P<thing>[^.;:!?,]{3,60}?) for\b"),
    re.compile(
        r"\b(?P<thing>(?:manufacturers?|suppliers?|makers?|exporters?|distributors?|providers?)"
        r" of [\w &-]{3,50}?)"
        r"(?=,|\.|;|\s-\s|\s(?:for|in|at|since|with|to|from|that|who)\b|$)",
        re.I,
    ),
    re.compile(r"^(?P<thing>[A-Z][\w-]*(?: [\w&-]+){0,4}) for (?:the )?\w"),
)


def _category(facts: Sequence[Fact], name: str) -> tuple[str | None, list[str]]:
    """The kind of thing, as the firm itself calls it: "GST reconciliation desk"."""
    for fact in _ranked(facts, ("positioning", "company_info"), name):
        for wording in (_of_named(name), *_CATEGORY):
            found = wording.search(flatten(_without_paper(fact.fact)))
            thing = _kind_of_thing(_unnamed(found.group("thing"), name)) if found else ""
            if thing and thing != name:
                return thing, [fact.id]
    title = _title(facts, name)
    return (_kind_of_thing(title.fact), [title.id]) if title else (None, [])


def _unnamed(thing: str, name: str) -> str:
    """ "help desk software" of "Lotus Desk - help desk software"."""
    return re.sub(rf"^{re.escape(name)}\s+[-–—:|]\s+", "", thing) if name else thing


def _of_named(name: str) -> re.Pattern[str]:
    """ "Lantern Ledger is bookkeeping software for ...", without an article too."""
    who = re.escape(name) if name else r"(?!)"
    return re.compile(
        rf"^{who} (?:is|are) (?:an?|the)? ?(?P<thing>[^.;:!?]{{3,90}}?){_UNTIL}", re.I
    )


def _title(facts: Sequence[Fact], name: str) -> Fact | None:
    """A document that opens with a kind of thing instead of a name: "Hospital Management System"."""
    for fact in facts:
        opening = fact.category == "positioning" and fact.start < TITLE_WITHIN
        if opening and len(fact.fact.split()) <= 6 and _kind_of_thing(fact.fact):
            return fact if not name or name not in fact.fact else None
    return None


def _kind_of_thing(phrase: str) -> str:
    """The last part of "modern, fast, web framework"; "" when it names no kind of thing."""
    last = re.sub(r"\([^)]*\)", "", phrase).split(",")[-1]
    thing = " ".join(last.split()).strip(" -\"'*")
    return thing if 1 <= len(thing.split()) <= 7 and not pattern("not_a_kind").match(thing) else ""


# ---------------------------------------------------------------- statement


def _statement(facts: Sequence[Fact], name: str) -> tuple[str | None, list[str]]:
    """The sentence that says what for whom, with a second one set beside it when it adds the other half."""
    ranked = [fact for fact in _ranked(facts, ("positioning",), name) if _quotable(fact, name)]
    if not ranked:
        return None, []
    first = ranked[0]
    other_half = (fact for fact in ranked[1:] if _for_whom(fact) != _for_whom(first))
    second = next((fact for fact in other_half if fact.evidence_id == first.evidence_id), None)
    chosen = [first, second] if second else [first]
    said = [
        _sentence(_without_paper(fact.fact)) for fact in sorted(chosen, key=lambda fact: fact.start)
    ]
    if sum(map(len, said)) > LONGEST_STATEMENT:
        return _sentence(_without_paper(first.fact)), [first.id]
    return " ".join(said), [fact.id for fact in chosen]


LONGEST_STATEMENT = 320
_SEGMENT = re.compile(r"\s+[-–—|:]\s+|:\s+")


def _without_paper(text: str) -> str:
    """ "One-pager - Payroll for bakeries" without the segment that names the paper."""
    kept = [
        part
        for part in _SEGMENT.split(text)
        if any(word.lower().strip(".,") not in words("paper_words") for word in part.split())
    ]
    return text if len(kept) != 1 else kept[0]


def _quotable(fact: Fact, name: str) -> bool:
    """A whole statement that may stand alone as the positioning."""
    if not 5 <= len(fact.fact.split()) <= 45 or re.search(r"[\]\[{}<>]|https?://|:$", fact.fact):
        return False
    named = bool(name) and name.lower() in fact.fact.lower()
    states = named or pattern("states_what").search(fact.fact)
    return bool(states) and not pattern("detail").match(fact.fact)


def _for_whom(fact: Fact) -> bool:
    return bool(re.search(r"\bfor\b(?! you\b)|\bhelps?\b|\bto\b .*\bwho\b", fact.fact, re.I))


def _sentence(text: str) -> str:
    shown = text[0].upper() + text[1:]
    return shown if re.search(r"[.!?]$", shown) else shown + "."


def _ranked(facts: Sequence[Fact], categories: tuple[str, ...], name: str = "") -> list[Fact]:
    """Best first: sure, early, whole sentences, those that name the firm."""

    def merit(entry: tuple[int, Fact]) -> float:
        position, fact = entry
        size = len(fact.fact.split())
        return (
            fact.confidence
            - 0.04 * position
            + (0.15 if name and name.lower() in fact.fact.lower() else 0.0)
            + (0.2 if name and fact.fact.lower().startswith(name.lower()) else 0.0)
            + (0.25 if _for_whom(fact) else 0.0)
            - (0.3 if size < 5 or size > 45 else 0.0)
            - (0.2 if fact.needs_verification else 0.0)
            - 0.5 * categories.index(fact.category)
        )

    own = [
        fact for fact in facts if fact.category in categories and not quotes.quotation(fact.quote)
    ]
    return [fact for _, fact in sorted(enumerate(own), key=lambda entry: -merit(entry))]


# ---------------------------------------------------------------- what sets the firm apart


def _apart(facts: Sequence[Fact]) -> list[Fact]:
    """Differences that name what they differ from."""
    return [
        fact for fact in _usable(facts, "differentiators") if pattern("apart").search(fact.fact)
    ]


def _figures(facts: Sequence[Fact]) -> list[Fact]:
    return [
        fact
        for fact in _usable(facts, "proof_points")
        if any(quantity.kind in ("percent", "count") for quantity in fact.quantities)
        and not quotes.quotation(fact.quote)
    ]


def _usable(facts: Sequence[Fact], category: str) -> list[Fact]:
    """Facts of a category that a person may quote: sure enough and not a fragment, surest first."""
    found = [
        fact
        for fact in facts
        if fact.category == category
        and not fact.needs_verification
        and 4 <= len(fact.fact.split()) <= 40
    ]
    return sorted(found, key=lambda fact: -fact.confidence)


def _distinct(facts: Sequence[Fact], most: int) -> list[Fact]:
    """The first `most` that do not repeat one another."""
    if not facts:
        return []
    vectors = encode([fact.fact for fact in facts])
    kept: list[int] = []
    for n in range(len(facts)):
        if all(float(vectors[n] @ vectors[k]) < ALIKE for k in kept):
            kept.append(n)
        if len(kept) == most:
            break
    return [facts[k] for k in kept]
