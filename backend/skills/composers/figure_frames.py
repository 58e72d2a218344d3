"""Whether two figures of two documents are told of one thing: of the same years, plan, place and time.

What is compared is told elsewhere (`retellings`, `keyed_figures`); here stands what speaks against it.
"""

import re

from backend.domain.facts import Fact, Quantity
from backend.skills.composers import attributes, places, typed_values, values
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import words
from backend.skills.composers.values import Value

TIME = "time"
"""The unit of all spans of time."""

Told = tuple[Fact, Quantity]


def same_frame(one: Fact, figure: Quantity, other: Fact, contrary: Quantity) -> bool:
    """Of the same years if both name some, and neither of another plan, weekday, market or of the past."""
    here, there = years(one), years(other)
    if here and there and here != there:
        return False
    if figure.kind == contrary.kind == "count" and _elsewhere(one, figure, other, contrary):
        return False
    return same_times(one, other) and _qualifiers(one, figure) == _qualifiers(other, contrary)


def same_times(one: Fact, other: Fact) -> bool:
    """Whether not just one of two statements tells of the past."""
    return "past" not in attributes.times_of(one.quote) ^ attributes.times_of(other.quote)


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
    counted = frozenset(figure.unit.split())  # "640 students" are no figure for students
    return attributes.qualifiers_of(_part(fact, figure), counted)


def _part(fact: Fact, figure: Quantity) -> str:
    """The part of the statement that holds the figure."""
    flat, at = flatten(fact.quote), figure.start - fact.start
    borders = [found.end() for found in _PART_END.finditer(flat)]
    start = max((border for border in borders if border <= at), default=0)
    end = min((border for border in borders if border > at), default=len(flat))
    return flat[start:end]


_PART_END = re.compile(r"(?<!\d),\s|[;()·|]\s|\)[:.,]\s|\sand\s|\s-\s|\.\s")


def differ(one: Fact, figure: Quantity, other: Fact, contrary: Quantity) -> bool:
    """Spans of time as such: 48 hours are two days."""
    span, other_span = span_of(one, figure), span_of(other, contrary)
    if span and other_span:
        return values.contradict(span, other_span)
    if _at_least(one, figure) != _at_least(other, contrary):
        least, exact = (figure, contrary) if _at_least(one, figure) else (contrary, figure)
        if least.value <= exact.value <= MUCH * least.value:
            return False
    return abs(figure.value - contrary.value) > max(_rounded(figure), _rounded(contrary))


def _at_least(fact: Fact, figure: Quantity) -> bool:
    """ "80+ models" are 88 too, but not 200."""
    at = figure.start - fact.start
    return fact.quote[figure.end - fact.start :].startswith("+") or bool(
        _OVER.search(fact.quote[:at])
    )


MUCH = 1.25
_OVER = re.compile(r"\b(?:over|more than|at least)\s+$", re.I)


def _rounded(figure: Quantity) -> float:
    """How far off a figure may be that is written short: "1M" may be 1.05 million, "1,000" is a thousand."""
    found = _SHORT.fullmatch(figure.text.strip())
    if not found:
        return 0.0
    number = float(found["number"].replace(",", ""))
    scale = figure.value / number if number else 1.0
    return scale / 2 / 10 ** len(found["decimals"] or "") if scale >= THOUSAND else 0.0


THOUSAND = 1000
_SHORT = re.compile(r"\D*(?P<number>\d[\d,]*(?:\.(?P<decimals>\d+))?)\s?[A-Za-z]+\+?")


def span_of(fact: Fact, figure: Quantity) -> Value | None:
    if unit_of(figure) != TIME:
        return None
    at = figure.start - fact.start
    found = typed_values.read("duration", flatten(fact.quote), (), fact.start)
    return next((value for value in found if value.start <= at < value.end), None)


def unit_of(figure: Quantity) -> str:
    """What is counted; spans of time are all of one unit."""
    last = figure.unit.split()[-1:] if figure.kind == "count" else []
    return TIME if last and last[0].rstrip("s") in typed_values.TIME_WORDS else figure.unit


def is_measured(figure: Quantity) -> bool:
    """Whether its unit is one of a scale: what has it is no number of things."""
    named = {word.rstrip("s") for word in figure.unit.split()}
    return bool(named & (_MEASURES | typed_values.TIME_WORDS))


_MEASURES = words("measures") | {"am", "pm"}


def shown(fact: Fact, figure: Quantity) -> str:
    """A figure as its document writes it, a span of time with its unit."""
    span = span_of(fact, figure)
    return fact.quote[span.start : span.end].strip() if span else figure.text


def years(fact: Fact) -> frozenset[float]:
    return frozenset(q.value for q in fact.quantities if q.kind == "date")


def is_row(fact: Fact) -> bool:
    """Whether a statement is a row of a table."""
    return "|" in fact.quote or "\t" in fact.quote
