"""What documents contradict in one another, and what is read for that alone.

Much that is no fact by itself ("22 tools.", a row of ticks, a heading, a line of a long list) tells something
that another document may tell otherwise. It is compared and, uncontradicted, left out.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from backend.domain.facts import Evidence, Fact
from backend.skills.composers import (
    alternatives,
    assertions,
    attributes,
    exclusives,
    noise,
    phrasings,
    quantities,
)
from backend.skills.composers.columns import Columns
from backend.skills.composers.retellings import retellings
from backend.skills.composers.signs import Candidate
from backend.skills.composers.text import Unit

MOST = 400
"""Of a document, of what is read to be compared alone."""
LONGEST_NAME = 120
"""Characters of what names a licence below its heading: a link alone, or a line of copyright."""
SHORTEST, HEAD = 12, 300
"""Characters of a piece of a long unit, and of the beginning of one that has no end."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the documents as a whole say of their statements: words of the company's own name and of others'
    names, and the titles of the tables.
    """

    own: frozenset[str]
    names: frozenset[str]
    columns: Columns

    @classmethod
    def of(cls, evidence: Sequence[Evidence]) -> "Setting":
        own = attributes.own_names(evidence)
        return cls(own, phrasings.names_in(evidence) - own, Columns(evidence))


def pairs(facts: Sequence[Fact], setting: Setting) -> Iterator[tuple[Fact, Fact]]:
    """Statements of which at most one can be right."""
    own, columns = setting.own, setting.columns
    for fact, _, other, _ in retellings(facts, columns):
        yield fact, other
    for reading, another in attributes.contradictions(facts, own):
        yield reading.fact, another.fact
    for claim, contrary in assertions.contradictions(facts, own):
        yield claim.fact, contrary.fact
    for filling, otherwise_filled in phrasings.contradictions(facts, setting.names):
        yield filling.fact, otherwise_filled.fact
    for only, more in exclusives.contradictions(facts):
        yield only.fact, more.fact
    for choice, otherwise in alternatives.contradictions(facts, columns):
        yield choice.fact, otherwise.fact


def states(candidate: Candidate) -> bool:
    """Whether another document may contradict a sentence of no sure kind."""
    flat = candidate.unit.flat
    return bool(
        candidate.quantities
        or attributes.named(candidate.unit)
        or assertions.states(flat)
        or alternatives.states(flat, candidate.unit.cells, candidate.unit.section)
        or phrasings.states(flat)
    )


def is_scored(candidate: Candidate) -> bool:
    """Whether a unit may state something by itself, or is short and about an attribute."""
    return not noise.is_noise(candidate) or (
        attributes.named(candidate.unit) and noise.is_mere_scrap(candidate)
    )


def leftovers(item: Evidence, usable: Sequence[Unit]) -> Iterator[Candidate]:
    """Units that state nothing by themselves and are compared all the same, in order."""
    currency = quantities.dominant_currency(item.text)
    left = 0
    for unit in usable:
        long = len(unit.text) > noise.LONGEST
        for piece in _pieces(unit) if long else (unit,):
            figures = quantities.read(piece, currency)
            candidate = Candidate(piece, tuple(figures))
            if left < MOST and (
                _tells(candidate) if long else not is_scored(candidate) and _is_left(candidate)
            ):
                left += 1
                yield candidate


def _is_left(candidate: Candidate) -> bool:
    unit = candidate.unit
    if unit.cells:
        return alternatives.states(unit.flat, unit.cells, unit.section)
    if attributes.of_licence(unit.section) and len(unit.text) <= LONGEST_NAME:
        return True
    said = candidate.quantities or alternatives.names(unit.flat, unit.section)
    return bool(said) and noise.is_mere_scrap(candidate)


def _tells(candidate: Candidate) -> bool:
    return bool(candidate.quantities or attributes.named(candidate.unit))


def _pieces(unit: Unit) -> Iterator[Unit]:
    """The lines and sentences of a unit too long to be one statement; of a longer one how it begins."""
    borders = [0, *(found.end() for found in _BORDER.finditer(unit.text)), len(unit.text)]
    for start, end in itertools.pairwise(borders):
        text = unit.text[start:end]
        begin = start + len(text) - len(text.lstrip())
        text = text.strip()
        if len(text) > noise.LONGEST:
            text = text[: max(text.rfind(", ", 0, HEAD), SHORTEST)]
        if len(text) >= SHORTEST:
            yield replace(
                unit,
                start=unit.start + begin,
                end=unit.start + begin + len(text),
                text=text,
                flat=unit.flat[begin : begin + len(text)],
                cells=(),
                header=(),
            )


_BORDER = re.compile(r"\n|(?<=[.;!?])\s|\s[·•|]\s|\s-{1,2}\s|\s[—–]\s")
