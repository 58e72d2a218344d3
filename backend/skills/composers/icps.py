"""Ideal customer profiles from what the evidence says of buyers; what it does not say stays empty.

Names are the evidence's own words for its buyers. There are never more profiles than audiences it names.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from backend.domain.facts import Fact
from backend.skills.composers import audiences, portraits
from backend.skills.composers.audiences import Audience
from backend.skills.composers.icp_scores import Reason, Sophistication
from backend.skills.composers.portraits import Portrait
from backend.skills.composers.questions import missing

MOST = 3
LONGEST_NAME = 200
ASKED = (
    "role",
    "location",
    "fears",
    "buying_triggers",
    "objections",
    "language_patterns",
    "hangouts",
)


class Icp(TypedDict):
    """A row of `icp_profiles` (PRODUCT 3), with the facts of each field and the open questions."""

    name: str
    tagline: str | None
    code: str
    is_primary: bool
    is_secondary: bool
    demographics: dict[str, Any]
    psychographics: dict[str, Any]
    behaviors: dict[str, Any]
    market_sophistication: Sophistication
    scores: dict[str, int]
    score_reasons: dict[str, Reason]
    summary: str
    sources: dict[str, list[str]]
    missing: list[dict[str, Any]]


def compose(facts: Sequence[Fact], company: Mapping[str, Any], limit: int) -> list[Icp]:
    """Up to `limit` (at most three) profiles, the audience most spoken of first; [] when nobody is named."""
    usable = [fact for fact in facts if not fact.needs_verification] or list(facts)
    chosen = audiences.find(usable) or audiences.of_offers(usable, company)
    chosen = _spread(chosen)[: max(0, min(limit, MOST))]
    named = {fact.id for audience in chosen for fact in audience.facts}
    return [
        _profile(number, audience, portraits.paint(audience, usable, named))
        for number, audience in enumerate(chosen, start=1)
    ]


GROUPS = {
    "demographics": ("age_range", "income_range", "location", "role", "company_size", "industry"),
    "psychographics": ("beliefs", "identity", "becoming", "fears", "values"),
    "behaviors": (
        "hangouts",
        "consumption",
        "follows",
        "language_patterns",
        "buying_triggers",
        "objections",
    ),
}
SINGLE = frozenset({"age_range", "income_range", "role", "company_size", "identity", "becoming"})
"""Fields that hold one value; the others hold a list."""


def _group(name: str, portrait: Portrait) -> dict[str, Any]:
    return {
        field: portrait.one(field) if field in SINGLE else portrait.all(field)
        for field in GROUPS[name]
    }


def _profile(number: int, audience: Audience, portrait: Portrait) -> Icp:
    code, tagline = f"ICP-{number:03d}", _tagline(audience)
    gaps = [missing(field, of=code) for field in ASKED if not portrait.all(field)]
    return Icp(
        name=audience.name[:LONGEST_NAME],
        tagline=tagline,
        code=code,
        is_primary=number == 1,
        is_secondary=number == 2,
        demographics=_group("demographics", portrait),
        psychographics=_group("psychographics", portrait),
        behaviors=_group("behaviors", portrait),
        market_sophistication=portrait.sophistication,
        scores=portrait.scores,
        score_reasons=portrait.reasons,
        summary=_summary(audience.name, tagline, portrait),
        sources={"name": audience.ids, **portrait.sources},
        missing=[gap.model_dump() for gap in gaps],
    )


def _spread(ranked: Sequence[Audience]) -> list[Audience]:
    """Audiences named by facts of their own first: one of "developers and bloggers", then the next tier's."""
    fresh: list[Audience] = []
    rest: list[Audience] = []
    used: set[str] = set()
    for audience in ranked:
        (rest if set(audience.ids) <= used else fresh).append(audience)
        used |= set(audience.ids)
    return fresh + rest


_LABEL = re.compile(r"^[\w' ]{3,28}:\s+")
LONGEST_TAGLINE = 140


def _tagline(audience: Audience) -> str | None:
    """The clause that describes them, else the first sentence about them that is short enough."""
    if audience.clause.lower() not in (audience.phrase.lower(), audience.name.lower()):
        return audience.clause
    about = (fact.fact for fact in audience.facts if fact.category == "target_audience")
    return next((_LABEL.sub("", text) for text in about if len(text) <= LONGEST_TAGLINE), None)


def _summary(name: str, tagline: str | None, portrait: Portrait) -> str:
    lines = [f"{name}: {tagline}." if tagline else f"{name}."]
    for title, field in (
        ("Place", "location"),
        ("Hurts", "fears"),
        ("Starts looking", "buying_triggers"),
        ("Objects", "objections"),
    ):
        said = portrait.all(field)[:2]
        if said:
            lines.append(f"{title}: " + "; ".join(said) + ".")
    return " ".join(lines)[:1500]
