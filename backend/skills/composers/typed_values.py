"""Values of attributes with their types: durations, opening hours, headcounts, shares, dates, sizes.

Read from the flat text of a statement (layout.flatten); money and counts come from its quantities.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from backend.domain.facts import Quantity
from backend.skills.composers import named_values
from backend.skills.composers import number_grammar as grammar
from backend.skills.composers.values import WORKING, Reader, Value


def read(kind: str, flat: str, figures: Sequence[Quantity], at: int) -> list[Value]:
    """All values of a kind (`kind` of attributes.yaml; another one is a KeyError)."""
    return list(_READERS[kind](flat, figures, at))


# ---------------------------------------------------------------- time

_WRITTEN = r"\d+(?:\.\d+)?|an?|" + "|".join(word for word, n in grammar.NUMBER_WORDS.items() if n)
_SPAN = r"sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year"
_DURATION = re.compile(
    rf"\b(?:(?P<low>{_WRITTEN})(?:[\s-](?P<first>{_SPAN})s?)?\s?(?:to|-|or)\s?)?"
    rf"(?P<high>{_WRITTEN})[\s-]{{1,2}}(?:full )?(?P<working>working |business )?(?P<span>{_SPAN})s?\b",
    re.I,
)
_SHORT = re.compile(
    r"(?<![\w.,])(\d+(?:\.\d+)?)\s?(ms|milliseconds?|s)\b|\bhalf an? (minute|hour|day|year)\b"
)
TIME_WORDS = frozenset(["min", "minute", "hour", "hr", "day", "week", "month", "year"])
_HOURS = {"ms": 1 / 3.6e6, "mil": 1 / 3.6e6, "s": 1 / 3600}
_HOURS |= {
    "se": 1 / 3600,
    "mi": 1 / 60,
    "ho": 1.0,
    "hr": 1.0,
    "da": 24.0,
    "we": 168.0,
    "mo": 720.0,
    "ye": 8760.0,
}


def _number(written: str) -> float:
    low = written.lower()
    return 1.0 if low in ("a", "an") else float(grammar.NUMBER_WORDS.get(low, 0) or low)


def _durations(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    for found in _DURATION.finditer(flat):
        if flat[found.start() - 1 : found.start()] == "." or re.search(
            r"\d[,.]$", flat[: found.start()]
        ):
            continue
        hours = _HOURS[found["span"][:2].lower()]
        high = _number(found["high"]) * hours
        first = _HOURS[(found["first"] or found["span"])[:2].lower()]
        low = _number(found["low"]) * first if found["low"] else high
        unit = WORKING if found["working"] else "time"
        yield Value(*found.span(), unit, min(low, high), max(low, high))
    for found in _SHORT.finditer(flat):
        number, short, halved = found.groups()
        hours = _HOURS[halved[:2]] / 2 if halved else float(number) * _HOURS[short[:3]]
        yield Value(*found.span(), "time", hours, hours)


_CLOCK = re.compile(
    r"\b(\d{1,2})(?:[:.](\d\d))?\s?(?:([ap])\.?m\.?)?\s?(?:to|-|till|until)"
    r"\s?(\d{1,2})(?:[:.](\d\d))?\s?(?:([ap])\.?m\b)?",
    re.I,
)


def _clocks(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    """ "9 am to 7 pm", "10:00 - 18:30": minutes from midnight."""
    for found in _CLOCK.finditer(flat):
        hour, minute, half, end, end_minute, end_half = found.groups()
        if not end_half and not (minute and end_minute):
            continue
        if not half and end_half:
            half = "p" if end_half in "pP" and int(hour) < int(end) < 12 else "a"
        opens, closes = _minutes(hour, minute, half), _minutes(end, end_minute, end_half)
        yield Value(found.start(), found.end(), "clock", opens, closes)


def _minutes(hour: str, minute: str | None, half: str | None) -> float:
    hours = int(hour) % 12 + 12 * (half in ("p", "P")) if half else int(hour)
    return hours * 60 + int(minute or 0)


_YEAR = re.compile(rf"\b{grammar.YEAR}\b")
_DAY = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)? ({grammar.MONTH})|({grammar.MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?)\b"
    rf",?(?: ({grammar.YEAR}))?",
    re.I,
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def _years(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    found = list(_YEAR.finditer(flat))
    if len(found) == 1:
        year = float(found[0].group())
        yield Value(*found[0].span(), "year", year, year)


def _days(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    """Days of one year are compared; without a year they are days of any."""
    for found in _DAY.finditer(flat):
        day, month = found.group(1) or found.group(4), found.group(2) or found.group(3)
        ordinal = 31.0 * _MONTHS.index(month[:3].lower()) + int(day)
        yield Value(*found.span(), f"day of {found.group(5) or 'a year'}", ordinal, ordinal)


# ---------------------------------------------------------------- numbers

_WORKERS = re.compile(
    rf"\bteam of (?:over |about )?({_WRITTEN})\b(?! (?:vans?|trucks?|years?))(?: (?:people|members))?"
    rf"|\b(?:headcount|team size|employees|staff)(?: is| of)?:? (\d+)\b"
    rf"|\b({_WRITTEN})\+? (?:full-time |permanent )?(?:people|employees|staff|team members)\b",
    re.I,
)
_SHARES = {
    "half": (50.0, 50.0),
    "a third": (33.0, 34.0),
    "one third": (33.0, 34.0),
    "two thirds": (66.0, 67.0),
    "a quarter": (25.0, 25.0),
}
"""In percent points, as they are rounded."""
_FRACTION = re.compile(rf"\b(?:{'|'.join(_SHARES)})\b", re.I)
_DISTANCE = re.compile(r"\b(\d+(?:\.\d+)?)\s?(km|kilomet\w+|miles?)\b", re.I)
_GRADE = re.compile(
    r"\b(?:grade|class|standard|std\.?) (\d{1,2})(?:th)?\b|\b(\d{1,2})th (?:grade|class|standard)\b",
    re.I,
)
_VERSION = re.compile(
    r"(?:(?<=>=)|(?<=>= )|(?<=≥)|(?<=≥ ))(?P<least>\d{1,2})(?![.\d])"
    r"|\b(\d{1,2})(?:\.(\d{1,2})|(?:\.x)?(?=\s?\+|\s(?:or|and)\s(?:newer|later|above|higher)))\b"
)
_SIZE = re.compile(r"(?<![\w.,])(\d+(?:\.\d+)?)\s?([KMGT])i?B\b", re.I)
_BYTES = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}
_CALLS = r"(?:api |http )?(?:requests?|calls?|req|queries)"
_RATE = re.compile(
    rf"(?<![\w.,$₹€£])({grammar.NUM})\s?(?:(?:{_CALLS})?\s?(?:/|\bper\b|\ban?\b|\bevery\b)\s?"
    r"(s|sec|second|min|minute|h|hr|hour|day|month)|r(?:p|eq/)([smhd])|(qp)s)\b"
    r"(?:\s?(?:/|\bper\b)\s?(ip|key|user|account|token|seat|workspace)\b)?",
    re.I,
)
_AGE = re.compile(r"\b(\d{1,2})\b(?:[\s-]years?(?: old)?)?", re.I)


def _workers(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    for found in _WORKERS.finditer(flat):
        number = _number(next(group for group in found.groups() if group))
        if number > 1:
            yield Value(*found.span(), "people", number, number)


def _shares(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    yield from _of_figures(figures, at, ("percent",))
    for found in _FRACTION.finditer(flat):
        yield Value(*found.span(), "%", *_SHARES[found.group().lower()])


def _money(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    return _of_figures(figures, at, ("price",))


def _counts(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    return _of_figures(figures, at, ("count",))


def _amounts(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    return _of_figures(figures, at, ("price", "count"))


def _of_figures(figures: Sequence[Quantity], at: int, kinds: Sequence[str]) -> Iterator[Value]:
    """Bounds of a range are one value; what used to be is none."""
    lows = [q for q in figures if q.role == "min"]
    for figure in figures:
        if figure.kind not in kinds or figure.role in ("before", "min"):
            continue
        low = next((q for q in lows if figure.role == "max" and q.end <= figure.start), figure)
        unit = figure.unit if figure.kind != "count" else (figure.unit.split() or [""])[-1]
        named = _alias(unit)
        shown = _after_unit(figure, unit) if figure.kind == "count" else figure.end
        yield Value(low.start - at, shown - at, named, low.value, figure.value)


def _alias(unit: str) -> str:
    return {
        "pcs": "pieces",
        "pc": "pieces",
        "piece": "pieces",
        "units": "pieces",
        "nos": "pieces",
    }.get(unit, unit)


def _after_unit(figure: Quantity, unit: str) -> int:
    return figure.end + len(unit) + 1 if unit and " " not in figure.unit else figure.end


def _distances(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    return _matched(_DISTANCE, flat, lambda found: found[2][:2].lower())


def _grades(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    return _matched(_GRADE, flat, lambda found: "grade")


def _versions(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    """A list is one value, the oldest it names: "3.9, 3.10 and 3.11"."""
    listed: list[Value] = []
    for found in [*_VERSION.finditer(flat), None]:
        if listed and not (found and _LISTED.fullmatch(flat, listed[-1].end, found.start())):
            oldest = min(listed, key=lambda value: value.low)
            yield replace(oldest, start=listed[0].start, end=listed[-1].end)
            listed = []
        if found:
            low = 1000.0 * int(found["least"] or found[2]) + int(found[3] or 0)
            listed.append(Value(*found.span(), "version", low, low if found[3] else low + 999))


_LISTED = re.compile(r"[\s,;/|&'`-]{0,6}(?:(?:and|or|to|through)[\s'`]{1,3})?")


def _ages(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    return _matched(_AGE, flat, lambda found: "age")


def _sizes(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    for found in _SIZE.finditer(flat):
        number = float(found[1]) * _BYTES[found[2].lower()]
        yield Value(*found.span(), "bytes", number, number)


def _rates(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    """Per one span of time each: so many a minute and so many a day hold side by side."""
    for found in _RATE.finditer(flat):
        number = float(found[1].replace(",", ""))
        per = (found[2] or found[3] or "s").lower()
        per = per if per == "month" else per[0]
        unit = f"requests per {per} {(found[5] or '').lower()}"
        yield Value(*found.span(), unit, number, number)


def _fees(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    """Sums that are paid; "above ₹2,000" is a border."""
    for value in _money(flat, figures, at):
        if not _BORDERING.search(flat[: value.start]):
            yield value


_BORDERING = re.compile(
    r"\b(?:above|over|below|under|up ?to|exceeding|more than|less than|minimum|least|beyond|within)\s*$",
    re.I,
)


def _matched(
    pattern: re.Pattern[str], flat: str, unit: Callable[[re.Match[str]], str]
) -> Iterator[Value]:
    for found in pattern.finditer(flat):
        number = float(next(group for group in found.groups() if group))
        yield Value(*found.span(), unit(found), number, number)


_READERS: dict[str, Reader] = {
    "duration": _durations,
    "clock": _clocks,
    "year": _years,
    "day": _days,
    "people": _workers,
    "share": _shares,
    "money": _money,
    "count": _counts,
    "amount": _amounts,
    "distance": _distances,
    "grade": _grades,
    "version": _versions,
    "size": _sizes,
    "rate": _rates,
    "fee": _fees,
    "age": _ages,
    "person": named_values.people,
    "maker": named_values.makers,
    "places": named_values.places,
    "licence": named_values.licences,
}
