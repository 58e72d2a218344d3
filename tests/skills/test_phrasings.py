"""Contradictions in the same phrase, below the same title, of a named part, and of what is only for some."""

import pytest

from tests.skills.test_alternatives import asked
from tests.skills.test_disagreements import conflicts

PLANS = "| Plan | Seats | Default | Notes |\n|---|---|---|---|\n"
KILN = "# Sample\n\nIn Khurja {} fires and glazes all of our pots.\n\nThe clay goes to {} every week.\n"
TIMES = "# Sample\n\n| Lab | 99th percentile | 50th percentile |\n|---|---|---|\n"
SPEED = "# Sample\n\n| Lab | Mean | Accuracy |\n|---|---|---|\n| Own lab | 10 ms | 98 % |\n\n"


@pytest.mark.parametrize(
    ("one", "other", "values"),
    [
        # a statement that begins alike, whatever follows
        ("The free hall holds 1 group at a time, the big tent 15, and the garden forty.",
         "The free hall holds 1 group at a time, the big tent 5, while the garden waits.", {"15", "5"}),
        # something-dimension
        ("The checker is a 14-stage inspection of each saree before packing.",
         "Inspection before packing: each saree passes a fifteen-stage checker.", {"14", "fifteen"}),
        # another name in the same sentence, in two sentences: one question
        (KILN.format("Bright Kilns", "Bright Kilns"), KILN.format("Moonlight", "Moonlight"),
         {"Bright Kilns", "Moonlight"}),
        # below a title, in whatever column
        (f"{PLANS}| Crew | 12 | small | For a van |\n",
         "| Plan | Price | Seats |\n|---|---|---|\n| Crew | ₹900 | 15 |\n", {"12", "15"}),
        (f"{PLANS}| Crew | 12 | small | For a van |\n", f"{PLANS}| Crew | 12 | large one | Any |\n",
         {"small", "large one"}),
        # two tables of one section whose rows have one label
        (f"{SPEED}{TIMES.removeprefix('# Sample')}| Own lab | 100 ms | 5 ms |\n",
         f"{TIMES}| Own lab | 2.7 ms | 5 ms |\n", {"100", "2.7"}),
        # a part and what it has
        ("- Pune (4 outlets): Baner, Aundh", "- Pune (7 outlets): Baner, Aundh, Kothrud", {"4", "7"}),
        ("| Weaving: 9 | looms, warps |\n|---|---|\n| Dyeing: 4 | vats |",
         "| Weaving: 9 | looms, warps |\n|---|---|\n| Dyeing: 6 | vats, pots |", {"4", "6"}),
        ("Outlets:  12     Staff:  80", "Outlets:  12     Staff:  95", {"80", "95"}),
        ("| Fact | Value |\n|---|---|\n| Happy guests | 1,200 |", "Happy guests: 3,000", {"1,200", "3,000"}),
        ("The page has <!-- count -->8<!-- /count --> free templates for shops.",
         "The page has <!-- count -->9<!-- /count --> free templates for shops.", {"8", "9"}),
        ("The school has 147 teaching aids.", "The school has 26 modern teaching aids.", {"147", "26"}),
        ("The kit has 55% recycled cotton.", "The kit has 70% recycled cotton.", {"55%", "70%"}),
        # only for some
        ("Delivery by drone (Android only)", "Delivery by drone (Android or iOS)",
         {"Android only", "Android or iOS"}),
        ("We accept cash only.", "You can pay by cash, card or UPI.", {"cash only", "cash, card or UPI"}),
        # who makes it, and from which version on
        ("Our soap is made by Asha Works in Surat.", "Our soap is made by Neem Labs in Surat.",
         {"Asha Works", "Neem Labs"}),
        ("Supports Python: `3.8`, `3.9`, and `3.10`.", "Supports Python from `3.10`.",
         {"3.8`, `3.9`, and `3.10", "3.10"}),
        # what is free is there, and a mark that it is done
        ("Free parking is available for guests.", "There is no parking.",
         {"Free parking is available for guests", "There is no parking"}),
        ("- [ ] Organic certificate of the farm", "- [x] Organic certificate of the farm", {"[ ]", "[x]"}),
    ],
)  # fmt: skip
def test_two_documents_disagree(one: str, other: str, values: set[str]) -> None:
    assert asked(one, other) == [values]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Our clinic in Pune has 4 rooms for children.", "Our clinic in Pune has 6 doctors for children."),
        ("The free hall holds 15 guests a day in May.", "The free hall holds 9 cars."),
        ("The closing of it used to be 9 hours of work.", "The closing of it used to be 12 hours of work."),
        ("Graceful handling of every parcel on the way.", "Smooth handling of every parcel on the way."),
        ("It works with Zoho, Tally and Busy every day.", "It works with Zoho, Tally and Marg every day."),
        ("We have over 80 doctors.", "We have 88 doctors."),
        (f"{PLANS}| Crew | 1M | small | A |\n", f"{PLANS}| Crew | 1.05M | small | A |\n"),
        (f"{PLANS}| Crew | 12 | small | For a van |\n",
         f"{PLANS}| Crew | 12 | small | For any family that moves house |\n"),
        (f"{PLANS}| Crew | 12 | small | A |\n", f"{PLANS}| Crew | 12 | small (cotton) | A |\n"),
        (f"{PLANS}| Crew | 12 | 60 | A |\n", f"{PLANS}| Crew | 12 | 60.0 | A |\n"),
        ("We passed 12/12 checks this year.", "We passed 30 checks."),
        ("Delivery by drone (Android only)", "Delivery by van (Android or iOS)"),
        ("We do not accept cash only.", "You can pay by cash, card or UPI."),
        ("Supports Python: `3.8`, `3.9`.", "Supports Python from `3.8`."),
        ("No free parking.", "Paid parking is available."),
        ("Parcels go out at noon so they cannot be late.", "Parcels go out at noon."),
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_left_alone(one: str, other: str) -> None:
    assert conflicts(one, other) == []


def test_the_question_names_the_part() -> None:
    [found] = conflicts("- Pune (4 outlets): Baner, Aundh", "- Pune (7 outlets): Baner, Kothrud")
    assert found["question"] == "Which is right for Pune (outlets): 4 or 7?"


def test_the_question_names_the_column() -> None:
    [found] = conflicts(
        f"{TIMES}| Own lab | 100 ms | 5 ms |\n", f"{TIMES}| Own lab | 2.7 ms | 5 ms |\n"
    )
    assert found["question"] == "Which is right for Own lab (99th percentile): 100 or 2.7?"


@pytest.mark.parametrize(
    "line",
    [
        "[![build](https://a.test/b.svg)](https://a.test) " * 40 + "and a word",
        "a " * 60 + "for ₹20 a day!",
        "> " * 60 + "12 tools!",
        "| " * 60 + "12 tools!",
    ],
)
def test_a_line_that_never_ends_is_read_all_the_same(line: str) -> None:
    """Such a line kept a worker busy for ever: each of its parts could be read in two ways."""
    assert conflicts(f"{line}\n\nWe have 12 shops.", "We have 15 shops.")
