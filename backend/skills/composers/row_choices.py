"""What a row of a table, or a label with a value, says of the thing it names.

A cell chooses (yes or no), a short cell is a value where the rest of the row is the same, and a thing has one
name below the title of a column: of two documents that tell it otherwise one is out of date.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from backend.domain.facts import Fact
from backend.skills.composers import attributes
from backend.skills.composers.choices import (
    EDGES,
    FEWEST_WORDS,
    MOST_CELL_WORDS,
    Choice,
    Key,
    bare,
    cells_of,
    choice_of,
    label_of,
    thing,
)
from backend.skills.composers.columns import Columns
from backend.skills.composers.figure_frames import is_row
from backend.skills.composers.layout import flatten

LONGEST_ROW, MOST_CELLS = 400, 12


def states(flat: str, cells: Sequence[object]) -> bool:
    """Whether a row may choose, cheaply."""
    return 2 <= len(cells) <= MOST_CELLS and len(flat) <= LONGEST_ROW


def contradictions(facts: Sequence[Fact], columns: Columns) -> Iterator[tuple[Choice, Choice]]:
    """Of rows and labels, where each of two documents chooses one thing for a key."""
    rows = _of_rows([fact for fact in facts if is_row(fact)], columns)
    labels = (found for fact in facts if not is_row(fact) for found in _of_label(fact))
    yield from _in_rows(itertools.chain(rows, labels))


def _of_rows(facts: Sequence[Fact], columns: Columns) -> Iterator[tuple[Key, Choice]]:
    """Of all rows; where a section has several of one label, they are goods of a list, each as it is."""
    names = [(fact.evidence_id, fact.section, label_of(cells_of(fact))) for fact in facts]
    often = Counter(names)
    for fact, name in zip(facts, names, strict=True):
        single = often[name] == 1
        for key, choice in _of_row(fact, columns.titles(fact)):
            if single or key[0] != "row":
                yield key, choice


def _of_row(fact: Fact, titles: Sequence[str]) -> Iterator[tuple[Key, Choice]]:
    """Each cell by its place, beside the first one; then each value beside all that is left of the row, and
    what has one name below its title.
    """
    cells, plain = [cell.strip() for cell in fact.quote.split("|")], cells_of(fact)
    label = label_of(plain)
    if not label or not 2 <= len(cells) <= MOST_CELLS:
        return
    first = plain.index(label)
    name, section = thing(cells[first]), fact.section.lower()
    told = tuple(cell for cell in plain if not choice_of(cell))
    for at, cell in enumerate(plain):
        known = choice_of(cell)
        if known:
            group, chosen = known
            choice = Choice(fact, name, cells[at], chosen, at)
            yield ("cell", section, label, len(cells), at, group), choice
            yield ("cell", told, len(cells), at, group), choice
        else:
            choice = Choice(fact, name, cells[at], cell, at)
        title = titles[at].lower() if at < len(titles) else ""
        if at != first and _is_one_of_its_title(cells[at], cell, title):
            yield ("titled", label, title), choice
        if at != first and not known and _is_value(cell):
            rest = tuple(plain[:at] + plain[at + 1 :])
            if len(rest) > 1:
                yield ("row", section, rest, at), choice
            if len(" ".join(rest).split()) >= FEWEST_WORDS:
                yield ("row", rest, at), choice


def _is_value(cell: str) -> bool:
    """A name or a short word; no figure (those have rules of their own), no address, no version, no list."""
    spoken = 0 < len(cell.split()) <= MOST_CELL_WORDS and bool(re.search(r"[a-z]{3}", cell))
    return spoken and not _NO_VALUE.search(cell)


def _is_one_of_its_title(written: str, cell: str, title: str) -> bool:
    """ "small" below "Default", "vendor/model-2" below any title; words below "Notes" describe."""
    if not title or _NAMES_MANY.search(title):
        return False
    named = attributes.listed("titles_of_values") & set(re.findall(r"[a-z]+", title))
    figure = re.fullmatch(r"[\W\d]*", cell) and not choice_of(cell) and "`" not in written
    short = 0 < len(cell.split()) <= MOST_CELL_WORDS and not figure
    return bool(_ONE_NAME.fullmatch(cell)) or bool(named and short)


_ONE_NAME = re.compile(r"(?!\S*\.[a-z]{2,4}$)(?=.*[\d/-])[a-z][\w.]*(?:[-/][\w.]+)+")
_NAMES_MANY = re.compile(
    r"\b(?:examples?|commands?|usage|files?|paths?|links?|urls?|types?|versions?|endpoints?|since)\b"
)
_NO_VALUE = re.compile(
    r"https?:|www\.|\]\(|\d+\.\d+\.\d+|\b(?:19|20)\d\d\b|[,;/&+]|\band\b|\bor\b|\.\.\.|…"
)


def labelled(flat: str) -> re.Match[str] | None:
    """ "Default model: small": a label and a short value, which is all of the statement."""
    found = _LABELLED.fullmatch(flat.rstrip(" .*_"))
    value = found and " ".join(found["value"].lower().split())
    return found if value and _is_value(value) and not re.search(r"\d", flat) else None


_LABELLED = re.compile(
    r"[\W_]*(?P<label>[A-Z][\w' /-]{2,30}?)[*_ ]*:[*_ ]*(?P<value>[^\s:].{1,40})", re.S
)


def _of_label(fact: Fact) -> Iterator[tuple[Key, Choice]]:
    found = labelled(flatten(fact.quote))
    if found and not _NAMES_NOTHING.search(found["label"]):
        label = " ".join(found["label"].split())
        text = fact.quote[found.start("value") : found.end("value")].strip(EDGES)
        yield (
            ("label", label.lower()),
            Choice(fact, label, text, bare(found["value"]).strip(EDGES)),
        )


_NAMES_NOTHING = re.compile(
    r"\b(?:note|example|input|output|returns?|usage|tip|warning|important|version|step|see|or|use|run|then|type)\b",
    re.I,
)


def _in_rows(rows: Iterable[tuple[Key, Choice]]) -> Iterator[tuple[Choice, Choice]]:
    """Rows and labels: where each of two documents chooses one thing for a key."""
    keyed: dict[Key, dict[object, list[Choice]]] = defaultdict(lambda: defaultdict(list))
    for key, choice in rows:
        keyed[key][choice.fact.evidence_id].append(choice)
    for key, told in keyed.items():
        single = [said for said in told.values() if len({one.chosen for one in said}) == 1]
        for (one, *_), (other, *_) in itertools.pairwise(single):
            if one.chosen != other.chosen and (
                key[0] == "cell" or not _alike(one.chosen, other.chosen)
            ):
                yield one, other


def _alike(one: str, other: str) -> bool:
    """ "Payment history" and "history" are one value, and so are "60" and "60.0"; sums of money are compared
    elsewhere.
    """
    if {one, other} <= _NOTHING or (_MONEY.search(one) and _MONEY.search(other)):
        return True
    if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        return float(one) == float(other)
    fewer, more = sorted((set(one.split()), set(other.split())), key=len)
    return fewer <= more


_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MONEY = re.compile(r"[₹$€£]\s?\d|\brs\.?\s?\d")
_NOTHING = frozenset({"", "-", "no", "none", "empty", "n/a", "null", "unset", "not set"})
