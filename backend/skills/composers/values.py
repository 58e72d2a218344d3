"""A value of an attribute, and when two of them contradict one another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from backend.domain.facts import Quantity

WORKING = "working time"
CALENDAR_TIMES, WEEKEND = 1.5, 48.0
"""Working time as calendar time: at most this many times as long, and these hours more."""


@dataclass(frozen=True, slots=True)
class Value:
    """`start`, `end` in the flat text. Numbers are ranges [low, high]; lists are sets of names."""

    start: int
    end: int
    unit: str
    low: float = 0.0
    high: float = 0.0
    words: frozenset[str] = frozenset()
    only: bool = False
    """A list that says it is whole: "Pune only"."""


Reader = Callable[[str, Sequence[Quantity], int], Iterator[Value]]
"""Flat text of a statement, its quantities, and where the statement starts in its document."""


def contradict(one: Value, other: Value) -> bool:
    if one.unit == other.unit == "clock":
        return (one.low, one.high) != (other.low, other.high)
    if {one.unit, other.unit} == {"time", WORKING}:
        one, other = _as_calendar(one), _as_calendar(other)
    if one.unit != other.unit:
        return False
    if one.words or other.words:
        return _lists_differ(one, other)
    return one.high < other.low or other.high < one.low


def _lists_differ(one: Value, other: Value) -> bool:
    """A person left out, or a single place named alone, is no contradiction."""
    short = min(one, other, key=lambda side: len(side.words))
    shared = one.words & other.words
    if one.unit == "person":
        return not (one.words <= other.words or other.words <= one.words)
    if one.unit == "maker":
        return not set(" ".join(one.words).split()) & set(" ".join(other.words).split())
    return one.words != other.words and not (len(short.words) == 1 and not short.only and shared)


def _as_calendar(value: Value) -> Value:
    if value.unit != WORKING:
        return value
    high = value.high * CALENDAR_TIMES + WEEKEND
    return Value(value.start, value.end, "time", value.low, high)
