"""What speaks for the kind of a sentence: its words, its form, its place, and what stands around it.

Each sign is a figure, most of them 0 or 1; how much it counts for each kind is learnt (scoring.py, ADR 0162).
"""

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from backend.core import data_files
from backend.domain.facts import FactCategory, Quantity
from backend.skills.composers import quotes
from backend.skills.composers.labels import PRICE_COLUMN
from backend.skills.composers.layout import MONEY, SYMBOLS
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.text import Unit, tidy

CATEGORIES: tuple[FactCategory, ...] = get_args(FactCategory)
LABELS: tuple[str, ...] = (*CATEGORIES, "none")

MOST_CUED = 4.0
"""More than this many points of cues are no surer."""
NEAR = 4
"""So many candidates before and behind are heard on the kind of one."""
ALONE = -0.55
"""The scorer's usual output for a label, where no neighbour gives one."""
TITLE_LINES, EARLY_LINES, SOON_LINES = 3, 11, 39
"""Up to these lines a text says what the thing is, then what it does, then how it is used."""
LENGTHS = (4, 7, 12, 25)

Matrix = npt.NDArray[np.float64]
Label = FactCategory | Literal["none"]
Sections = tuple[tuple[Label, re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class Cue:
    weight: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may be a fact, with the quantities read from it."""

    unit: Unit
    quantities: tuple[Quantity, ...]

    @property
    def priced(self) -> bool:
        return any(quantity.kind == "price" for quantity in self.quantities)


@functools.lru_cache(maxsize=1)
def _cues() -> tuple[dict[FactCategory, tuple[Cue, ...]], Sections]:
    """Cues by category, and (category, heading pattern) pairs in order of precedence."""
    data = data_files.read(DATA / "cues.yaml")
    cues = {
        category: tuple(Cue(cue["weight"], re.compile(cue["pattern"], re.I)) for cue in entries)
        for category, entries in data["cues"].items()
    }
    sections = tuple(
        (entry["category"], re.compile(entry["pattern"], re.I)) for entry in data["sections"]
    )
    return cues, sections


# ---------------------------------------------------------------- all signs of a document


def read(candidates: Sequence[Candidate], learnt: Matrix) -> Matrix:
    """Shape (candidates, NAMES), of the candidates of one document in its order.

    `learnt` are the scorer's outputs by label, from -1 (not this kind) to 1, shape (candidates, LABELS).
    """
    technical = sum("`" in candidate.unit.text for candidate in candidates) / len(candidates)
    rows = [
        [*learnt[at], *_of_one(candidate), at < LEADING, technical, *_around(learnt, at)]
        for at, candidate in enumerate(candidates)
    ]
    return np.array(rows, dtype=np.float64)


LEADING = 3
"""Candidates that a document opens with."""


def _around(learnt: Matrix, at: int) -> list[float]:
    near = np.concatenate([learnt[max(0, at - NEAR) : at], learnt[at + 1 : at + 1 + NEAR]])
    return near.mean(axis=0).tolist() if len(near) else [ALONE] * len(LABELS)


def _of_one(candidate: Candidate) -> Iterator[float]:
    unit = candidate.unit
    words = tidy(unit.text)
    yield from _cued(unit, words)
    heading = _heading_category(unit)
    yield from (heading == label for label in LABELS)
    yield from (bool(sign(candidate)) for sign in _OF_CANDIDATES.values())
    yield from (unit.kind == kind for kind in _KINDS)
    yield from (unit.line <= line for line in (TITLE_LINES, EARLY_LINES, SOON_LINES))
    count = len(words.split())
    yield from (count < length for length in LENGTHS)
    yield from (bool(opening.match(words)) for opening in _OPENINGS.values())


def _cued(unit: Unit, words: str) -> Iterator[float]:
    """Points of the cues by category. "I can't hire anybody" is the customer's limit, not the seller's."""
    cues, _ = _cues()
    for category in CATEGORIES:
        points = sum(cue.weight for cue in cues[category] if cue.pattern.search(words))
        theirs = category == "constraints" and '"' in unit.flat
        yield 0.0 if theirs else min(MOST_CUED, points)


# ---------------------------------------------------------------- prices, lists, headings

# Money that is a result or an ambition, not a price.
_NOT_A_PRICE = re.compile(
    r"\b(?:turnover|raising|raised|recover\w*|revenue|saved?|saves|saving|cut|back in|funding|invest\w+"
    r"|worth|budgets?|salary|market size)\b",
    re.I,
)


def free_of_charge(unit: Unit) -> bool:
    """A row of a price list without a figure: "Enterprise | custom | on request"."""
    titled = any(PRICE_COLUMN.search(title) for title in unit.header)
    priced = titled or (bool(unit.cells) and _heading_category(unit) == "pricing")
    return priced and any(_NO_FIGURE.fullmatch(cell.text) for cell in unit.cells)


_NO_FIGURE = re.compile(
    r"\W*(?:free|nil|custom|on (?:request|inquiry|enquiry|application)|(?:ask|call|contact|talk to) us)\W*",
    re.I,
)
_PICTURE = re.compile(rf"[-*+•\s]*[{SYMBOLS}]")
_NAMED_BULLET = re.compile(r"(?:\*\*)?[^*\n]{2,40}\*\*")


def of_features(unit: Unit) -> bool:
    """Whether a line stands in a list of features: under such a heading, or with a picture in front."""
    return _heading_category(unit) == "differentiators" or bool(_PICTURE.match(unit.mark))


_VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|do|does|can|will|may|must|we|you|they|it|needs?|gets?|only|free)\b",
    re.I,
)


def _tells_what_a_price_buys(candidate: Candidate) -> bool:
    """Below a heading that carries a price, or below a priced row."""
    unit = candidate.unit
    if unit.kind != "heading" and any(MONEY.search(heading) for heading in unit.headings[:3]):
        return True
    below_price = MONEY.search(unit.previous) and not candidate.priced
    return bool(below_price) and not _VERB.search(unit.flat)


TITLE_WORDS = 5
"""A longer heading than this makes a claim: "Install and run a database from your program"."""


def _heading_category(unit: Unit) -> Label | None:
    _, sections = _cues()
    for heading in unit.headings[:2]:
        short = len(heading.split()) <= TITLE_WORDS
        for category, pattern in sections:
            if (short or category != "none") and pattern.search(heading):
                return category
    return None


# ---------------------------------------------------------------- the names

_OF_CANDIDATES: dict[str, Callable[[Candidate], object]] = {
    "priced": lambda c: c.priced and not _NOT_A_PRICE.search(tidy(c.unit.text)),
    "money": lambda c: c.priced,
    "priced row": lambda c: c.priced and c.unit.kind == "row",
    "free of charge": lambda c: free_of_charge(c.unit),
    "price buys": _tells_what_a_price_buys,
    "figures": lambda c: c.quantities,
    "quoted": lambda c: quotes.quotation(c.unit.text),
    "asks": lambda c: c.unit.flat.rstrip(' "*_').endswith("?"),
    "of features": lambda c: of_features(c.unit),
    "named bullet": lambda c: c.unit.kind == "bullet" and _NAMED_BULLET.match(c.unit.text),
    "code": lambda c: "`" in c.unit.text,
    "full stop": lambda c: c.unit.flat.rstrip(" *_").endswith("."),
    "colon": lambda c: c.unit.flat.rstrip(" *_").endswith(":"),
    "headed": lambda c: c.unit.headings,
    "nested": lambda c: len(c.unit.headings) > 1,
    "picture": lambda c: _PICTURE.match(c.unit.mark),
}
_KINDS = ("heading", "row", "bullet", "prose")
_OPENINGS = {
    "orders": re.compile(
        r"\W*(?:(?:please|first|then|now|just|or|and),? )?(?:see|use|run|create|set|add|install|get|check"
        r"|open|click|call|note|pass|try|make|read|start|import|visit|follow|copy|paste|go|put|keep|choose|pick"
        r"|replace|configure|clone|download|contact|join|refer|ask|find|sign|log|register|enable|provide"
        r"|specify|point|wait|submit|ensure|remember|avoid|prefer)\b",
        re.I,
    ),
    "tells": re.compile(
        r"\W*(?:automatically |also )?(?!(?:this|its|always|besides|as|is|was|has|does|thus|yes|unless"
        r"|perhaps)\b)[a-z]{3,}s\b(?! (?:is|are|was|were|can|will|have)\b)",
        re.I,
    ),
    "condition": re.compile(
        r"\W*(?:if|when|once|after|before|while|unless|until|to|for|as|since|because|by default"
        r"|in this|with this)\b",
        re.I,
    ),
    "points": re.compile(
        r"\W*(?:this|these|that|those|it|they|here|there|the following|both|each|such)\b", re.I
    ),
    "we": re.compile(r"\W*(?:we|our|us|i|my)\b", re.I),
}

NAMES: tuple[str, ...] = (
    *(f"learnt {label}" for label in LABELS),
    *(f"cue {category}" for category in CATEGORIES),
    *(f"under {label}" for label in LABELS),
    *_OF_CANDIDATES,
    *_KINDS,
    "title",
    "early",
    "soon",
    *(f"under {length} words" for length in LENGTHS),
    *_OPENINGS,
    "leading",
    "technical",
    *(f"near {label}" for label in LABELS),
)
_PLACED = frozenset(
    [*_KINDS, "full stop", "headed", "nested", "title", "early", "soon", "leading", "technical"]
)
PLACES: tuple[str, ...] = tuple(
    name
    for name in NAMES
    if name in _PLACED
    or name.removeprefix("near ") in LABELS
    or name.removeprefix("under ") in LABELS
)
"""Signs that a sentence by itself, out of any document, does not have."""
