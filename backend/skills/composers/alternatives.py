"""Words of which only one can hold: yes or no, required or optional, beta or stable (`one_of` in the data).

Two documents contradict one another where they choose otherwise in the same cell of the same row, or in
sentences that are the same but for that word. A row that is the same but for one short cell says something
else of the thing it names, whatever the words.
"""

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend.core import data_files
from backend.domain.facts import Fact
from backend.skills.composers.figure_frames import is_row, same_times
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import DATA

FEWEST_WORDS = 4
"""Of a sentence besides the word that is compared."""
LONGEST, LONGEST_ROW = 200, 400
MOST_CELLS = 12
MOST_CELL_WORDS = 4
"""Of a cell that is a value; a longer one describes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`text` stands in the fact's quote as it is; `thing` is what it is about, for the question."""

    fact: Fact
    thing: str
    text: str
    chosen: str


@functools.lru_cache(maxsize=1)
def _groups() -> dict[str, tuple[str, str]]:
    """By word: the group it is of, and the name under which it stands there."""
    groups: dict[str, dict[str, str]] = data_files.read(DATA / "attributes.yaml")["one_of"]
    return {
        word.strip(): (group, chosen)
        for group, members in groups.items()
        for chosen, written in members.items()
        for word in written.split(",")
    }


@functools.lru_cache(maxsize=1)
def _said() -> re.Pattern[str]:
    spoken = sorted((word for word in _groups() if word.isascii()), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, spoken))})(?![\w-])", re.I)


def states(flat: str, cells: Sequence[object] = ()) -> bool:
    """Whether a sentence or a row may choose, cheaply."""
    if cells:
        return 2 <= len(cells) <= MOST_CELLS and len(flat) <= LONGEST_ROW
    return len(flat) <= LONGEST and bool(_said().search(flat))


# ---------------------------------------------------------------- reading


def _of_row(fact: Fact) -> Iterator[tuple[Hashable, Choice]]:
    """Each cell by its place, beside the first one; then each value beside all that is left of the row."""
    cells = [cell.strip() for cell in fact.quote.split("|")]
    plain = [_bare(cell) for cell in cells]
    first = next((n for n, cell in enumerate(plain) if re.search(r"[a-z]{2}", cell)), None)
    if first is None or not 2 <= len(cells) <= MOST_CELLS:
        return
    label, thing, section = plain[first], _thing(cells[first]), fact.section.lower()
    told = tuple(cell for cell in plain if not _choice(cell))
    for at, cell in enumerate(plain):
        known = _choice(cell)
        if known:
            group, chosen = known
            choice = Choice(fact, thing, cells[at], chosen)
            yield ("cell", section, label, len(cells), at, group), choice
            yield ("cell", told, len(cells), at, group), choice
        elif at != first and _is_value(cell):
            rest = tuple(plain[:at] + plain[at + 1 :])
            choice = Choice(fact, thing, cells[at], cell)
            if len(rest) > 1:
                yield ("row", section, rest, at), choice
            if len(" ".join(rest).split()) >= FEWEST_WORDS:
                yield ("row", rest, at), choice


def _bare(cell: str) -> str:
    return " ".join(re.sub(r"[*_`'\"]", " ", flatten(cell)).lower().split())


def _thing(cell: str) -> str:
    return " ".join(flatten(cell).strip(" *_`'").split())


def _choice(cell: str) -> tuple[str, str] | None:
    """What a cell chooses: "✅", "yes", "❌ not yet"; a longer text chooses by its first mark alone."""
    found = _groups().get(cell)
    if found is None and cell[:1] and not cell[:1].isascii():
        found = _groups().get(cell[:1])
    return found


def _is_value(cell: str) -> bool:
    """A name or a short word; no figure (those have rules of their own), no address, no version, no list."""
    spoken = 0 < len(cell.split()) <= MOST_CELL_WORDS and bool(re.search(r"[a-z]{3}", cell))
    return spoken and not _NO_VALUE.search(cell)


_NO_VALUE = re.compile(
    r"https?:|www\.|\]\(|\d+\.\d+\.\d+|\b(?:19|20)\d\d\b|[,;/&+]|\band\b|\bor\b|\.\.\.|…"
)


def _of_sentence(fact: Fact) -> Iterator[tuple[Hashable, Choice]]:
    flat = flatten(fact.quote)
    if len(flat) > LONGEST or _DOUBT.search(flat):
        return
    for found in _said().finditer(flat):
        group, chosen = _groups()[found.group().lower()]
        rest = f"{flat[: found.start()]} {flat[found.end() :]}".lower()
        words = tuple(sorted(re.findall(r"[^\W_]+", rest)))
        if len(words) >= FEWEST_WORDS:
            text = fact.quote[found.start() : found.end()]
            yield ("said", group, words), Choice(fact, _around(flat, found), text, chosen)


_DOUBT = re.compile(
    r"\b(?:if|unless|except|would|could|might|example|instead of|rather than)\b|\?", re.I
)


def _around(flat: str, found: re.Match[str]) -> str:
    shown = " ".join(f"{flat[: found.start()]}…{flat[found.end() :]}".split()).strip(" .*_")
    return f"“{shown}”" if len(shown) <= LONGEST_SHOWN else f"“{shown[:LONGEST_SHOWN]} …”"


LONGEST_SHOWN = 70


# ---------------------------------------------------------------- comparing


def contradictions(facts: Iterable[Fact]) -> Iterator[tuple[Choice, Choice]]:
    """Of each key what two documents choose otherwise, where each of them chooses one thing."""
    keyed: dict[Hashable, dict[object, list[Choice]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        for key, choice in _of_row(fact) if is_row(fact) else _of_sentence(fact):
            keyed[key][choice.fact.evidence_id].append(choice)
    for told in keyed.values():
        single = [said for said in told.values() if len({one.chosen for one in said}) == 1]
        for one, other in itertools.pairwise(single):
            if one[0].chosen != other[0].chosen and same_times(one[0].fact, other[0].fact):
                yield one[0], other[0]
