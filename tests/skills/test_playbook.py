"""The playbook: enough cards, sound cards, and text of ours that claims nothing by itself."""

import re
from collections import Counter
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from backend.skills.claims import Checker
from backend.skills.composers.language import halve_counts
from backend.skills.composers.playbook import SLOT, Card, Category, cards
from backend.skills.figures import figures

THIN = {"positioning", "offer", "first", "low", "high", "price", "entry", "free"}
"""What one sentence and a price list give."""


def _texts(card: Card) -> list[str]:
    texts = [line for t in card.tasks for line in (*t.title, *t.body, *t.deliverable)]
    texts += [*card.theme, card.metric.name, card.metric.target]
    return [*texts, card.contingency.when, card.contingency.then]


def test_there_are_cards_for_every_category() -> None:
    homes = Counter(card.categories[0] for card in cards())
    assert len(cards()) >= 40
    assert all(homes[category] >= 8 for category in get_args(Category))


def test_a_sentence_and_prices_play_enough_cards() -> None:
    thin = [card for card in cards() if set(card.needs) <= THIN and set(card.needs)]
    assert len(thin) >= 15
    for kind in ("opensource", "software", "b2b", "local", "goods", "professional"):
        playable = [c for c in thin if (not c.fits or kind in c.fits) and kind not in c.unfit]
        assert sum(len(card.tasks) for card in playable) >= 14, kind


def test_titles_never_repeat() -> None:
    titles = Counter(line for card in cards() for task in card.tasks for line in task.title)
    assert [title for title, count in titles.items() if count > 1] == []


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.id)
def test_our_own_text_claims_nothing(card: Card) -> None:
    """No name, no quotation, no statement about a company stands in a card outside its slots."""
    checker = Checker([], [], names=["Acme"])
    for text in _texts(card):
        for own in (text, halve_counts(text)):
            filled = SLOT.sub("them", re.sub(r"“[^”]*”", "that", own))
            counts = [figure.value for figure in figures(filled)]
            assert checker.check(filled, owner_numbers=counts, audience="founder") == [], filled


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.id)
def test_our_own_text_reads_well(card: Card) -> None:
    for text in _texts(card):
        bare = SLOT.sub("x", text)
        assert not re.search(r"\s{2,}|\s[.,;:?!]|[.,;:]{2,}|\.$", bare) or text.endswith("."), text
        assert bare.count("“") == bare.count("”"), text
    assert len(card.purpose.split()) >= 6
    assert all(len(SLOT.sub("a word", theme)) <= 60 for theme in card.theme)


def _entry(**changes: Any) -> dict[str, Any]:
    task = {
        "day": 1,
        "type": "admin",
        "platform": "document",
        "minutes": 20,
        "title": "List ten people",
        "body": "Names and dates.",
        "deliverable": "Ten rows",
    }
    entry = {
        "id": "x",
        "categories": ["capture"],
        "purpose": "list people who asked",
        "theme": "A list",
        "stage": [3],
        "tasks": [{**task, **changes.pop("task", {})}],
        "metric": {"name": "Rows", "target": "ten"},
        "contingency": {"when": "Nobody asked", "then": "start a list"},
    }
    return {**entry, **changes}


def test_a_sound_card_loads() -> None:
    assert Card.model_validate(_entry()).tasks[0].priority == "should-do"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"task": {"title": "List {offer.colour}"}}, "unknown slot"),
        ({"task": {"title": "List {weather.now}"}}, "unknown slot"),
        ({"needs": ["weather"]}, "unknown need"),
        ({"task": {"title": "List 10 people"}}, "written as words"),
        ({"task": {"after": 0}}, "after an earlier one"),
        ({"task": {"title": "List buyers of {offer.name}"}}, "more than its needs"),
        ({"task": {"body": "The price: {offer.line}."}}, "always there"),
        ({"colour": "red"}, "Extra inputs"),
        ({"categories": ["growth"]}, "Input should be"),
    ],
)
def test_an_unsound_card_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Card.model_validate(_entry(**changes))
