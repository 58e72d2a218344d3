"""Keys under which figures of two documents are compared: what stands before them, what they count in all."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from backend.domain.facts import Fact, Quantity
from backend.skills.composers import attributes
from backend.skills.composers.figure_frames import unit_of
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import words

MOST_BEFORE = 6
"""Words before a total: "Ruff supports over 700 rules"."""
SPELLED = 10
"""Up to this number in words a count is of those just named: "all four tools"."""

Key = tuple[Any, ...]


def labelled(label: str, figure: Quantity) -> Key:
    named = frozenset(_stem(word) for word in _WORD.findall(label)) - _SORTS
    unit = "" if figure.unit in NO_UNIT else unit_of(figure)
    return ("label", named, figure.kind, unit, figure.period)


NO_UNIT = frozenset(
    {
        "value",
        "values",
        "count",
        "number",
        "figure",
        "figures",
        "detail",
        "details",
        "metric",
        "total",
    }
)
"""Titles of columns that say nothing of what stands below."""


_SORTS = frozenset({"tier", "plan", "the", "our"})


def _stem(word: str) -> str:
    return word.lower().rstrip("s")


def counted(unit: str) -> Iterator[Key]:
    *more, noun = unit.split()
    yield "total", " ".join([*more, attributes.same_thing(noun)])
    if attributes.listed("all_of_them").issuperset(more):
        yield "total", attributes.same_thing(noun)


def noun_before(fact: Fact, figure: Quantity) -> str:
    """The "available tools" of "Available tools (12)"; empty where the figure is not in such brackets."""
    found = _BRACKETED.match(flatten(fact.quote))
    return found["noun"] if found and found.start("figure") == figure.start - fact.start else ""


def part_before(fact: Fact, figure: Quantity) -> str:
    """The "Search" of "Search (6 tools)" and of "| Search: 9 | find |", which tell of a part; or nothing."""
    flat = flatten(fact.quote)
    found = _COUNTED.match(flat) if "|" in flat else _IN_BRACKETS.match(flat)
    return found["label"] if found and found.start("figure") == figure.start - fact.start else ""


def of_noun(words_before: str) -> Iterator[Key]:
    """ "Available tools (12)" are all; "Search tools (4)" are those for searching."""
    named = [word.lower() for word in re.findall(r"[A-Za-z][\w-]*", words_before)]
    named = [word for word in named if word not in _EVERY]
    if 0 < len(named) <= MOST_NAMED and _plural(named[-1]):
        yield "total", " ".join([*named[:-1], attributes.same_thing(named[-1])])


MOST_NAMED = 3
_EVERY = frozenset(
    ["all", "available", "the", "our", "supported", "included", "total", "number", "of", "mcp"]
)

_IN_BRACKETS = re.compile(
    r"\W*(?P<label>[A-Za-z][\w /&+.-]{1,40}?)\s*\(\s*[~≈]?\s?(?P<figure>\d[\d,]*)\+? [a-z]"
)
_COUNTED = re.compile(r"\W*(?P<label>[A-Z][\w /&-]{2,40}):\s*(?P<figure>\d[\d,]*)\s*\|")
_BRACKETED = re.compile(r"\W*(?P<noun>[A-Za-z][\w -]{2,40}?)\s?\((?P<figure>\d[\d,]*)\+?\)")
_WORD = re.compile(r"[^\W\d_][\w'-]+")


# ---------------------------------------------------------------- totals


def is_total(fact: Fact, figure: Quantity) -> bool:
    """Whether a statement that is no row says how many of something there are in all."""
    return total(flatten(fact.quote), figure, figure.start - fact.start)


def total(flat: str, figure: Quantity, at: int) -> bool:
    """ "250 tools across 15 categories", "Over 700 rules": how many there are in all."""
    end = next((found.start() for found in CLAUSE_END.finditer(flat, at)), len(flat))
    shared = _SHARE.search(f"{flat[:at]} {_OF_A_PLAN.sub('', flat[at:end])}")
    if figure.kind != "count" or figure.role or figure.value < 2 or shared:
        return False
    named = figure.unit.split()
    before = CLAUSE_END.split(flat[:at])[-1]
    if flat[:at].rstrip().endswith("(") and not _LIST.match(flat, at):
        return False  # "Search (6 tools)" has them for searching
    if flat[:at].endswith("/"):
        return False  # "12/12 checks" tells how far it has come
    few = figure.text.isalpha() and figure.value <= SPELLED
    begins = len(named) > 1 and figure.value > FEW and not _WORD.search(before)
    if (few and not begins and not HAS.search(before)) or _of_some(flat[:end]):
        return False
    return bool(named) and _counts(named) and len(_WORD.findall(before)) <= MOST_BEFORE


_LIST = re.compile(r"\d[\d,]*\+? [A-Za-z][\w-]* [A-Za-z][\w -]*, ~?\d[\d,]*\+? [A-Za-z]")
FEW = 2
"""What begins a sentence with more of a name ("Five free tools show ...") are all of that name."""


def _counts(named: Sequence[str]) -> bool:
    measured = any(word.rstrip("s") in _MEASURES for word in named)
    return _plural(named[-1]) and not measured


def _plural(noun: str) -> bool:
    return noun.endswith("s") and len(noun) > 3


def _of_some(flat: str) -> bool:
    """Whether a clause tells of the past, of what is planned or of one place alone."""
    planned = attributes.qualifiers_of(flat, frozenset()) & _PLANNED
    return bool(planned or attributes.times_of(flat) or _REGION.search(flat))


HAS = re.compile(
    r"\b(?:provides?|offers?|includes?|has|have|exposes?|(?:ships?|comes?) with|supports?|gives? you"
    r"|contains?|features?|consists? of|made up of)\s*$",
    re.I,
)
HAVING = re.compile(
    rf"{HAS.pattern.removesuffix('$')}$|\b(?:with|exposing|providing|offering|including|featuring)\s*$",
    re.I,
)
_PLANNED = frozenset({"target", "goal", "aim", "want", "planned", "expected", "new"})
_REGION = re.compile(r"\b(?:region|district|zone|division|branch|state of)\b", re.I)
CLAUSE_END = re.compile(r"(?<!\d)[,;:]\s|[()]|\s-\s|[.!?]\s")
_SHARE = re.compile(
    r"[₹$€£]|\b(?:free|per|each|every|up to|at most|max\w*|minimum|first|last|top|next|only|another|within"
    r"|one of|plan|a (?:day|month|week|year)|(?<!open )daily|monthly|step|page|chapter|example|other)\b"
    r"|/\s?(?:day|month|mo|min|hour|year)",
    re.I,
)
_OF_A_PLAN = re.compile(r"(?<=[\w+] )free (?=tier\b|plan\b)", re.I)
""" "Five free tier tools" are all that this plan has."""
_MEASURES = words("measures") | words("spans")
