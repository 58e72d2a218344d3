"""The quantity lexer: Indian amounts, ranges, periods, and what only looks like a number."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.facts import Quantity
from backend.skills.composers import quantities, text
from tests.skills import labelled


def read(sentence: str, currency: str = "INR") -> list[Quantity]:
    return [
        quantity for unit in text.units(sentence) for quantity in quantities.read(unit, currency)
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("₹1,25,000", 125_000),
        ("Rs. 2.5 lakh", 250_000),
        ("Rs 2.4L", 240_000),
        ("₹18.6 crore", 186_000_000),
        ("INR 1,500", 1_500),
        ("Rs. 540/-", 540),
        ("400 rs", 400),
        ("60 paise", 0.6),
        ("₹38k", 38_000),
    ],
)
def test_rupees_are_read_in_whole_rupees(written: str, value: float) -> None:
    (price,) = read(f"It costs {written} today.")
    assert (price.kind, price.value, price.unit) == ("price", value, "INR")


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("$29", 29, "USD"),
        ("€1.299,00", 1299, "EUR"),
        ("9,99 €", 9.99, "EUR"),
        ("£12", 12, "GBP"),
        ("AED 10,000", 10_000, "AED"),
        ("GH₵2,500", 2_500, "GHS"),
        ("200 USD", 200, "USD"),
    ],
)
def test_other_currencies_keep_their_code(written: str, value: float, unit: str) -> None:
    (price,) = read(f"It costs {written} today.", currency="")
    assert (price.value, price.unit) == (value, unit)


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("₹999 / month", "month"),
        ("₹499/mo", "month"),
        ("$9 per user per month", "user/month"),
        ("₹1,200 a year", "year"),
        ("₹14 per piece", "piece"),
        ("₹500", ""),
    ],
)
def test_a_price_knows_per_what_it_is(written: str, period: str) -> None:
    assert read(f"Starter {written}.")[0].period == period


def test_both_ends_of_a_range_share_currency_scale_and_label() -> None:
    low, high = read("Villas 2 to 3 crore, ready to move.", currency="INR")[:2]
    assert (low.value, high.value) == (2e7, 3e7)
    low, high = read("Sack ₹14.20 to ₹16.80 per piece")
    assert (low.role, high.role, low.period, high.label) == ("min", "max", "piece", "Sack")


def test_a_superseded_figure_is_marked() -> None:
    before, after = read("Closing time went from 9 days to 11 hours.")
    assert (before.role, after.role) == ("before", "")
    assert read("EMI from ₹499 a month")[0].role == "min"


@pytest.mark.parametrize(
    "written",
    [
        "GSTR-2B",
        "ISO 9001:2015",
        "call +91 98765 43210",
        "phone 833-555-0100",
        "Plot 7, GIDC",
        "a 80:20 blend",
        "24/7 support",
        "write to a1@sample.in",
        "version v2.3.1",
        "the 3rd floor",
    ],
)
def test_what_measures_nothing_is_no_quantity(written: str) -> None:
    assert read(f"We have {written} here.") == []


@pytest.mark.parametrize(
    "written",
    [
        "a client that retries on 503 and 504",
        "an option that defaults to 640",
        "a note on PEP 554 and RFC 5321/5322",
        "LangChain 1.x and Python ≥ 3.10",
        "layers 1-3 only",
        "Path 2: the command line",
        "SOC 2 Type II and WCAG 2.1 AA",
        "forms 1099 and 401(k) plans",
    ],
)
def test_the_name_of_a_thing_is_no_quantity(written: str) -> None:
    assert read(f"There is {written}.") == []


@pytest.mark.parametrize(
    ("sentence", "value", "unit"),
    [
        ("Rated 4.8 by our members.", 4.8, ""),
        ("Team: 12", 12, ""),
        ("The first 100 free each month.", 100, ""),
        ("We keep **20** cities on file.", 20, "cities"),
        ("No over-500-character titles.", 500, "character titles"),
        ("It takes .4 seconds.", 0.4, "seconds"),
        ("15 Create & Write Tools for your books.", 15, "create & write tools"),
    ],
)
def test_what_is_measured_is_a_count(sentence: str, value: float, unit: str) -> None:
    (count,) = read(sentence)
    assert (count.kind, count.value, count.unit) == ("count", value, unit)


def test_a_price_in_a_coin_keeps_its_period() -> None:
    coin, dollars, stable = read("It is 0.001 SOL (~$0.07) per call. Or 0.05 USDC a lookup.", "")
    assert (coin.kind, coin.value, coin.unit) == ("price", 0.001, "SOL")
    assert (dollars.value, dollars.unit, dollars.period) == (0.07, "USD", "call")
    assert (stable.value, stable.unit, stable.period) == (0.05, "USD", "lookup")


def test_the_numbers_of_rows_are_no_counts() -> None:
    assert not read("| # | What |\n|---|---|\n| 1 | Syntax of the address |\n")
    (seats,) = read("| Seats | What |\n|---|---|\n| 5 | Small office |\n")
    assert (seats.kind, seats.value) == ("count", 5)


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("In business since 1998.", "date"),
        ("Watch the PyCon 2019 talk.", "date"),
        ("Revenue grew in Q3 2024 again.", "date"),
        ("We open 2000 Schools of music.", "count"),
        ("Founded in 2019 by two friends.", "date"),
        ("We planted 2000 trees.", "count"),
        ("Turnover in FY 2024-25 grew.", "date"),
        ("Valid from 01/04/2025.", "date"),
    ],
)
def test_a_year_is_told_from_a_count_by_the_words_around_it(sentence: str, kind: str) -> None:
    assert read(sentence)[0].kind == kind


TABLE = """
| Feature | Starter | Growth |
|---|---|---|
| Monthly price | ₹499 | ₹999 |
| Users | 3 | 10 |
"""


def test_columns_of_plans_give_prices_their_plan_and_period() -> None:
    found = read(TABLE)
    assert [(q.label, q.value, q.period) for q in found if q.kind == "price"] == [
        ("Starter", 499, "month"),
        ("Growth", 999, "month"),
    ]
    assert [q.kind for q in found if q.value in (3, 10)] == ["count", "count"]


def test_a_bare_number_is_a_price_only_under_a_price_title() -> None:
    assert read("# Rates\n\nscaling - 1200\n")[0].kind == "price"
    assert read("# About\n\nscaling - 1200\n")[0].kind == "count"


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("The basic pack costs ₹1,200 a month", "basic pack"),
        ("Launch offer: just ₹1,599 for the first 3 months", "Launch offer"),
        ("Setup help is free for 2 hours, then ₹1,500 per hour", "Setup help"),
        ("Save ₹4,500", ""),
        ("Tea .... Regular: ₹20 / Large: ₹35", "Tea, Regular"),
    ],
)
def test_a_price_is_named_by_the_words_around_it(line: str, label: str) -> None:
    assert next(q for q in read(line) if q.kind == "price").label == label


def test_a_price_below_a_heading_takes_its_name_from_there() -> None:
    found = read("### Walking\n£12 for one dog\n£20 for two dogs.\n", currency="")
    assert [price.label for price in found if price.kind == "price"] == [
        "Walking, one dog",
        "Walking, two dogs",
    ]


def test_the_leading_currency_is_that_of_most_prices() -> None:
    assert quantities.dominant_currency("Rs. 20, Rs. 30 and $5") == "INR"
    assert quantities.dominant_currency("₹20 or $5") == ""
    assert quantities.dominant_currency("Refunds for 20 users") == ""


@pytest.mark.parametrize("name", labelled.names())
def test_every_labelled_number_of_the_samples_is_read_with_its_value(name: str) -> None:
    sample = labelled.read(name)
    currency = quantities.dominant_currency(sample.evidence.text)
    found = {
        (quantity.kind, quantity.value)
        for unit in text.units(sample.evidence.text)
        for quantity in quantities.read(unit, currency)
    }
    assert {(mark.kind, mark.value) for mark in sample.quantities} <= found


SNIPPETS = [
    "₹",
    "Rs. ",
    " lakh",
    "1,00,000",
    "12%",
    "2025",
    "|",
    "\t",
    "\n",
    " to ",
    "-",
    "per month",
    "€1.299,00",
]


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(max_size=120), st.lists(st.sampled_from(SNIPPETS)).map("".join)))
def test_spans_are_exact_on_any_text(anything: str) -> None:
    for quantity in read(anything):
        assert anything[quantity.start : quantity.end] == quantity.text
        assert quantity.text
