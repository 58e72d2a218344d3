"""Amounts as people in India read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.rupees import grouped, in_words

SMALL = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
]
TENS = {"Twenty": 20, "Thirty": 30, "Forty": 40, "Fifty": 50, "Sixty": 60, "Seventy": 70}
NUMBERS = {**{word: at for at, word in enumerate(SMALL)}, **TENS, "Eighty": 80, "Ninety": 90}
SIZES = {"Hundred": 100, "Thousand": 1000, "Lakh": 100_000, "Crore": 10_000_000}


def read(words: str) -> int:
    """What a reader understands: a size counts all that is smaller before it."""
    total = 0
    for word in words.replace("-", " ").split():
        if word in NUMBERS:
            total += NUMBERS[word]
        else:
            below = total % SIZES[word] if word != "Crore" else total
            total += below * (SIZES[word] - 1)
    return total


@pytest.mark.parametrize(
    ("paise", "figures", "words"),
    [
        (0, "0.00", "Rupees Zero Only"),
        (5, "0.05", "Rupees Zero and Five Paise Only"),
        (99900, "999.00", "Rupees Nine Hundred Ninety-Nine Only"),
        (353882, "3,538.82",
         "Rupees Three Thousand Five Hundred Thirty-Eight and Eighty-Two Paise Only"),
        (10000000, "1,00,000.00", "Rupees One Lakh Only"),
        (1234567890, "1,23,45,678.90",
         "Rupees One Crore Twenty-Three Lakh Forty-Five Thousand Six Hundred Seventy-Eight"
         " and Ninety Paise Only"),
        (10**14, "10,00,00,00,00,000.00", "Rupees One Lakh Crore Only"),
    ],
)  # fmt: skip
def test_known(paise: int, figures: str, words: str) -> None:
    assert grouped(paise) == figures
    assert in_words(paise) == words


@given(st.integers(0, 10**15))
def test_both_say_the_amount(paise: int) -> None:
    figures = grouped(paise)
    assert int(figures.replace(",", "").replace(".", "")) == paise
    head, *pairs, last = figures.partition(".")[0].split(",") if paise >= 100_000 else ("1", "000")
    assert 1 <= len(head) <= 2
    assert all(len(pair) == 2 for pair in pairs)
    assert len(last) == 3
    rupees, _, rest = (
        in_words(paise).removeprefix("Rupees ").removesuffix(" Only").partition(" and ")
    )
    assert read(rupees) * 100 + read(rest.removesuffix(" Paise")) == paise


def test_less_than_nothing() -> None:
    assert grouped(-12345678) == "-1,23,456.78"
    with pytest.raises(ValueError):
        in_words(-1)
