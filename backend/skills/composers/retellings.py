"""The same statement with another figure: of two documents that tell it, one is out of date.

Sentences, or clauses long enough to stand alone, are the same when their words are, figures aside. Another
name, year or plan makes it another statement.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.facts import Fact, Quantity
from backend.skills.composers import attributes, figure_keys, keyed_figures
from backend.skills.composers.columns import Columns
from backend.skills.composers.figure_frames import differ, is_measured, is_row, unit_of, years
from backend.skills.composers.layout import flatten
from backend.skills.composers.text import tidy

ALIKE = 0.85
"""Of all words of two sentences: how many they must share when each has some of its own."""
CONTAINED = 0.7
"""The same, when one only says more than the other."""
FEWEST_WORDS = 4
"""Shorter statements must have the same words."""
MOST_FACTS = 1200
"""Pairs grow with the square; more facts than these are lists of goods, where prices are compared by name."""
LONGEST_SUBJECT = 70
HOW_MANY = "how many "

Retelling = tuple[Fact, Quantity, Fact, Quantity]

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


def retellings(facts: Sequence[Fact], columns: Columns) -> Iterator[Retelling]:
    """Pairs of figures from two documents, of which at most one can be right."""
    counted = [fact for fact in facts if fact.quantities][:MOST_FACTS]
    told = [part for fact in counted for part in _parts(fact)]
    seen: set[tuple[int, int]] = set()
    compared = (
        (one.fact, figure, other.fact, contrary)
        for one, other in _pairs(told)
        for figure, contrary in _compared(one, other)
    )
    for pair in itertools.chain(compared, keyed_figures.apart(counted, columns)):
        if (id(pair[1]), id(pair[3])) not in seen:
            seen.add((id(pair[1]), id(pair[3])))
            yield pair


# ---------------------------------------------------------------- sentences with the same words


def _pairs(told: Sequence[_Telling]) -> Iterator[tuple[_Telling, _Telling]]:
    """Of two documents each, in order: whatever has a figure of the same kind."""
    alike: dict[Any, list[int]] = defaultdict(list)
    for n, telling in enumerate(told):
        for measure in {_measure(figure) for figure in telling.figures}:
            alike[measure].append(n)
    places = {pair for group in alike.values() for pair in itertools.combinations(group, 2)}
    for one, other in sorted(places):
        if told[one].fact.evidence_id != told[other].fact.evidence_id:
            yield told[one], told[other]


def _parts(fact: Fact) -> Iterator[_Telling]:
    """The whole statement, then each of its clauses that has a figure and words enough."""
    flat = flatten(fact.quote)
    yield _telling(fact, 0, len(flat), fact.quantities)
    if is_row(fact):
        return
    borders = [0, *(found.end() for found in _CLAUSE_END.finditer(flat)), len(flat)]
    for start, end in itertools.pairwise(borders):
        figures = [q for q in fact.quantities if start <= q.start - fact.start < end]
        part = _telling(fact, start, end, figures)
        if figures and end - start < len(flat) and len(part.words) >= FEWEST_WORDS:
            yield part


_CLAUSE_END = re.compile(r"(?<!\d)[,;:]\s|[()]|\s-\s|[.!?]\s")


def _telling(fact: Fact, start: int, end: int, figures: Sequence[Quantity]) -> _Telling:
    flat = flatten(fact.quote)
    for figure in figures:
        if figure.kind != "date":
            at = figure.start - fact.start
            flat = f"{flat[:at]}{'0' * len(figure.text)}{flat[at + len(figure.text) :]}"
    said = tidy(flat[start:end])
    words = frozenset(_stem(word) for word in _WORD.findall(said)) - _LITTLE
    names = frozenset(
        _stem(found.group())
        for found in _WORD.finditer(said)
        if found.group()[0].isupper() and (found.start() or _NAMED.match(said, found.end()))
    )
    return _Telling(fact, words, names, years(fact), tuple(q for q in figures if q.kind != "date"))


_NAMED = re.compile(r":|,? [₹$€£\d]")
"""What follows a first word that is a name: "Starter: $12", not "Our desk serves"."""


def _stem(word: str) -> str:
    return word.lower().rstrip("s")


def _compared(one: _Telling, other: _Telling) -> Iterator[tuple[Quantity, Quantity]]:
    if one.years != other.years or (is_row(one.fact) and is_row(other.fact)):
        return
    pairs = _matched(one.figures, other.figures)
    if pairs and _same_words(one, other) and all(_comparable(*pair) for pair in pairs):
        yield from (pair for pair in pairs if differ(one.fact, pair[0], other.fact, pair[1]))


def _matched(one: Sequence[Quantity], other: Sequence[Quantity]) -> list[tuple[Quantity, Quantity]]:
    """Figures of one measure: in their order where both lists are alike, else what each has once."""
    measures, others = [_measure(figure) for figure in one], [_measure(figure) for figure in other]
    if measures == others:
        return list(zip(one, other, strict=True))
    return [
        (one[measures.index(measure)], other[others.index(measure)])
        for measure in dict.fromkeys(measures)
        if measures.count(measure) == others.count(measure) == 1
    ]


def _measure(figure: Quantity) -> tuple[str, str, str]:
    return figure.kind, unit_of(figure), figure.period


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


_CLOCK = frozenset({"am", "pm"})


def _comparable(one: Quantity, other: Quantity) -> bool:
    if one.unit in _CLOCK:
        return False
    return _measure(one) == _measure(other) and one.role == other.role != "before"


def subject_of(fact: Fact, figure: Quantity, columns: Columns) -> str:
    """What a figure is the figure of, for the question to the founder."""
    if figure.label:
        title = columns.title(fact, fact.quote.count("|", 0, figure.start - fact.start))
        if title and (figure.unit in title.lower() or is_measured(figure)):
            unit = "" if title.lower() in figure_keys.NO_UNIT else title
        else:
            unit = figure.unit if figure.kind == "count" else ""
        return f"{tidy(figure.label)} ({unit})" if unit else tidy(figure.label)
    if figure_keys.is_total(fact, figure):
        return f"{HOW_MANY}{figure.unit}"
    if part := figure_keys.part_before(fact, figure):
        return f"{part} ({figure.unit})" if figure.unit and not is_row(fact) else part
    if noun := figure_keys.noun_before(fact, figure):
        return f"{HOW_MANY}{noun.lower()}"
    at = figure.start - fact.start
    around = f"{fact.quote[:at]}…{fact.quote[at + len(figure.text) :]}"
    return f"“{_cut(tidy(around))}”"


def _cut(words: str) -> str:
    if len(words) <= LONGEST_SUBJECT:
        return words
    return words[:LONGEST_SUBJECT].rsplit(" ", 1)[0] + " …"
