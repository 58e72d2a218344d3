"""A quick form of `make eval-extraction`: what was found in texts of strangers must go on being found."""

import pytest

from evals import extraction, strangers
from evals.extraction import Tally

QUICK = ("finzdata-mcp", "gatesolve", "agentsvc", "2sio", "email-validator", "langsmith")

pytestmark = pytest.mark.skipif(
    not strangers.available(), reason="make .tooling/strangers could not fetch the texts"
)


@pytest.fixture(scope="module")
def texts() -> list[strangers.Text]:
    return [text for text in strangers.texts() if text.evidence.name.split()[0] in QUICK]


def test_every_label_lies_in_a_stretch_that_was_read() -> None:
    for name in strangers.LABELS:
        for text in strangers.texts(name):
            for label in [*text.facts, *text.quantities]:
                assert label.start < label.end
                assert any(a <= label.start and label.end <= b for a, b in text.read), label


def test_no_quote_of_a_stranger_is_misplaced(texts: list[strangers.Text]) -> None:
    assert sum(extraction.misplaced(text.evidence) for text in texts) == 0


def test_facts_and_figures_hold_their_floor(texts: list[strangers.Text]) -> None:
    facts = sum((extraction.facts_of(text) for text in texts), Tally())
    figures = sum((extraction.figures_of(text)[0] for text in texts), Tally())
    assert facts.precision >= 0.6, facts.misses
    assert facts.recall >= 0.5, facts.misses
    assert figures.precision >= 0.7, figures.misses
    assert figures.recall >= 0.7, figures.misses
