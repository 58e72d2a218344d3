"""What the facts say of one audience, field by field, each value with the fact it stands in.

Facts that name an audience count as its own; facts that name nobody speak of every audience.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from backend.domain.facts import Fact
from backend.skills.composers import icp_scores, places, quotes
from backend.skills.composers.audiences import Audience
from backend.skills.composers.icp_scores import Reason, Sophistication
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import pattern, phrases, words
from backend.skills.composers.text import tidy

MOST_VALUES = 6
LONGEST_VALUE = 500

Found = Iterator[tuple[str, Fact]]
Reader = Callable[[Sequence[Fact], Audience], Found]


@dataclass(slots=True)
class Portrait:
    sophistication: Sophistication
    values: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sources: dict[str, list[str]] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, Reason] = field(default_factory=dict)

    def all(self, name: str) -> list[str]:
        return list(self.values.get(name, []))

    def one(self, name: str) -> str:
        return next(iter(self.values.get(name, [])), "")

    def add(self, name: str, found: Found) -> None:
        """Take values up to MOST_VALUES, each once, and note the facts they stand in."""
        for value, fact in found:
            known = self.values[name]
            new = value and value.lower() not in (one.lower() for one in known)
            if new and len(known) < MOST_VALUES:
                known.append(value[:LONGEST_VALUE])
                self.sources[name] = list(dict.fromkeys([*self.sources.get(name, []), fact.id]))


def paint(audience: Audience, facts: Sequence[Fact], named: set[str]) -> Portrait:
    """Everything on file about an audience; `named` are the ids of facts that name any audience at all."""
    own = audience.facts
    about_buyers = [fact for fact in facts if fact.category == "target_audience"]
    spoken = [*own, *(fact for fact in about_buyers if fact.id not in named)]
    portrait = Portrait(icp_scores.sophistication(spoken))
    for name, read in _FIELDS.items():
        portrait.add(name, read(own if name in _OWN_ONLY else spoken, audience))
    portrait.add("language_patterns", _their_words([*spoken, *(f for f in facts if f.speaker)]))
    portrait.scores, portrait.reasons = icp_scores.scores(
        portrait.values, own, facts, portrait.sources
    )
    return portrait


# ---------------------------------------------------------------- what buyers are

_AGE = re.compile(
    r"\b(\d{1,2}\s*(?:to|-)\s*\d{2})(?=\s*(?:years?|yrs?|yr)\b|\s+from\b|\s+in\b)"
    r"|\baged?\s+(\d{1,2}\s*(?:to|-|and)\s*\d{2})"
)


def _age(facts: Sequence[Fact], _: Audience) -> Found:
    for fact in facts:
        for match in _AGE.finditer(flatten(fact.quote)):
            yield (match.group(1) or match.group(2)).strip(), fact


def _location(facts: Sequence[Fact], _: Audience) -> Found:
    for fact in facts:
        for place in places.find(flatten(fact.quote)):
            yield place, fact


def _role(facts: Sequence[Fact], audience: Audience) -> Found:
    if audience.noun in words("people") and audience.noun not in words("wide_nouns"):
        yield audience.phrase, audience.facts[0]
    yield from _wording("role")(facts, audience)


def _industry(_: Sequence[Fact], audience: Audience) -> Found:
    """ "small clinics" are in clinics; a firm or a team is of no industry."""
    if audience.organisation and audience.noun not in words("wide_nouns"):
        kept = [word for word in audience.phrase.split() if word.lower() not in words("size_words")]
        yield " ".join(kept), audience.facts[0]


def _wording(name: str) -> Reader:
    """A reader of the very words that match a pattern."""

    def read(facts: Sequence[Fact], _: Audience) -> Found:
        for fact in facts:
            for match in pattern(name).finditer(flatten(fact.quote)):
                yield " ".join(match.group().split()), fact

    return read


# ---------------------------------------------------------------- what they feel, say and do


def _sentences(name: str, *unlike: str) -> Reader:
    """A reader of whole sentences about buyers that match one pattern and none of the others."""

    def read(facts: Sequence[Fact], _: Audience) -> Found:
        for fact in facts:
            said = flatten(fact.quote)
            about_buyers = fact.category == "target_audience" and not quotes.quotation(fact.quote)
            excluded = any(pattern(other).search(said) for other in unlike)
            if about_buyers and pattern(name).search(said) and not excluded:
                yield fact.fact, fact

    return read


def _spoken(facts: Sequence[Fact]) -> Found:
    """What customers are quoted as saying in talk of buyers."""
    return (entry for entry in _quoted(facts) if entry[1].category == "target_audience")


def _quoted(facts: Sequence[Fact]) -> Found:
    for fact in facts:
        said = quotes.quotation(fact.quote)
        if said:
            yield tidy(said.words), fact


def _fears(facts: Sequence[Fact], audience: Audience) -> Found:
    """Sentences of trouble, and what customers lament without doubting the offer."""
    yield from _sentences("fear", "not_a_fear", "trigger")(facts, audience)
    for said, fact in _spoken(facts):
        if pattern("fear").search(said) and not quotes.objects(said):
            yield said, fact


_IDENTITY = re.compile(r"^(?:I am|I'm|we are|we're|as an?)\b", re.I)


def _identity(facts: Sequence[Fact], _: Audience) -> Found:
    return ((said, fact) for said, fact in _spoken(facts) if _IDENTITY.match(said))


def _objections(facts: Sequence[Fact], _: Audience) -> Found:
    return ((said, fact) for said, fact in _spoken(facts) if quotes.objects(said))


def _beliefs(facts: Sequence[Fact], _: Audience) -> Found:
    for said, fact in _spoken(facts):
        if not said.endswith("?") and not _IDENTITY.match(said):
            yield said, fact


def _hangouts(facts: Sequence[Fact], _: Audience) -> Found:
    """Channels and meeting points; in a sentence about the product "WhatsApp" is a feature."""
    for fact in facts:
        for place in phrases("hangouts") if fact.category == "target_audience" else ():
            found = re.search(rf"\b{re.escape(place)}\b", fact.fact, re.I)
            if found:
                yield found.group(), fact


def _their_words(facts: Sequence[Fact]) -> Found:
    """Phrases of two and three words from customers' mouths, none within another."""
    taken: list[str] = []
    for said, fact in _quoted(facts):
        tokens = re.findall(r"[A-Za-z0-9'’-]+|[.,;!?]", said)
        for size in (3, 2):
            for at in range(len(tokens) - size + 1):
                chunk = " ".join(tokens[at : at + size]).lower()
                if all(map(_telling, chunk.split())) and not any(chunk in known for known in taken):
                    taken.append(chunk)
                    yield chunk, fact


def _telling(token: str) -> bool:
    """A number or a little word shows nothing of how somebody speaks."""
    return len(token) > 2 and token.isalpha() and token not in words("little_words")


_FIELDS: dict[str, Reader] = {
    "age_range": _age,
    "company_size": _wording("size"),
    "income_range": _wording("income"),
    "location": _location,
    "role": _role,
    "industry": _industry,
    "fears": _fears,
    "buying_triggers": _sentences("trigger"),
    "values": _sentences("value", "trigger"),
    "becoming": _wording("becoming"),
    "identity": _identity,
    "objections": _objections,
    "beliefs": _beliefs,
    "consumption": _sentences("consumes"),
    "follows": _sentences("follows"),
    "hangouts": _hangouts,
}
_OWN_ONLY = frozenset({"age_range", "company_size", "income_range", "location", "role", "industry"})
