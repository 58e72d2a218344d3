"""Words of which only one can hold: yes or no, required or optional, beta or stable (`one_of` in the data).

Two documents contradict one another where they choose otherwise in the same cell of the same row
(`row_choices`), or in nearly the same sentence (`sentence_choices`).
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

from backend.domain.facts import Fact
from backend.skills.composers import row_choices, sentence_choices
from backend.skills.composers.choices import Choice
from backend.skills.composers.columns import Columns
from backend.skills.composers.figure_frames import same_times


def states(flat: str, cells: Sequence[object], section: str) -> bool:
    """Whether a statement may choose, cheaply."""
    if cells:
        return row_choices.states(flat, cells)
    return sentence_choices.states(flat) or names(flat, section)


def names(flat: str, section: str) -> bool:
    """Whether a scrap is an answer to the question above it, or a label with a value."""
    return sentence_choices.answers(flat, section) or bool(row_choices.labelled(flat))


def contradictions(facts: Iterable[Fact], columns: Columns) -> Iterator[tuple[Choice, Choice]]:
    """Of each row and sentence what two documents choose otherwise."""
    every = list(facts)
    found = row_choices.contradictions(every, columns), sentence_choices.contradictions(every)
    for one, other in itertools.chain.from_iterable(found):
        if same_times(one.fact, other.fact):
            yield one, other
