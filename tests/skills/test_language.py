"""Small English: plurals, halves, and cuts that never change what a sentence says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.skills.composers import language
from backend.skills.composers.material import quoted


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("purchase manager", "purchase managers"),
        ("CFO", "CFOs"),
        ("SME", "SMEs"),
        ("agency", "agencies"),
        ("business", "businesses"),
        ("fish merchant", "fish merchants"),
        ("people", "people"),
        ("chairman", "chairmen"),
    ],
)
def test_plurals(one: str, many: str) -> None:
    assert language.plural(one) == many


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("We match bills line by line. No file leaves the office.", None),
        ("We match bills line by line; the rest is yours to keep.", "We match bills line by line"),
        ("Delivery is free, which nobody near us offers on Sundays.", "Delivery is free"),
        ("We ship on the same day, unless it is a Sunday afternoon.", None),
        ("The lens is ground here, because we own the old machine.", "The lens is ground here"),
        ("If you pay by the year, we come four times.", None),
        ("Salem, Namakkal and Erode are served each week.", None),
    ],
)
def test_a_cut_keeps_the_meaning_or_is_not_made(text: str, short: str | None) -> None:
    assert language.shorten(text, 40) == short


@given(st.text(alphabet="ab,.;–- notbuexceptiflyw", max_size=120), st.integers(5, 80))
def test_a_cut_is_an_opening_of_the_text(text: str, limit: int) -> None:
    short = language.shorten(text, limit)
    if short is not None:
        assert len(short) <= limit
        assert language.tidy(text).startswith(short)


def test_numbers_in_words_to_ninety_nine() -> None:
    assert [language.number_word(n) for n in (7, 45, 99, 100)] == [
        "seven", "forty-five", "ninety-nine", "100",
    ]  # fmt: skip


def test_a_doubt_is_cut_to_its_question() -> None:
    text = "I paid for one in 2021 and it is lying dead, why will yours be different?"
    assert language.short_question(text, 60) == "why will yours be different?"


def test_punctuation_is_mended_outside_quotations_alone() -> None:
    assert language.mend("Say “Wait.. what?”. Then stop ..") == "Say “Wait.. what?” Then stop."


def test_markup_is_dropped_and_words_kept() -> None:
    source = "**Fast** [parsing](https://example.org) of `rows`, with <b>no</b> accoun-\nting"
    assert language.plain(source) == "Fast parsing of rows, with no accounting"


@pytest.mark.parametrize(
    ("full", "half"),
    [
        ("Write to six of the twelve", "Write to three of the six"),
        ("Ring the other six", "Ring the other three"),
        ("three of the five stay silent", "two of the three stay silent"),
        ("within ten minutes, to ten people", "within ten minutes, to five people"),
        ("in five lines", "in five lines"),
        ("Ten rows: name, date", "Five rows: name, date"),
    ],
)
def test_half_the_work_in_words(full: str, half: str) -> None:
    assert language.halve_counts(full) == half


@pytest.mark.parametrize(
    "text",
    [
        "Types of Wedding Photography Packages",
        "This pass includes the following:",
        "See the table of contents",
        "pip install cairnbox == 2.0",
        "https://example.org/pricing",
        "and the rest of it",
        "",
    ],
)
def test_what_reads_badly_is_not_quoted(text: str) -> None:
    assert quoted(text) is None
