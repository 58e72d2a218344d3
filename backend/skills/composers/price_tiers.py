"""Prices as found, and the sums that follow from them: a year, a month, one unit (PRODUCT 4, step 6)."""

import re
from collections.abc import Sequence
from typing import Any

from backend.domain.facts import Fact, Quantity
from backend.skills.composers.offers import read_offers
from backend.skills.composers.sourced import Brief, gaps

MONTHS = 12
_PER_MONTH = re.compile(r"^(?:.*/)?month$|^(?:.*/)?month/|^month", re.I)
_PER_YEAR = re.compile(r"\byear\b|\bannum\b", re.I)


def compose(brief: Brief) -> dict[str, Any]:
    facts = {fact.id: fact for fact in brief.facts}
    tiers = [_tier(offer, facts) for offer in read_offers(brief.facts)]
    for tier in tiers:
        tier["disputed"] = bool(brief.disputed & set(tier["sources"]))
    rivals = [str(asset.fields["name"]) for asset in brief.sorted().assets.get("competitor", [])]
    benchmarks = _benchmarks(brief.facts, list(dict.fromkeys(rivals)))
    return {
        "tiers": tiers,
        "benchmarks": benchmarks,
        "missing": gaps(pricing=tiers, rival_prices=benchmarks),
    }


def _tier(offer: Any, facts: dict[str, Fact]) -> dict[str, Any]:
    price, period, currency = offer["price"], offer["period"], offer["currency"]
    tier: dict[str, Any] = {
        **offer,
        "per_month": None,
        "per_year": None,
        "per_unit": None,
        "unit": "",
        "arithmetic": [],
    }
    if price is None or offer["price_max"]:
        return tier
    say = _money(currency)
    sums: list[str] = tier["arithmetic"]
    if _PER_MONTH.search(period):
        tier["per_month"], tier["per_year"] = price, price * MONTHS
        sums.append(f"{say(price)} x {MONTHS} months = {say(price * MONTHS)} a year")
    elif _PER_YEAR.search(period):
        tier["per_year"], tier["per_month"] = price, round(price / MONTHS, 2)
        sums.append(f"{say(price)} / {MONTHS} months = {say(price / MONTHS)} a month")
    included = _included(offer, facts)
    if included:
        tier["per_unit"] = round(price / included.value, 2)
        tier["unit"] = included.unit
        sums.append(
            f"{say(price)} / {included.value:g} = {say(price / included.value)} for each of"
            f" {included.value:g} {included.unit}, when all are used"
        )
    return tier


def _included(offer: Any, facts: dict[str, Fact]) -> Quantity | None:
    """What the price buys at most: "for up to 3 chairs"; None unless the fact names one such number."""
    for fact_id in offer["sources"]:
        fact = facts.get(fact_id)
        found = [
            quantity
            for quantity in (fact.quantities if fact else [])
            if quantity.kind == "count" and quantity.role == "max" and quantity.value > 1
        ]
        if len(found) == 1 and sum(q.kind == "price" for q in fact.quantities) == 1:  # type: ignore[union-attr]
            return found[0]
    return None


def _benchmarks(facts: Sequence[Fact], rivals: Sequence[str]) -> list[dict[str, Any]]:
    """Sentences of the evidence that name a rival and a price."""
    return [
        {"rival": rival, "text": fact.fact, "sources": [fact.id]}
        for rival in rivals
        for fact in facts
        if re.search(rf"\b{re.escape(rival)}\b", fact.quote)
        and any(quantity.kind == "price" for quantity in fact.quantities)
    ]


def _money(currency: str) -> Any:
    sign = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£"}.get(
        currency, f"{currency} " if currency else ""
    )
    return lambda amount: sign + grouped(amount, indian=currency == "INR")


def grouped(amount: float, *, indian: bool = True) -> str:
    """12,34,567 as India writes it, or 1,234,567; paise only where there are any."""
    whole, _, cents = f"{amount:.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    if indian and head:
        parts = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
        text = ",".join([*parts, tail])
    else:
        text = f"{int(whole):,}"
    return text if cents == "00" else f"{text}.{cents}"
