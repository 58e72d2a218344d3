"""Numbers with their meaning: prices, percentages, counts and dates, read from one unit of evidence.

A lexer, not a model: the libraries for this are wrong by a factor of 100,000 on lakh and crore (COMPOSER 2).
Values are in base units: whole currency units, percent points, plain counts, calendar years.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from backend.domain.facts import Quantity, QuantityKind
from backend.skills.composers import labels
from backend.skills.composers import number_grammar as grammar
from backend.skills.composers.lexicon import words
from backend.skills.composers.text import Unit, tidy

PRICE_SECTION = re.compile(
    r"\b(?:pric\w*|rates?|plans?|tariffs?|fees?|charges|packages?|packs?|menu|mrp|cost|subscriptions?)\b",
    re.I,
)
LOWEST_BARE_PRICE = 100
"""Below it a number without a currency in running text is an age, a count or a clock."""


@dataclass(slots=True)
class _Draft:
    """A quantity being read; offsets count from the start of the unit."""

    start: int
    end: int
    kind: QuantityKind
    value: float
    unit: str = ""
    period: str = ""
    label: str = ""
    role: Literal["", "min", "max", "before"] = ""
    scaled: bool = False
    """Written with lakh, crore, k ...: in "2 to 3 lakh" the first number takes it too."""


def dominant_currency(text: str) -> str:
    """ISO code of the currency most prices of a text are in, empty when none leads."""
    signs = (grammar.CURRENCY_SIGN.search(token) for token in grammar.PRICED.findall(text))
    seen = Counter(code for sign in signs if sign and (code := _iso(sign.group())))
    (first, most), (_, second) = [*seen.most_common(2), ("", 0), ("", 0)][:2]
    return first if most > second else ""


def read(unit: Unit, currency: str = "") -> list[Quantity]:
    """Quantities of a unit in order; `currency` is what bare numbers in price columns are counted in."""
    programs = [match.span() for match in _PROGRAM.finditer(unit.text)]
    drafts = [
        draft
        for match in grammar.LEXER.finditer(unit.flat)
        if (draft := _draft(unit, match, currency)) is not None
        and (draft.kind == "price" or not any(a < draft.start < b for a, b in programs))
    ]
    _share_ranges(unit.flat, drafts)
    for draft in drafts:
        _place(unit, draft)
    drafts = list(_measured(unit, drafts))
    for draft in drafts:
        _superseded(unit.flat, draft)
    for one, other in itertools.pairwise(drafts):
        if (one.role, other.role) == ("min", "max"):
            one.period, other.label = one.period or other.period, one.label
        elif _in_lost_columns(unit, one, other):
            one.label = other.label = ""
    return [_quantity(unit, draft) for draft in drafts]


_PROGRAM = re.compile(r"`[^`\n]+`")
"""A number between backticks belongs to a program: a port, a default, a field's length."""


def _quantity(unit: Unit, draft: _Draft) -> Quantity:
    return Quantity(
        start=unit.start + draft.start,
        end=unit.start + draft.end,
        text=unit.text[draft.start : draft.end],
        kind=draft.kind,
        value=draft.value,
        unit=draft.unit,
        period=draft.period,
        label=draft.label,
        role=draft.role,
    )


# ---------------------------------------------------------------- one token


def _draft(unit: Unit, match: re.Match[str], currency: str) -> _Draft | None:
    start, end = match.span()
    token = match.group()
    match match.lastgroup:
        case "date":
            return _Draft(start, end, "date", _year(token))
        case "euro":
            return _Draft(start, end, "price", _euro(token), "EUR")
        case "price" | "price_after":
            return _price(token, start, end, unit.flat[end : end + 5])
        case "percent":
            return _Draft(start, end, "percent", _number(token), "%")
        case "year":
            return _year_or_count(unit, token, start, end, currency)
        case "count":
            return _count(unit, token, start, end, currency)
        case "word":
            value = float(grammar.NUMBER_WORDS[token.lower()])
            return _Draft(start, end, "count", value, _unit_after(unit.flat, end))
    return None


def _year(token: str) -> float:
    found = re.search(grammar.YEAR, token)
    if found:
        return float(found.group())
    short = re.search(r"\d{2,4}", token)
    if short is None:
        return 0.0
    return float(short.group()) + (2000 if len(short.group()) == 2 else 0)


def _euro(token: str) -> float:
    digits = re.sub(r"[^\d,.]", "", token)
    return float(digits.replace(".", "").replace(",", "."))


def _number(token: str) -> float:
    """The value written in a token, its scale word applied."""
    found = grammar.NUMBER.search(token)
    if found is None:
        return 0.0
    value = float(found.group().replace(",", ""))
    scale = grammar.SCALE_TAIL.match(token[found.end() :].strip())
    return value * grammar.SCALES[scale.group(1).lower()] if scale else value


def _price(token: str, start: int, end: int, tail: str) -> _Draft:
    """ "$149 CAD": a code after the number says which dollars."""
    sign = grammar.CURRENCY_SIGN.search(token)
    name = _singular(sign.group()) if sign else ""
    value = _number(token) / (100 if name in grammar.HUNDREDTHS else 1)
    scaled = bool(re.search(grammar.SCALE, token, re.I))
    code = grammar.CODE_AFTER.match(tail) if "$" in token else None
    currency = code.group(1) if code else _iso(name)
    return _Draft(start, end, "price", round(value, 6), currency, scaled=scaled)


def _iso(sign: str) -> str:
    return "INR" if sign == "/-" else grammar.CURRENCIES.get(_singular(sign), "")


def _singular(sign: str) -> str:
    low = sign.lower().rstrip(".")
    return low if low in grammar.CURRENCIES else low.rstrip("s")


def _year_or_count(unit: Unit, token: str, start: int, end: int, currency: str) -> _Draft | None:
    """1998 in "since 1998" is a year; 2000 in "2000 trees" or below the title "Price" is not."""
    cued = grammar.YEAR_CUE.search(unit.flat[max(0, start - 24) : start])
    if cued or (grammar.YEAR_TAIL.match(unit.flat[end:]) and not _priced(unit, start)):
        return _Draft(start, end, "date", float(token), "year")
    named = grammar.YEAR_NAME.search(unit.flat[max(0, start - 24) : start])
    if named and not _unit_after(unit.flat, end).endswith("s"):
        return _Draft(start, end, "date", float(token), "year")
    return _count(unit, token, start, end, currency)


def _count(unit: Unit, token: str, start: int, end: int, currency: str) -> _Draft | None:
    if re.match(rf"(?!{grammar.BOUNDS})[A-Za-z]*-", _word_before(unit.flat, start), re.I):
        return None  # ap-south-1
    if _of_a_code_column(unit, start, end):
        return None
    value = _number(token)
    clock = grammar.CLOCK.match(unit.flat[end:])
    if clock and 1 <= value <= 12:
        return _Draft(start, end, "count", value, f"{clock.group(1).lower()}m")
    named = "" if _in_cell_alone(unit, start, end) else _unit_after(unit.flat, end)
    if not named and _code(token):
        return None
    scaled = not re.fullmatch(grammar.NUM, token)
    large = value >= LOWEST_BARE_PRICE or unit.kind == "row"
    if (
        not named
        and not _beside_money(unit, start)
        and (large or grammar.PERIOD.match(unit.flat[end:]))
        and _priced(unit, start)
    ):
        return _Draft(start, end, "price", value, currency, scaled=scaled)
    return _Draft(start, end, "count", value, named, scaled=scaled)


def _word_before(flat: str, start: int) -> str:
    """What is joined to a number from the left, hyphen included; empty when nothing is."""
    joined = _JOINED.search(flat[max(0, start - 24) : start])
    return joined.group() if joined else ""


_JOINED = re.compile(r"[A-Za-z]+-$")


def _of_a_code_column(unit: Unit, start: int, end: int) -> bool:
    """The answers of a server in their column ("HTTP", "Error code"), or numbers of rows ("#", "Step")."""
    column = _column(unit, start)
    if column is None or not unit.header:
        return False
    title = unit.header[column]
    numbered = column == 0 and _in_cell_alone(unit, start, end) and _ROW_NUMBERS.fullmatch(title)
    return bool(numbered or _CODES.match(title))


_CODES = re.compile(r"\W*(?:http|status|error|(?:http |status |error |exit )?code)s?\W*$", re.I)
_ROW_NUMBERS = re.compile(
    r"\W*(?:no|nr|num(?:ber)?|s(?:r|l)?\.? ?no|step|layer|level|rank|phase|stage|order|id|index|tier|priority"
    r"|line|port|lesson|module|part|section|chapter|week|day)?\W*",
    re.I,
)


def _beside_money(unit: Unit, start: int) -> bool:
    """The 10,000 of "2,000 calls for $29, 10,000 for $99" is what one gets, no price."""
    if _column(unit, start) is not None:
        return False
    return bool(_BOUGHT_FOR.match(unit.flat[start:]))


_BOUGHT_FOR = re.compile(r"[\d,.]+\s+(?:\w+\s+)?(?:for|at)\s+[₹$€£]")


def _code(token: str) -> bool:
    """Six digits and more without a comma are a PIN code or an article number, not a price."""
    return bool(re.match(r"\d{6,}$", token))


MOST_UNIT_WORDS = 4


def _unit_after(flat: str, end: int) -> str:
    """What is counted: the words up to the first plural one ("AWS" is none), else the first word alone."""
    found = grammar.UNIT.match(flat[end:])
    if found is None:
        return "x" if flat[end : end + 1] == "×" else ""
    written = found.group().lstrip("+ -").split()[:MOST_UNIT_WORDS]
    named = [word.lower() for word in written]
    if named[0] in ("live", "free") and any(word.endswith("s") for word in named[1:]):
        del named[0], written[0]  # "575 live endpoints", but "100 free monthly"
    if named[0] in words("not_units"):
        return ""
    if named[0] in words("measures"):
        return named[0]
    for n, word in enumerate(named, start=1):
        if word in words("not_units"):
            break
        if word.endswith("s") and not word.endswith("ss") and not written[n - 1].isupper():
            return " ".join(named[:n])
    return named[0]


def _measured(unit: Unit, drafts: Sequence[_Draft]) -> Iterator[_Draft]:
    """Without those that count nothing: a bare number in running text is most often a name ("retries on 503")
    and a quantity only where the words around it say so. Both ends of a range share the verdict.
    """
    kept = True
    for draft, after in itertools.zip_longest(drafts, drafts[1:]):
        if draft.role != "max":
            last = after if draft.role == "min" and after else draft
            kept = _says_enough(unit, draft, last)
        if kept:
            yield draft


def _says_enough(unit: Unit, draft: _Draft, last: _Draft) -> bool:
    if draft.kind != "count" or draft.unit or draft.scaled or last.scaled or unit.cells:
        return True
    before = unit.flat[max(0, draft.start - 24) : draft.start]
    return bool(
        "," in unit.flat[draft.start : draft.end]
        or grammar.MEASURED_BEFORE.search(before)
        or grammar.MEASURED_AFTER.match(unit.flat[last.end :])
    )


# ---------------------------------------------------------------- ranges


def _share_ranges(flat: str, drafts: list[_Draft]) -> None:
    """Both ends of "2 to 3 lakh" get the currency, the unit and the scale."""
    for low, high in itertools.pairwise(drafts):
        gap = flat[low.end : high.start]
        if not grammar.RANGE.fullmatch(gap) or low.value >= _end_value(low, high):
            continue
        if high.kind in ("price", "percent") and low.kind == "count":
            low.kind, low.unit = high.kind, high.unit
        if low.kind == "price" and high.kind == "count":
            high.kind, high.unit = "price", low.unit
        if low.kind != high.kind:
            continue
        if high.scaled and not low.scaled and low.value < 100:
            low.value *= _scale_of(flat[high.start : high.end])
        low.unit = low.unit or high.unit
        low.role, high.role = "min", "max"


def _end_value(low: _Draft, high: _Draft) -> float:
    return high.value if high.value != low.value else float("inf")


def _in_lost_columns(unit: Unit, one: _Draft, other: _Draft) -> bool:
    """ "Monthly price 499 999": the columns of a table are gone, and with them what each price is for."""
    both_prices = one.kind == other.kind == "price"
    return both_prices and not unit.cells and not unit.flat[one.end : other.start].strip()


def _scale_of(token: str) -> float:
    return _number(token) / _number(re.sub(grammar.SCALE, "", token, flags=re.I))


# ---------------------------------------------------------------- place: column, period, label


def _priced(unit: Unit, start: int) -> bool:
    """Whether a bare number standing here would be read as a price by a person."""
    column = _column(unit, start)
    if column is not None and unit.header:
        return bool(labels.PRICE_COLUMN.search(unit.header[column])) or (
            column > 0 and bool(labels.PRICE_ROW.search(unit.cells[0].text))
        )
    return any(PRICE_SECTION.search(heading) for heading in unit.headings[:2])


def _column(unit: Unit, start: int) -> int | None:
    at = unit.start + start
    return next((n for n, cell in enumerate(unit.cells) if cell.start <= at < cell.end), None)


def _in_cell_alone(unit: Unit, start: int, end: int) -> bool:
    """The number is the whole cell: the next cell's words are not its unit."""
    column = _column(unit, start)
    return column is not None and unit.cells[column].end == unit.start + end


def _place(unit: Unit, draft: _Draft) -> None:
    """Fill period, unit and label from the words after, the column title and the words before."""
    column = _column(unit, draft.start)
    title = unit.header[column] if column is not None and unit.header else ""
    if draft.kind == "price":
        draft.period = _period(unit.flat[draft.end :]) or _period_of_title(title)
        if not draft.period and column and _PER_ROW.search(unit.cells[0].text):
            draft.period = _period_of_title(unit.cells[0].text)
    elif draft.kind == "count" and not draft.unit and title:
        draft.unit = tidy(title).lower()
    if column is not None and len(unit.cells) > 1:
        draft.label = labels.of_row(unit, column, title, draft.start)
    elif draft.kind == "price":
        draft.label = labels.of_price(unit, draft.start, draft.end)


_PER_ROW = re.compile(r"\bper\b|/|(?:month|year|annual|week|quarter|hour|dai)ly\b|\bannual\b", re.I)
"""A first cell that says per what its row's prices are: "Monthly price"; "Session pass" does not."""


def _period(tail: str) -> str:
    tail = _CLOSED.sub("", tail)
    code = grammar.CODE_AFTER.match(tail)
    found = grammar.PERIOD.match(tail[code.end() :] if code else tail)
    if found is None:
        return ""
    words = (
        grammar.PERIOD_NAMES.get(word.lower(), word.lower()) for word in found.groups() if word
    )
    return "/".join(dict.fromkeys(words))


_CLOSED = re.compile(r"^\)(?=\s(?:per|an?|each|every)\b|\s?/)")
"""0.001 SOL (~$0.07) per call."""


def _period_of_title(title: str) -> str:
    """`Per truck / month`, `Monthly`, `Yearly price` as column titles."""
    named = [grammar.PERIOD_NAMES.get(word, word) for word in re.findall(r"[a-z]+", title.lower())]
    return "/".join(dict.fromkeys(word for word in named if word in words("periods")))


def _superseded(flat: str, draft: _Draft) -> None:
    """ "From 9 days to 11 hours": nine days are history; "from ₹499" is where prices begin."""
    if draft.role:
        return
    before = flat[max(0, draft.start - 24) : draft.start]
    if grammar.BEFORE_CUE.search(before):
        draft.role = "before"
    elif grammar.FROM.search(before):
        if grammar.CHANGE.match(flat[draft.end :]):
            draft.role = "before"
        elif draft.kind == "price":
            draft.role = "min"
