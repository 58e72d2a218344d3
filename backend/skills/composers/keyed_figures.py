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
from backend.skills.composers import attributes, row_figures
from backend.skills.composers.columns import Columns
from backend.skills.composers.figure_frames import Told, differ, is_row, same_frame
from backend.skills.composers.figure_keys import (
    CLAUSE_END,
    HAS,
    HAVING,
    Key,
    counted,
    labelled,
    noun_before,
    of_noun,
    part_before,
    total,
)
from backend.skills.composers.layout import flatten

MOST_OF_A_KEY = 6
"""Statements of one key in a document; further ones only repeat."""
MOST_TOTALS = 2
"""Totals a document may give of one thing (it may be out of date itself), where both say it twice; more
are no totals."""


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
    """ "Includes 8 fully free models" and "includes 7 free models", where neither has others so named."""
    for group, others in itertools.combinations(groups, 2):
        named = [(a, b) for a, b in itertools.product(group, others) if _nested(a, b)]
        sides = [
            list({id(told): told for told in side}.values()) for side in zip(*named, strict=True)
        ]
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
        yield from row_figures.keys(fact, plain, alone, columns)
        return
    label = _LABEL.match(flat)
    for figure in alone:
        at = figure.start - fact.start
        if label and at >= label.end() and figure is plain[0] and figure.kind != "price":
            yield labelled(label.group(), figure), figure
        elif (of_cell := _OF_CELL.search(flat, 0, at)) and figure.kind != "price":
            yield labelled(of_cell["label"], figure), figure
        if figure.kind == "percent" and (share := _SHARED.match(flat, figure.end - fact.start)):
            yield ("share", " ".join(share["of"].lower().split())), figure
        yield from ((key, figure) for key in of_noun(noun_before(fact, figure)))
        if part := part_before(fact, figure):
            yield labelled(part, figure), figure
        if total(flat, figure, at):
            yield from ((key, figure) for key in counted(figure.unit))
            before = CLAUSE_END.split(flat[:at])[-1]
            noun = attributes.same_thing(figure.unit.split()[-1])
            if HAVING.search(before) and _named(fact, figure):
                yield ("has", noun), figure
            if before == flat[:at] and HAS.search(before):
                yield ("first", *before.lower().split(), noun, *_next(flat, fact, figure)), figure


def _next(flat: str, fact: Fact, figure: Quantity) -> list[str]:
    """The word after what is counted: "194 tools across"."""
    rest = flat[figure.end - fact.start :].lower().strip(" +")
    return rest.removeprefix(figure.unit).split()[:1]


_SHARED = re.compile(
    r"\s*(?!(?:more|less|faster|slower|lower|higher|fewer|cheaper|off|discount|increase|growth)\b)"
    r"(?P<of>(?:[a-z][\w-]*\s){1,2}[a-z][\w-]*)(?=\s(?:for|of|in|on|with|by|across|and)\b|\s*[.,;:()|]|\s*$)"
)
""" "55% code coverage" """
_OF_CELL = re.compile(r"\s{2,}(?P<label>[A-Z][\w' /&-]{2,40}?):\s+$")
_LABEL = re.compile(r"\W*[A-Z][\w' /&-]{2,40}?(?::| -)\s")
