"""What is sold and for how much, read from pricing facts."""

import re
from collections.abc import Iterator, Sequence
from typing import TypedDict

from backend.domain.facts import Fact, Quantity
from backend.skills.composers import places

MOST_OFFERS = 100


class Offer(TypedDict):
    name: str
    """What is sold; in brackets where the price holds, if the list says so beside it."""
    price: float | None
    """In whole units of `currency`; None for what is free or quoted on request."""
    price_max: float | None
    currency: str
    """ISO code, empty when the text names no currency."""
    period: str
    price_text: str
    """As written, "from" included where the text says so."""
    sources: list[str]


_FREE = re.compile(
    r"\b(?:\d+[- ]days?(?: free)? trial|free trial|free plan|free forever|first \d+ days free|free demo"
    r"|free consultation|free sample)\b",
    re.I,
)
_PLAN_WORD = re.compile(r"\s*\b(?:plan|pack|package|tier|edition)\b")
_NAMELESS = re.compile(
    r"^(?:[\d.,]+/|includ(?:es?|ing)|otherwise|free|above|over|extra|total|gst|from|only|price|save|discount)\b",
    re.I,
)


def read_offers(facts: Sequence[Fact]) -> list[Offer]:
    """One offer per named price, in the order of the evidence; the same name and period once."""
    found: dict[tuple[str, str, float | None], Offer] = {}
    for fact in facts:
        if fact.category == "pricing":
            for offer in _offers(fact):
                name = _PLAN_WORD.sub("", offer["name"].lower())
                found.setdefault((name, offer["period"], offer["price"]), offer)
    return list(found.values())[:MOST_OFFERS]


def _offers(fact: Fact) -> Iterator[Offer]:
    prices = [quantity for quantity in fact.quantities if quantity.kind == "price"]
    for price in prices:
        if price.role in ("", "min") and _names_something(price.label):
            yield _offer(fact, price, _upper(prices, price))
    free = _FREE.search(fact.fact)
    if free and not prices:
        yield Offer(
            name=free.group(),
            price=None,
            price_max=None,
            currency="",
            period="",
            price_text="",
            sources=[fact.id],
        )


PORTION = re.compile(
    r"(?:for )?(?:\d+|an?|one|two|three|four|five|six|half|full|regular|small|medium|large)(?: |$)"
    r"(?:scoops?|persons?|people|serves?|servings?|pieces?|pcs?|plates?|glass(?:es)?|cups?|slices?|portions?|"
    r"units?|packs?|box(?:es)?|bottles?|nos?|lbs?|kgs?|grams?|hours?|hrs?|minutes?|mins?|sessions?)?"
    r"(?: serves?| servings?)?",
    re.I,
)
"""How much of something, without the something: "1 scoop", "for two people", "large"."""


def _named(label: str) -> str:
    """ "India 45 Minutes" is 45 minutes of the thing, at the price for India."""
    for place in places.find(label):
        rest = label.removeprefix(place).strip(" -–,:|")
        if label.startswith(place) and PORTION.fullmatch(rest):
            return f"{rest} ({place})"
    return label


def _names_something(label: str) -> bool:
    named = bool(re.search(r"[^\W\d_]{2,}", label)) and not _NAMELESS.match(label)
    return named and not re.search(r", (?:discount|reduction|off|saving)\b", label, re.I)


def _upper(prices: Sequence[Quantity], low: Quantity) -> Quantity | None:
    if low.role != "min":
        return None
    return next(
        (price for price in prices if price.role == "max" and price.start > low.start), None
    )


def _offer(fact: Fact, price: Quantity, upper: Quantity | None) -> Offer:
    end = upper.end if upper else price.end
    written = " ".join(fact.quote[price.start - fact.start : end - fact.start].split())
    return Offer(
        name=_named(price.label),
        price=price.value,
        price_max=upper.value if upper else None,
        currency=price.unit,
        period=price.period,
        price_text=f"from {written}" if price.role == "min" and not upper else written,
        sources=[fact.id],
    )
