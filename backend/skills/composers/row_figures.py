"""Keys of the figures of a row: its label, the title of the column, what a cell says that it counts."""

import re
from collections.abc import Iterator, Sequence

from backend.domain.facts import Fact, Quantity
from backend.skills.composers import attributes
from backend.skills.composers.columns import Columns
from backend.skills.composers.figure_frames import unit_of
from backend.skills.composers.figure_keys import Key, counted, labelled, of_noun, part_before, total
from backend.skills.composers.layout import flatten
from backend.skills.composers.text import tidy


def keys(
    fact: Fact, plain: Sequence[Quantity], alone: Sequence[Quantity], columns: Columns
) -> Iterator[tuple[Key, Quantity]]:
    """`plain`: the figures to compare; `alone`: those of them that are the only ones of their unit."""
    flat = flatten(fact.quote)
    bare = tuple(
        cell for cell in map(str.strip, flat.lower().split("|")) if not _DIGIT.search(cell)
    )
    for figure in plain:
        yield from ((key, figure) for key in _of_first_cell(flat, fact, figure))
        if figure.label and figure.unit:
            place = _in_cell(flat, fact, figure, plain)
            single = figure in alone, len(plain) == 1
            named = _named(flat, fact, figure, bare, place, single)
            yield from ((key, figure) for key in (*named, *_in_all(flat, fact, figure, single)))
        title = columns.title(fact, flat.count("|", 0, figure.start - fact.start))
        if figure.label and title:
            below = _small(figure.label), _small(title), unit_of(figure), figure.period
            yield ("titled", *below, *_in_cell(flat, fact, figure, plain)), figure


def _small(words: str) -> str:
    return " ".join(tidy(words).lower().split())


def _column(flat: str, fact: Fact, figure: Quantity) -> int:
    return len(re.split(r"[|\t]", flat[: figure.start - fact.start]))


def _of_first_cell(flat: str, fact: Fact, figure: Quantity) -> Iterator[Key]:
    """ "| Search: 9 |" and "| 29 tools | one intent each |": the row tells of all of them."""
    first = flat.split("|")[0]
    if _column(flat, fact, figure) > 1:
        return
    if part := part_before(fact, figure):
        yield "of row", part.lower()
    if _TITLE.fullmatch(first) and total(first, figure, figure.start - fact.start):
        yield from counted(figure.unit)


def _named(
    flat: str,
    fact: Fact,
    figure: Quantity,
    bare: tuple[str, ...],
    within: tuple[int, int],
    single: tuple[bool, bool],
) -> Iterator[Key]:
    """By the label of the row: in its column, in its section, beside the same words, or alone."""
    row, measure = _small(figure.label), (unit_of(figure), figure.period)
    place = (*measure, _column(flat, fact, figure), *within)
    of_unit, of_all = single
    yield "row", row, *place
    yield "row", fact.section, row, *place
    if len(bare) > 1:
        yield "row", bare, *place
    if of_unit:
        yield "row", row, *measure, "of", flat.count("|")
        yield "row", fact.section, row, *measure
        if "`" not in fact.quote.split("|")[0]:
            if of_all:
                yield "row", row, *measure, "only"
            if figure.kind != "price":
                yield labelled(row, figure)


def _in_all(flat: str, fact: Fact, figure: Quantity, single: tuple[bool, bool]) -> Iterator[Key]:
    """What a cell says that it counts, or the label where the cell is a number alone."""
    column = _column(flat, fact, figure)
    cell = re.split(r"[|\t]", flat)[column - 1].strip(" *_~+")
    if len(figure.unit.split()) > 1 and _stated(flat, fact, figure):
        yield "total", figure.unit
    if figure.kind == "count" and cell == figure.text.strip(" +"):
        if not _of_a_case(figure.unit):
            yield "cell", _small(figure.label), fact.section, column, flat.count("|")
        if single[1]:
            yield from of_noun(_small(figure.label))


def _stated(flat: str, fact: Fact, figure: Quantity) -> bool:
    """Whether a part of a cell begins with a figure and what it counts: "100 models · 182 methods"."""
    end = figure.end - fact.start
    if re.split(r"[|\t·,;(]", flat[: figure.start - fact.start])[-1].strip(" ~≈*_+"):
        return False
    said = " ".join(re.split(r"[|\t]", flat[end:])[0].lower().split())
    return said.startswith(figure.unit) and total(
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


def _of_a_case(unit: str) -> bool:
    """A column of one year, plan or period is another column than that of another."""
    return bool(attributes.qualifiers_of(unit, frozenset())) or bool(re.search(r"\d", unit))


_DIGIT = re.compile(r"\d")
_TITLE = re.compile(r"\W*\d[\d,]*\+?(?:\s[A-Za-z][\w-]*){1,4}\W*")
