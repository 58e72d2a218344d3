"""The same statement with another figure: of two documents that tell it, one is out of date.

Sentences, or clauses long enough to stand alone, are the same when their words are, figures aside. Another
name, year or plan makes it another statement. Rows of tables are told by their first cell and the title of
the column, "Free tier: 10 calls" by what stands before the colon, "250 tools in one place" by what is
counted; such a key counts where each of the two documents gives it one figure alone.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.facts import Fact, Quantity
from backend.skills.composers import attributes, places, typed_values
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import words as word_list
from backend.skills.composers.text import tidy
from backend.skills.composers.typed_values import Value

ALIKE = 0.85
"""Of all words of two sentences: how many they must share when each has some of its own."""
CONTAINED = 0.7
"""The same, when one only says more than the other."""
FEWEST_WORDS = 4
"""Shorter statements must have the same words."""
MOST_FACTS = 600
"""Pairs grow with the square; more facts than these are lists of goods, where prices are compared by name."""
LONGEST_SUBJECT = 70

Retelling = tuple[Fact, Quantity, Fact, Quantity]
_Told = tuple[Fact, Quantity]

_WORD = re.compile(r"[^\W\d_][\w'-]+")
_LITTLE = frozenset(
    {"the", "and", "for", "with", "that", "this", "are", "our", "your", "from", "has", "have"}
)


@dataclass(frozen=True, slots=True)
class _Telling:
    fact: Fact
    words: frozenset[str]
    names: frozenset[str]
    """Words with a capital inside the sentence."""
    years: frozenset[float]
    figures: tuple[Quantity, ...]


def retellings(facts: Sequence[Fact]) -> Iterator[Retelling]:
    """Pairs of figures from two documents, of which at most one can be right."""
    told = [part for fact in facts[:MOST_FACTS] if fact.quantities for part in _parts(fact)]
    seen: set[tuple[int, int]] = set()
    compared = (
        (one.fact, figure, other.fact, contrary)
        for one, other in _pairs(told)
        for figure, contrary in _compared(one, other)
    )
    for pair in itertools.chain(compared, _keyed(facts[:MOST_FACTS])):
        if (id(pair[1]), id(pair[3])) not in seen:
            seen.add((id(pair[1]), id(pair[3])))
            yield pair


# ---------------------------------------------------------------- figures with a key


def _keyed(facts: Sequence[Fact]) -> Iterator[Retelling]:
    """Figures of one key in two documents that share no value of it; one of them gives a single one."""
    found: dict[Any, dict[Any, list[tuple[Fact, Quantity]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for fact in facts:
        for key, figure in _keys(fact):
            found[key][fact.evidence_id].append((fact, figure))
    for key, told in found.items():
        repeated = min(map(len, told.values())) > 1
        most = MOST_TOTALS if key[0] == "total" and repeated else 1
        groups = [group for group in told.values() if len({q.value for _, q in group}) <= most]
        for group, others in itertools.combinations(groups, 2):
            if min(len({q.value for _, q in side}) for side in (group, others)) == 1:
                yield from _apart(group[:MOST_OF_A_KEY], others[:MOST_OF_A_KEY])


def _apart(group: Sequence[_Told], others: Sequence[_Told]) -> Iterator[Retelling]:
    """All pairs of two documents that share no value."""
    pairs = [(*one, *other) for one, other in itertools.product(group, others)]
    if all(_differ(*pair) for pair in pairs):
        yield from (pair for pair in pairs if same_frame(*pair))


MOST_OF_A_KEY = 6
"""Statements of one key in a document; further ones only repeat."""
MOST_TOTALS = 2
"""Totals a document may give of one thing (it may be out of date itself), where both say it twice; more
are no totals."""


def _keys(fact: Fact) -> Iterator[tuple[Any, Quantity]]:
    flat = flatten(fact.quote)
    plain = [q for q in fact.quantities if q.kind != "date" and q.role != "before"]
    alone = [q for q in plain if sum((p.kind, p.unit) == (q.kind, q.unit) for p in plain) == 1]
    if _row(fact):
        for figure in plain:
            if figure.label and figure.unit:
                column = re.split(r"[|\t]", flat[: figure.start - fact.start])
                row = figure.label.lower()
                yield ("row", row, _unit(figure), figure.period, len(column)), figure
                cell = re.split(r"[|\t]", flat)[len(column) - 1].strip(" *_")
                if figure.kind == "count" and cell == figure.text and not _titled(figure.unit):
                    yield ("cell", row, fact.section, len(column), flat.count("|")), figure
        return
    label = _LABEL.match(flat)
    for figure in alone:
        at = figure.start - fact.start
        if label and at >= label.end() and figure is plain[0] and figure.kind != "price":
            named = frozenset(_stem(word) for word in _WORD.findall(label.group()))
            yield ("label", named, figure.kind, _unit(figure), figure.period), figure
        if _total(flat, figure, at):
            *more, noun = figure.unit.split()
            yield ("total", " ".join([*more, attributes.same_thing(noun)])), figure
            yield ("total", attributes.same_thing(noun)), figure


def _titled(unit: str) -> bool:
    """A column of one year, plan or period is another column than that of another."""
    return bool(attributes.qualifiers_of(unit, frozenset())) or bool(re.search(r"\d", unit))


_LABEL = re.compile(r"\W*[A-Z][\w' /&-]{2,40}?(?::| -)\s")


def _of_some(flat: str) -> bool:
    """Whether a clause tells of the past, of what is planned or of one place alone."""
    planned = attributes.qualifiers_of(flat, frozenset()) & _PLANNED
    return bool(planned or attributes.times_of(flat) or _REGION.search(flat))


_PLANNED = frozenset({"target", "goal", "aim", "want", "planned", "expected", "new"})
_REGION = re.compile(r"\b(?:region|district|zone|division|branch|state of)\b", re.I)


def _total(flat: str, figure: Quantity, at: int) -> bool:
    """ "250 tools across 15 categories", "Over 700 rules": how many there are in all."""
    end = next((found.start() for found in _CLAUSE_END.finditer(flat, at)), len(flat))
    if figure.kind != "count" or figure.role or figure.value < 2 or _SHARE.search(flat, 0, end):
        return False
    if figure.text.isalpha() or _of_some(flat[:end]):
        return False  # "all four tools" are those just named
    named = figure.unit.split()
    counted = bool(named) and named[-1].endswith("s") and len(named[-1]) > 3
    measured = any(word.rstrip("s") in _MEASURES for word in named)
    before = _CLAUSE_END.split(flat[:at])[-1]
    return counted and not measured and len(_WORD.findall(before)) <= MOST_BEFORE


MOST_BEFORE = 6
"""Words before a total: "Ruff supports over 700 rules"."""
_SHARE = re.compile(
    r"[₹$€£]|\b(?:free|per|each|every|up to|at most|max\w*|minimum|first|last|top|next|only|another|within"
    r"|plan|a (?:day|month|week|year)|daily|monthly|step|page|chapter|example|other)\b"
    r"|/\s?(?:day|month|mo|min|hour|year)",
    re.I,
)
_NAMED = re.compile(r":|,? [₹$€£\d]")
"""What follows a first word that is a name: "Starter: $12", not "Our desk serves"."""
TIME = "time"
_CLOCK = frozenset({"am", "pm"})
_MEASURES = word_list("measures") | word_list("spans")


def same_frame(one: Fact, figure: Quantity, other: Fact, contrary: Quantity) -> bool:
    """Of the same years if both name some, and neither of another plan, weekday, market or of the past."""
    years, other_years = _years(one), _years(other)
    if years and other_years and years != other_years:
        return False
    if figure.kind == contrary.kind == "count" and _elsewhere(one, figure, other, contrary):
        return False
    past = attributes.times_of(one.quote) ^ attributes.times_of(other.quote)
    return "past" not in past and _qualifiers(one, figure) == _qualifiers(other, contrary)


def _elsewhere(one: Fact, figure: Quantity, other: Fact, contrary: Quantity) -> bool:
    """Whether the figures are those of two places, or one may be the share of a place in the other."""
    here, there = (
        frozenset(places.find(_part(fact, q))) for fact, q in ((one, figure), (other, contrary))
    )
    if here and there:
        return not here & there
    return bool(here and figure.value < contrary.value) or bool(
        there and contrary.value < figure.value
    )


def _qualifiers(fact: Fact, figure: Quantity) -> frozenset[str]:
    return attributes.qualifiers_of(_part(fact, figure), frozenset())


def _part(fact: Fact, figure: Quantity) -> str:
    """The part of the statement that holds the figure."""
    flat, at = flatten(fact.quote), figure.start - fact.start
    borders = [found.end() for found in _PART_END.finditer(flat)]
    start = max((border for border in borders if border <= at), default=0)
    end = min((border for border in borders if border > at), default=len(flat))
    return flat[start:end]


_PART_END = re.compile(r"(?<!\d),\s|[;()·|]\s|\sand\s|\s-\s|\.\s")


def _differ(one: Fact, figure: Quantity, other: Fact, contrary: Quantity) -> bool:
    """Spans of time as such: 48 hours are two days."""
    span, other_span = _span(one, figure), _span(other, contrary)
    if span and other_span:
        return typed_values.contradict(span, other_span)
    return figure.value != contrary.value


def _span(fact: Fact, figure: Quantity) -> Value | None:
    if _unit(figure) != TIME:
        return None
    at = figure.start - fact.start
    found = typed_values.read("duration", flatten(fact.quote), (), fact.start)
    return next((value for value in found if value.start <= at < value.end), None)


def _unit(figure: Quantity) -> str:
    """What is counted; spans of time are all of one unit."""
    last = figure.unit.split()[-1:] if figure.kind == "count" else []
    return TIME if last and last[0].rstrip("s") in typed_values.TIME_WORDS else figure.unit


def shown(fact: Fact, figure: Quantity) -> str:
    """A figure as its document writes it, a span of time with its unit."""
    span = _span(fact, figure)
    return fact.quote[span.start : span.end].strip() if span else figure.text


def _years(fact: Fact) -> frozenset[float]:
    return frozenset(q.value for q in fact.quantities if q.kind == "date")


# ---------------------------------------------------------------- sentences with the same words


def _pairs(told: Sequence[_Telling]) -> Iterator[tuple[_Telling, _Telling]]:
    """Of two documents each, in order: whatever has figures of the same kinds."""
    alike: dict[Any, list[int]] = defaultdict(list)
    for n, telling in enumerate(told):
        alike[tuple((q.kind, _unit(q), q.period) for q in telling.figures)].append(n)
    places = {pair for group in alike.values() for pair in itertools.combinations(group, 2)}
    for one, other in sorted(places):
        if told[one].fact.evidence_id != told[other].fact.evidence_id:
            yield told[one], told[other]


def _parts(fact: Fact) -> Iterator[_Telling]:
    """The whole statement, then each of its clauses that has a figure and words enough."""
    flat = flatten(fact.quote)
    yield _telling(fact, flat, fact.quantities)
    if _row(fact):
        return
    borders = [0, *(found.end() for found in _CLAUSE_END.finditer(flat)), len(flat)]
    for start, end in itertools.pairwise(borders):
        figures = [q for q in fact.quantities if start <= q.start - fact.start < end]
        part = _telling(fact, flat[start:end], figures)
        if figures and end - start < len(flat) and len(part.words) >= FEWEST_WORDS:
            yield part


_CLAUSE_END = re.compile(r"(?<!\d)[,;:]\s|[()]|\s-\s|[.!?]\s")


def _telling(fact: Fact, flat: str, figures: Sequence[Quantity]) -> _Telling:
    said = tidy(flat)
    words = frozenset(_stem(word) for word in _WORD.findall(said)) - _LITTLE
    names = frozenset(
        _stem(found.group())
        for found in _WORD.finditer(said)
        if found.group()[0].isupper() and (found.start() or _NAMED.match(said, found.end()))
    )
    return _Telling(fact, words, names, _years(fact), tuple(q for q in figures if q.kind != "date"))


def _stem(word: str) -> str:
    return word.lower().rstrip("s")


def _compared(one: _Telling, other: _Telling) -> Iterator[tuple[Quantity, Quantity]]:
    if one.years != other.years:
        return
    if (
        not (_row(one.fact) and _row(other.fact))
        and _same_words(one, other)
        and len(one.figures) == len(other.figures)
    ):
        pairs = list(zip(one.figures, other.figures, strict=True))
        if all(_comparable(*pair) for pair in pairs):
            yield from (pair for pair in pairs if _differ(one.fact, pair[0], other.fact, pair[1]))


def _same_words(one: _Telling, other: _Telling) -> bool:
    differ = one.words ^ other.words
    of_another = attributes.qualifiers_of(" ".join(differ), frozenset())
    if of_another or differ & (one.names | other.names):
        return False
    shared, every = len(one.words & other.words), len(one.words | other.words)
    if not differ or min(len(one.words), len(other.words)) < FEWEST_WORDS:
        return not differ and shared > 1
    contained = one.words < other.words or other.words < one.words
    return shared >= (CONTAINED if contained else ALIKE) * every


def _comparable(one: Quantity, other: Quantity) -> bool:
    if one.unit in _CLOCK:
        return False
    same = (one.kind, _unit(one), one.period) == (other.kind, _unit(other), other.period)
    return same and one.role == other.role != "before"


def _row(fact: Fact) -> bool:
    return "|" in fact.quote or "\t" in fact.quote


def subject_of(fact: Fact, figure: Quantity) -> str:
    """What a figure is the figure of, for the question to the founder."""
    if figure.label:
        return f"{figure.label} ({figure.unit})" if figure.kind == "count" else figure.label
    if figure.kind == "count" and figure.unit and not re.search(r"^\w{1,3}$", figure.unit):
        return f"how many {figure.unit}"
    at = figure.start - fact.start
    around = f"{fact.quote[:at]}…{fact.quote[at + len(figure.text) :]}"
    return f"“{_cut(tidy(around))}”"


def _cut(words: str) -> str:
    if len(words) <= LONGEST_SUBJECT:
        return words
    return words[:LONGEST_SUBJECT].rsplit(" ", 1)[0] + " …"
