"""Who buys, in the evidence's own words: kinds of buyers, each with the facts that name or describe them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.domain.facts import Fact
from backend.services.embeddings import encode
from backend.skills.composers import segments
from backend.skills.composers.audience_words import (
    WEIGHTS,
    Mention,
    in_heading,
    mentions,
    plural,
)
from backend.skills.composers.lexicon import words

SAME = 0.8
"""Cosine from which two phrases name one audience."""
LONGEST_NAME = 60
MOST_PRICE_GROUPS = 2
SHORTEST_SHOUT = 4
"""Letters: "CREPE" is a heading in capitals, "SEO" a name."""


@dataclass(slots=True)
class Audience:
    """Buyers of one kind; `facts` name them or speak of them right after."""

    phrase: str
    clause: str
    noun: str
    weight: float
    facts: list[Fact] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The phrase, plural; a noun too wide to stand alone takes its clause along."""
        alone = self.noun in words("wide_nouns") and len(self.phrase.split()) == 1
        if alone and self.phrase != self.clause and len(self.clause) <= LONGEST_NAME:
            return self.clause[0].upper() + self.clause[1:]
        singular = self.phrase.lower().endswith(self.noun)
        name = plural(self.phrase) if singular else self.phrase
        return name[0].upper() + name[1:]

    @property
    def organisation(self) -> bool:
        return self.noun in words("organisations")

    @property
    def ids(self) -> list[str]:
        return list(dict.fromkeys(fact.id for fact in self.facts))


def find(facts: Sequence[Fact]) -> list[Audience]:
    """Audiences, the most spoken of first. Empty when the evidence names no buyers."""
    headed = {fact.section: fact for fact in reversed(facts) if fact.section}
    named = [mention for fact in facts for mention in mentions(fact)]
    named += [mention for fact in headed.values() for mention in in_heading(fact)]
    audiences = _merge([mention for mention in named if mention.weight and not mention.wide])
    _add_segments(audiences, facts)
    _attach_followers(audiences, facts)
    return sorted(audiences, key=lambda audience: -audience.weight)


# ---------------------------------------------------------------- merging


def _merge(named: Sequence[Mention]) -> list[Audience]:
    """One audience per noun and meaning; the longest clause describes it."""
    audiences: list[Audience] = []
    vectors = encode([mention.phrase.lower() for mention in named])
    centres: list[int] = []
    for n, mention in enumerate(named):
        alike = (
            audience
            for audience, centre in zip(audiences, centres, strict=True)
            if _same_words(audience, mention)
            or (
                float(vectors[centre] @ vectors[n]) >= SAME
                and _size(audience.phrase) == _size(mention.phrase)
            )
        )
        home = next(alike, None)
        if home is None:
            audiences.append(
                Audience(
                    mention.phrase, mention.clause, mention.noun, mention.weight, [mention.fact]
                )
            )
            centres.append(n)
        else:
            _join(home, mention)
    return audiences


def _add_segments(audiences: list[Audience], facts: Sequence[Fact]) -> None:
    """Buyers that have a row of their own in a price list stay apart: each has its own price."""
    by_id = {fact.id: fact for fact in facts}
    named = {audience.phrase.lower() for audience in audiences}
    for fact_id, segment in segments.in_rows(facts).items():
        wide = segment.noun in words("wide_nouns") and " " not in segment.phrase
        if not wide and segment.phrase.lower() not in named:
            named.add(segment.phrase.lower())
            fact = by_id[fact_id]
            weight = WEIGHTS["pricing"] * fact.confidence
            audiences.append(Audience(segment.phrase, segment.phrase, segment.noun, weight, [fact]))


def _size(phrase: str) -> set[str]:
    """ "large hospitals" and "small hospitals" are near in meaning and not the same buyers."""
    return set(phrase.lower().split()) & words("size_words")


def _same_words(audience: Audience, mention: Mention) -> bool:
    """ "teams" and "small teams", "CA firms" and "CA practices"; not "small teams" and "design teams"."""
    one = set(audience.phrase.lower().split()[:-1])
    other = set(mention.phrase.lower().split()[:-1])
    if audience.noun == mention.noun:
        return one <= other or other <= one
    both_firms = audience.organisation and mention.noun in words("organisations")
    return both_firms and bool(one) and one == other and not one & words("size_words")


def _join(audience: Audience, mention: Mention) -> None:
    audience.weight += mention.weight
    if mention.fact.id not in audience.ids:
        audience.facts.append(mention.fact)
    if len(mention.clause) > len(audience.clause):
        audience.clause = mention.clause
    narrower = len(mention.phrase.split()) > len(audience.phrase.split())
    if narrower and audience.noun == mention.noun:
        audience.phrase = mention.phrase


_PRONOUN = re.compile(r"^\W*(?:they|their|these|he|she|his|her|most|many|some)\b", re.I)


def _attach_followers(audiences: Sequence[Audience], facts: Sequence[Fact]) -> None:
    """ "They start looking after ..." speaks of those whom the fact before named."""
    owners: dict[str, Audience] = {}
    for audience in audiences:
        for fact in audience.facts:
            owners.setdefault(fact.id, audience)
    last: tuple[Audience, Fact] | None = None
    for fact in facts:
        if fact.category != "target_audience":
            continue
        if fact.id in owners:
            last = (owners[fact.id], fact)
        elif last and last[1].evidence_id == fact.evidence_id and _PRONOUN.match(fact.quote):
            last[0].facts.append(fact)


# ---------------------------------------------------------------- no buyers named


def of_offers(facts: Sequence[Fact], company: Mapping[str, Any]) -> list[Audience]:
    """Buyers called after what they buy: the category, else headings that prices stand under, else offers.

    One audience for each of the two headings with most prices. Where nothing has a price they are users of
    what the evidence is about; [] when it does not say what that is.
    """
    priced = [
        fact for fact in facts if any(quantity.kind == "price" for quantity in fact.quantities)
    ]
    name = str(company.get("company_name") or "")
    if priced:
        things = _things_sold(priced, company) or [(name, priced[:3])]
        named = [(f"Buyers of {thing}" if thing else "Buyers", own) for thing, own in things]
    else:
        about = [fact for fact in facts if fact.category == "positioning"][:3]
        thing = name or _category(company)
        named = [(f"Users of {thing}", about)] if thing and about else []
    return [Audience(called, called, "buyer", float(len(own)), own) for called, own in named]


def _category(company: Mapping[str, Any]) -> str:
    return str((company.get("positioning") or {}).get("category") or "")


def _things_sold(
    priced: Sequence[Fact], company: Mapping[str, Any]
) -> list[tuple[str, list[Fact]]]:
    category, name = _category(company), str(company.get("company_name") or "")
    if category and category.split()[-1].lower() not in words("organisations"):
        return [(category, list(priced[:3]))]  # nobody buys a clinic: they buy what it does
    groups: dict[str, list[Fact]] = {}
    for fact in priced:
        thing = _thing(fact.section) or _first_label(fact)
        if name and thing.startswith(name):
            thing = name  # the title of the paper, with the town
        if thing:
            groups.setdefault(thing, []).append(fact)
    return sorted(groups.items(), key=lambda group: -len(group[1]))[:MOST_PRICE_GROUPS]


def _first_label(fact: Fact) -> str:
    labels = (q.label.partition(",")[0] for q in fact.quantities if q.kind == "price")
    return next((thing for label in labels if (thing := _thing(label))), "")


_OF_PRICES = re.compile(
    r"\b(?:prices?|pricing|rates?|fees?|tariff|plans?|costs?|charges|packages?|terms|payment|billing|offers?|discounts?)\b",
    re.I,
)
_ORDER = re.compile(
    r"^(?:rent|book|buy|order|get|hire|choose|reserve|join)\s+(?:an?|the|your)?\s*", re.I
)


def _thing(title: str) -> str:
    """What a title over prices names: "Workshop rates" workshops; "Our rates" and "2 lbs" nothing."""
    letters = re.sub(r"[^\w\s&'-]", " ", title)
    bare = _ORDER.sub("", " ".join(_OF_PRICES.sub(" ", letters).split())).strip(" &-")
    while bare and bare.split()[-1].lower() in words("paper_words"):
        bare = bare.rpartition(" ")[0]  # "IV infusion menu"
    vague = words("paper_words") | words("time_words")
    telling = [word for word in bare.split() if word.lower() not in vague]
    bare = bare.lower() if bare.isupper() and len(bare) > SHORTEST_SHOUT else bare
    return bare if telling and len(bare.split()) <= 5 and not re.search(r"\d", bare) else ""
