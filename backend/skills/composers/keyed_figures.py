"""Figures told of one key in two documents that share no value of it.

A row of a table is told by its first cell and the title of the column, "Free tier: 10 calls" by what stands
before the colon, "250 tools in one place", "| Tools | 250 |" and "## Tools (250)" by what is counted. Such a
key counts where each of the two documents gives it one figure; of totals, the largest if it is told twice,
for the others are its parts.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from backend.domain.facts import Fact, Quantity
from backend.skills.composers import attributes
from backend.skills.composers.columns import Columns
from backend.skills.composers.figure_frames import Told, differ, is_row, same_frame, unit_of
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import words
from backend.skills.composers.text import tidy

MOST_OF_A_KEY = 6
"""Statements of one key in a document; further ones only repeat."""
MOST_TOTALS = 2
"""Totals a document may give of one thing (it may be out of date itself), where both say it twice; more
are no totals."""
MOST_BEFORE = 6
"""Words before a total: "Ruff supports over 700 rules"."""
SPELLED = 10
"""Up to this number in words a count is of those just named: "all four tools"."""

Key = tuple[Any, ...]


def apart(
    facts: Sequence[Fact], columns: Columns
) -> Iterator[tuple[Fact, Quantity, Fact, Quantity]]:
    """Pairs of figures of one key, of two documents that share no value of it."""
    found: dict[Key, dict[Any, list[Told]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        for key, figure in _keys(fact, columns):
            found[key][fact.evidence_id].append((fact, figure))
    for key, told in found.items():
        if len(told) < 2:
            continue
        if key[0] == "has":
            yield from _of_one_name(list(told.values()))
            continue
        groups = totals(list(told.values())) if key[0] == "total" else _single(told.values())
        for group, others in itertools.combinations(groups, 2):
            rows = all(is_row(fact) for fact, _ in (*group, *others))
            if min(_values(group), _values(others)) == 1 and not (rows and key[0] == "label"):
                yield from _pairs(group[:MOST_OF_A_KEY], others[:MOST_OF_A_KEY])


def _of_one_name(groups: Sequence[list[Told]]) -> Iterator[tuple[Fact, Quantity, Fact, Quantity]]:
    """ "Includes 8 fully free models" and "includes 7 free models", where neither document has others so named."""
    for group, others in itertools.combinations(groups, 2):
        named = [(a, b) for a, b in itertools.product(group, others) if _nested(a, b)]
        sides = [list({id(told): told for told in side}.values()) for side in zip(*named, strict=True)]
        if sides and len(sides[0]) <= MOST_OF_A_KEY and all(_values(side) == 1 for side in sides):
            yield from _pairs(*sides)


def _nested(one: Told, other: Told) -> bool:
    """Whether the words before one noun are among those before the other; some at least."""
    fewer, more = sorted((_named(*one), _named(*other)), key=len)
    return bool(fewer) and fewer <= more


def _named(fact: Fact, figure: Quantity) -> frozenset[str]:
    free = _FREE.match(flatten(fact.quote), figure.end - fact.start)  # is no part of the unit
    named = frozenset(re.split(r"[\s-]", figure.unit)[:-1]) - attributes.listed("all_of_them")
    return named | {"free"} if free else named


_FREE = re.compile(r"\s+free\b", re.I)


def _pairs(
    group: Sequence[Told], others: Sequence[Told]
) -> Iterator[tuple[Fact, Quantity, Fact, Quantity]]:
    pairs = [(*one, *other) for one, other in itertools.product(group, others)]
    if all(differ(*pair) for pair in pairs):
        yield from (pair for pair in pairs if same_frame(*pair))


def _values(group: Sequence[Told]) -> int:
    return len({figure.value for _, figure in group})


def _single(groups: Any) -> list[list[Told]]:
    return [group for group in groups if _values(group) == 1]


def totals(groups: Sequence[list[Told]]) -> list[list[Told]]:
    """Of each document what it says there is in all; nothing of one that only gives parts."""
    repeated = min(map(len, groups)) > 1
    kept = []
    for n, group in enumerate(groups):
        counts = Counter(figure.value for _, figure in group)
        most = max(counts)
        elsewhere = {f.value for m, other in enumerate(groups) if m != n for _, f in other}
        if len(counts) <= (MOST_TOTALS if repeated else 1):
            kept.append(group)
        elif counts[most] > 1 and most not in elsewhere:
            kept.append([told for told in group if told[1].value == most])
    return kept


# ---------------------------------------------------------------- the keys of a statement


def _keys(fact: Fact, columns: Columns) -> Iterator[tuple[Key, Quantity]]:
    flat = flatten(fact.quote)
    roles = [quantity.role for quantity in fact.quantities]
    ranged = "min" in roles and "max" in roles  # ranges that overlap are no contradiction
    passed_over = {"before", "min", "max"} if ranged else {"before"}
    plain = [q for q in fact.quantities if q.kind != "date" and q.role not in passed_over]
    alone = [q for q in plain if sum((p.kind, p.unit) == (q.kind, q.unit) for p in plain) == 1]
    if is_row(fact):
        yield from _of_row(fact, flat, plain, alone)
        yield from _below_title(fact, flat, plain, columns)
        return
    label = _LABEL.match(flat)
    for figure in alone:
        at = figure.start - fact.start
        if label and at >= label.end() and figure is plain[0] and figure.kind != "price":
            yield _labelled(label.group(), figure), figure
        elif (of_cell := _OF_CELL.search(flat, 0, at)) and figure.kind != "price":
            yield _labelled(of_cell["label"], figure), figure
        yield from ((key, figure) for key in _of_noun(noun_before(fact, figure)))
        if _total(flat, figure, at):
            yield from ((key, figure) for key in _counted(figure.unit))
            if _HAS.search(_CLAUSE_END.split(flat[:at])[-1]) and _named(fact, figure):
                yield ("has", attributes.same_thing(figure.unit.split()[-1])), figure


def _below_title(
    fact: Fact, flat: str, plain: Sequence[Quantity], columns: Columns
) -> Iterator[tuple[Key, Quantity]]:
    """Of a row by the title of the column, wherever that stands."""
    for figure in plain:
        title = columns.title(fact, flat.count("|", 0, figure.start - fact.start))
        if figure.label and title:
            row = (" ".join(tidy(words).lower().split()) for words in (figure.label, title))
            place = _in_cell(flat, fact, figure, plain)
            yield ("titled", *row, unit_of(figure), figure.period, *place), figure


def _of_row(
    fact: Fact, flat: str, plain: Sequence[Quantity], alone: Sequence[Quantity]
) -> Iterator[tuple[Key, Quantity]]:
    told = tuple(
        cell for cell in map(str.strip, flat.lower().split("|")) if not _DIGIT.search(cell)
    )
    for figure in plain:
        column = re.split(r"[|\t]", flat[: figure.start - fact.start])
        if len(column) == 1 and _TITLE.fullmatch(flat.split("|")[0]):
            yield from ((key, figure) for key in _counted_in_title(flat, fact, figure))
        if not figure.label or not figure.unit:
            continue
        row = " ".join(tidy(figure.label).lower().split())
        measure = (unit_of(figure), figure.period)
        place = (*measure, len(column), *_in_cell(flat, fact, figure, plain))
        yield ("row", row, *place), figure
        yield ("row", fact.section, row, *place), figure
        if len(told) > 1:
            yield ("row", told, *place), figure
        if figure in alone:
            yield ("row", row, *measure, "of", flat.count("|")), figure
            yield ("row", fact.section, row, *measure), figure
            if len(plain) == 1 and "`" not in fact.quote.split("|")[0]:
                yield ("row", row, *measure, "only"), figure
            if figure.kind != "price" and "`" not in fact.quote.split("|")[0]:
                yield _labelled(row, figure), figure
        cell = re.split(r"[|\t]", flat)[len(column) - 1].strip(" *_~+")
        if len(figure.unit.split()) > 1 and _stated(flat, fact, figure):
            yield ("total", figure.unit), figure
        if figure.kind == "count" and cell == figure.text.strip(" +"):
            if not _titled(figure.unit):
                yield ("cell", row, fact.section, len(column), flat.count("|")), figure
            if len(plain) == 1:
                yield from ((key, figure) for key in _of_noun(row))


def _stated(flat: str, fact: Fact, figure: Quantity) -> bool:
    """Whether a cell says itself what is counted: "100 data models, 182 methods"."""
    end = figure.end - fact.start
    said = " ".join(re.split(r"[|\t]", flat[end:])[0].lower().split())
    return said.startswith(figure.unit) and _total(
        flat[: end + len(said)], figure, figure.start - fact.start
    )


def _in_cell(flat: str, fact: Fact, figure: Quantity, plain: Sequence[Quantity]) -> tuple[int, int]:
    """Which of the like figures of its cell it is, and of how many: "$3 / $15"."""
    at = figure.start - fact.start
    start = max(flat.rfind("|", 0, at), flat.rfind("\t", 0, at))
    end = next((n for n in range(at, len(flat)) if flat[n] in "|\t"), len(flat))
    like = [q.start for q in plain if (q.kind, q.unit) == (figure.kind, figure.unit)]
    inside = [place for place in like if start < place - fact.start < end]
    return inside.index(figure.start), len(inside)


def _counted_in_title(flat: str, fact: Fact, figure: Quantity) -> Iterator[Key]:
    """ "| 29 tools | one intent each |": the row tells of all of them."""
    if _total(flat.split("|")[0], figure, figure.start - fact.start):
        yield from _counted(figure.unit)


_TITLE = re.compile(r"\W*\d[\d,]*\+?(?:\s[A-Za-z][\w-]*){1,4}\W*")


def _labelled(label: str, figure: Quantity) -> Key:
    named = frozenset(_stem(word) for word in _WORD.findall(label)) - _SORTS
    unit = "" if figure.unit in NO_UNIT else unit_of(figure)
    return ("label", named, figure.kind, unit, figure.period)


NO_UNIT = frozenset(
    {"value", "values", "count", "number", "figure", "figures", "detail", "details", "metric", "total"}
)
"""Titles of columns that say nothing of what stands below."""


def _counted(unit: str) -> Iterator[Key]:
    *more, noun = unit.split()
    yield "total", " ".join([*more, attributes.same_thing(noun)])
    if attributes.listed("all_of_them").issuperset(more):
        yield "total", attributes.same_thing(noun)


def noun_before(fact: Fact, figure: Quantity) -> str:
    """The "available tools" of "Available tools (12)"; empty where the figure is not in such brackets."""
    found = _BRACKETED.match(flatten(fact.quote))
    return found["noun"] if found and found.start("figure") == figure.start - fact.start else ""


def _of_noun(words_before: str) -> Iterator[Key]:
    """ "Available tools (12)" are all; "Search tools (4)" are those for searching."""
    named = [word.lower() for word in re.findall(r"[A-Za-z][\w-]*", words_before)]
    named = [word for word in named if word not in _EVERY]
    if 0 < len(named) <= MOST_NAMED and _plural(named[-1]):
        yield "total", " ".join([*named[:-1], attributes.same_thing(named[-1])])


MOST_NAMED = 3
_EVERY = frozenset(
    ["all", "available", "the", "our", "supported", "included", "total", "number", "of", "mcp"]
)
_DIGIT = re.compile(r"\d")
_SORTS = frozenset({"tier", "plan", "the", "our"})
_OF_CELL = re.compile(r"\s{2,}(?P<label>[A-Z][\w' /&-]{2,40}?):\s+$")
_LABEL = re.compile(r"\W*[A-Z][\w' /&-]{2,40}?(?::| -)\s")
_BRACKETED = re.compile(r"\W*(?P<noun>[A-Za-z][\w -]{2,40}?)\s?\((?P<figure>\d[\d,]*)\+?\)")
_WORD = re.compile(r"[^\W\d_][\w'-]+")


def _stem(word: str) -> str:
    return word.lower().rstrip("s")


def _titled(unit: str) -> bool:
    """A column of one year, plan or period is another column than that of another."""
    return bool(attributes.qualifiers_of(unit, frozenset())) or bool(re.search(r"\d", unit))


# ---------------------------------------------------------------- totals


def is_total(fact: Fact, figure: Quantity) -> bool:
    """Whether a statement that is no row says how many of something there are in all."""
    return _total(flatten(fact.quote), figure, figure.start - fact.start)


def _total(flat: str, figure: Quantity, at: int) -> bool:
    """ "250 tools across 15 categories", "Over 700 rules": how many there are in all."""
    end = next((found.start() for found in _CLAUSE_END.finditer(flat, at)), len(flat))
    shared = _SHARE.search(f"{flat[:at]} {_OF_A_PLAN.sub('', flat[at:end])}")
    if figure.kind != "count" or figure.role or figure.value < 2 or shared:
        return False
    named = figure.unit.split()
    before = _CLAUSE_END.split(flat[:at])[-1]
    if flat[:at].rstrip().endswith("(") and not _LIST.match(flat, at):
        return False  # "Search (6 tools)" has them for searching
    if flat[:at].endswith("/"):
        return False  # "12/12 checks" tells how far it has come
    few = figure.text.isalpha() and figure.value <= SPELLED
    begins = len(named) > 1 and figure.value > FEW and not _WORD.search(before)
    if (few and not begins and not _HAS.search(before)) or _of_some(flat[:end]):
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


_HAS = re.compile(
    r"\b(?:provides?|offers?|includes?|has|have|exposes?|(?:ships?|comes?) with|supports?|gives? you"
    r"|contains?|features?|consists? of|made up of)\s*$",
    re.I,
)
_PLANNED = frozenset({"target", "goal", "aim", "want", "planned", "expected", "new"})
_REGION = re.compile(r"\b(?:region|district|zone|division|branch|state of)\b", re.I)
_CLAUSE_END = re.compile(r"(?<!\d)[,;:]\s|[()]|\s-\s|[.!?]\s")
_SHARE = re.compile(
    r"[₹$€£]|\b(?:free|per|each|every|up to|at most|max\w*|minimum|first|last|top|next|only|another|within"
    r"|one of|plan|a (?:day|month|week|year)|(?<!open )daily|monthly|step|page|chapter|example|other)\b"
    r"|/\s?(?:day|month|mo|min|hour|year)",
    re.I,
)
_OF_A_PLAN = re.compile(r"(?<=[\w+] )free (?=tier\b|plan\b)", re.I)
""" "Five free tier tools" are all that this plan has."""
_MEASURES = words("measures") | words("spans")
