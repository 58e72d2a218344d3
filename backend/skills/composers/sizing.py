"""Market size as a calculator: the founder's numbers, stated, and what they come to (PRODUCT 4, step 22).

No market size is ever looked up or guessed. A number nobody gave leaves its result null and is asked for.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.skills.composers.price_tiers import grouped
from backend.skills.composers.sourced import Brief, gaps

WANTED = (
    ("customers_total", "customers"),
    ("reachable_percent", "percent of all"),
    ("winnable_percent", "percent of the reachable"),
    ("price_per_year", "INR a year"),
)


def compose(brief: Brief) -> dict[str, Any]:
    """TAM, SAM and SOM in customers and rupees, each with its formula."""
    given = {name: brief.inputs.get(name) for name, _ in WANTED}
    price, price_sources = _price(given["price_per_year"], brief.step(6).get("tiers", []))
    values = {**given, "price_per_year": price}
    by = {name: "founder" if given[name] is not None else "nobody" for name, _ in WANTED}
    if given["price_per_year"] is None and price is not None:
        by["price_per_year"] = "evidence"
    total, reach, win = (values[name] for name, _ in WANTED[:3])
    tam = _size([total], price)
    sam = _size([total, reach], price)
    som = _size([total, reach, win], price)
    return {
        "tam": tam,
        "sam": sam,
        "som": som,
        "assumptions": [
            {
                "name": name,
                "value": values[name],
                "unit": unit,
                "given_by": by[name],
                "sources": price_sources if by[name] == "evidence" else [],
            }
            for name, unit in WANTED
        ],
        "missing": gaps(**{name: values[name] is not None for name, _ in WANTED}),
    }


def _price(
    given: float | None, tiers: Sequence[Mapping[str, Any]]
) -> tuple[float | None, list[str]]:
    """The founder's figure, else the lowest yearly price that stands in the evidence."""
    if given is not None:
        return given, []
    priced = [
        tier for tier in tiers if tier.get("per_year") and tier.get("currency") in ("INR", "")
    ]
    lowest = min(priced, key=lambda tier: tier["per_year"], default=None)
    return (lowest["per_year"], list(lowest["sources"])) if lowest else (None, [])


def _size(parts: Sequence[float | None], price: float | None) -> dict[str, Any] | None:
    """The first part is a count, each further one a percentage of what went before."""
    total, *shares = parts
    if total is None or any(share is None for share in shares):
        return None
    customers = float(total)
    formula = f"{grouped(total)} customers"
    for share in shares:
        assert share is not None, "asked above"
        customers *= share / 100
        formula += f" x {share:g}%"
    customers = round(customers)
    revenue = round(customers * price, 2) if price is not None else None
    if shares:
        formula += f" = {grouped(customers)}"
    if price is not None:
        formula += f"; x ₹{grouped(price)} a year = ₹{grouped(customers * price)}"
    return {"customers": customers, "revenue_inr": revenue, "formula": formula}
