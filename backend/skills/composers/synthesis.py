"""The summary that prompts and plans carry: facts placed in a fixed order, at most 2,000 characters."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backend.core.errors import Unprocessable
from backend.domain.facts import Fact
from backend.skills.composers.questions import missing

LIMIT = 2000
ASKED = ("positioning", "pricing", "customer_quote")
PER_SECTION = 4
_SECTIONS = (
    ("proof_points", "Proof"),
    ("differentiators", "Differences"),
    ("constraints", "Limits"),
    ("company_info", "About"),
)


class NothingToSummarise(Unprocessable):
    """No fact says anything of the business; `missing` asks for what would change that."""

    default_code = "nothing_to_summarise"
    default_detail = (
        "The documents say nothing yet that a foundation could stand on. Add a price list, or one page on "
        "what you sell and to whom, and run the steps again."
    )


def summary(
    foundation: Mapping[str, Any], facts: Sequence[Fact], icps: Sequence[Mapping[str, Any]]
) -> str:
    """Plain text from foundation, ICPs and facts; a line that does not fit is left out.

    Raises NothingToSummarise when there is not a single line.
    """
    kept: list[str] = []
    left = LIMIT
    for line in _lines(foundation, facts, icps):
        if len(line) + 1 <= left:
            kept.append(line)
            left -= len(line) + 1
    if not kept:
        raise NothingToSummarise(missing=[missing(slot).model_dump() for slot in ASKED])
    return "\n".join(kept)


def _lines(
    foundation: Mapping[str, Any], facts: Sequence[Fact], icps: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    positioning = foundation.get("positioning") or {}
    name, category = foundation.get("company_name"), positioning.get("category")
    if name or category:
        yield ": ".join(part for part in (name, category) if part)
    if positioning.get("positioning_statement"):
        yield str(positioning["positioning_statement"])
    yield from _labelled(
        "Offers", [_offer(offer) for offer in (foundation.get("offers") or [])[:6]]
    )
    yield from _labelled("Buyers", [str(icp.get("tagline") or icp["name"]) for icp in icps])
    for category_name, title in _SECTIONS:
        sure = [
            fact for fact in facts if fact.category == category_name and not fact.needs_verification
        ]
        best = sorted(sure, key=lambda fact: -fact.confidence)[:PER_SECTION]
        yield from _labelled(title, [fact.fact for fact in best])


def _labelled(title: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        yield f"{title}: " + "; ".join(entries)


def _offer(offer: Mapping[str, Any]) -> str:
    price = str(offer.get("price_text") or "")
    period = f" per {offer['period']}" if price and offer.get("period") else ""
    return f"{offer['name']} {price}{period}".strip()
