"""A choice that a document makes between words of which only one can hold (`one_of` of attributes.yaml)."""

import functools
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from backend.core import data_files
from backend.domain.facts import Fact
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import DATA

LONGEST = 200
"""Characters of a sentence that chooses."""
FEWEST_WORDS = 4
"""Of a sentence or a row besides what is compared."""
MOST_CELL_WORDS = 4
"""Of a cell that is a value; a longer one describes."""
EDGES = " .*_\n"

Key = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`text` stands in the fact's quote as it is; `thing` is what it is about, for the question; `column`
    counts the cells of a row from 0.
    """

    fact: Fact
    thing: str
    text: str
    chosen: str
    column: int | None = None


@functools.lru_cache(maxsize=1)
def groups() -> dict[str, tuple[str, str]]:
    """By word: the group it is of, and the name under which it stands there."""
    groups: dict[str, dict[str, str]] = data_files.read(DATA / "attributes.yaml")["one_of"]
    return {
        word.strip(): (group, chosen)
        for group, members in groups.items()
        for chosen, written in members.items()
        for word in written.split(",")
    }


@functools.lru_cache(maxsize=1)
def said() -> re.Pattern[str]:
    spoken = sorted((word for word in groups() if word.isascii()), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, spoken))})(?![\w-])", re.I)


def bare(cell: str) -> str:
    return " ".join(re.sub(r"[*_`'\"]", " ", flatten(cell)).lower().split())


def thing(cell: str) -> str:
    return " ".join(flatten(cell).strip(" *_`'").split())


def choice_of(cell: str) -> tuple[str, str] | None:
    """What a cell chooses: "✅", "yes", "❌ not yet"; a longer text chooses by its first mark alone."""
    found = groups().get(cell)
    if found is None and cell[:1] and not cell[:1].isascii():
        found = groups().get(cell[:1])
    return found


def cells_of(fact: Fact) -> list[str]:
    return [bare(cell) for cell in fact.quote.split("|")]


def label_of(plain: Sequence[str]) -> str:
    """The first cell of a row that has words."""
    return next((cell for cell in plain if re.search(r"[a-z]{2}", cell)), "")
