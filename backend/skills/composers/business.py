"""What business a plan is for: its name, whom it serves, how it sells, in the evidence's own words."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.core import data_files
from backend.domain.facts import Fact
from backend.services.embeddings import Vectors, encode
from backend.skills import wording
from backend.skills.composers import audiences
from backend.skills.composers.language import NUMBER_WORDS, plain, plural, tidy
from backend.skills.composers.lexicon import DATA, words
from backend.skills.figures import singular

_CLOSE = 0.93
"""A second kind with this share of the first one's score counts too."""
_CLEAR = 0.22
"""Score under which no kind is near enough to be one."""
_ALONE = 0.17
"""Enough where no other kind is close."""
_SIGN_WEIGHT = 0.03
_SIGN_CAP = 4
_NEAREST = 5
"""So many facts, those nearest to a kind, speak for it."""


@functools.lru_cache(maxsize=1)
def _kinds() -> dict[str, "_Kind"]:
    listed = data_files.read(DATA / "business_kinds.yaml")
    return {
        name: _Kind(encode(entry["examples"]), re.compile(entry["signs"], re.I))
        for name, entry in listed.items()
    }


@dataclass(frozen=True, slots=True)
class _Kind:
    examples: Vectors
    signs: re.Pattern[str]


_INDIA = re.compile(r"₹|\bRs\.?\s?\d|\bINR\b|\bGST\b|\blakh|\bcrore|\bIndia\b|\+91|\bUPI\b", re.I)
_CONSUMER = frozenset({"local", "goods"})
LONGEST_AUDIENCE = 40


@dataclass(frozen=True, slots=True)
class Business:
    product: str
    """Its name; "your business" when no text gives one."""
    named: bool
    audience: str
    """Those it wants, a plural noun phrase: "fleet owners"."""
    audience_facts: tuple[str, ...]
    """Ids of the facts that name them; empty when the word is ours."""
    customers: str
    """Those it has: "customers", "patients", "users"."""
    kinds: frozenset[str]
    india: bool
    channels: frozenset[str] = frozenset()
    """Where the founder is active, small letters; empty when not said."""

    def platform(self, named: str) -> str:
        """`direct` is where one writes to one person, `public` where one posts; others are themselves."""
        if named == "direct":
            return self._first(self._direct())
        return self._first(self._public()) if named == "public" else named

    def _first(self, preferred: Sequence[str]) -> str:
        return next((name for name in preferred if name in self.channels), preferred[0])

    def _direct(self) -> tuple[str, ...]:
        by_mail = "opensource" in self.kinds or ("software" in self.kinds and not self.india)
        if by_mail or not (self.india or self.kinds & _CONSUMER):
            return ("email", "whatsapp", "linkedin", "phone")
        return ("whatsapp", "email", "phone", "instagram")

    def _public(self) -> tuple[str, ...]:
        if "opensource" in self.kinds:
            return ("community", "linkedin", "website")
        if self.kinds & _CONSUMER:
            return ("instagram", "google", "website", "linkedin")
        return ("linkedin", "website", "community", "instagram")


def describe(
    facts: Sequence[Fact],
    company: Mapping[str, Any],
    *,
    goal: str = "",
    icp: Mapping[str, Any] | None = None,
    channels: Sequence[str] = (),
) -> Business:
    """The business as a plan for `goal` sees it; of `icp` the name and `demographics.role` are read."""
    kinds = business_kinds(facts)
    name = _product(company) or _called(facts)
    audience, named_in = _audience(facts, goal, icp or {})
    return Business(
        product=name or _plain_product(kinds),
        named=bool(name),
        audience=audience or _plain_audience(kinds),
        audience_facts=named_in,
        customers=_customers(facts, kinds),
        kinds=kinds,
        india=bool(_INDIA.search(" ".join(fact.quote for fact in facts))),
        channels=frozenset(channel.strip().lower() for channel in channels),
    )


_LEGAL = re.compile(
    r",?\s+(?:pvt\.?|private|ltd\.?|limited|llp|inc\.?|llc|gmbh|corp\.?|co\.)(?:\s+(?:ltd\.?|limited))?$",
    re.I,
)


def _product(company: Mapping[str, Any]) -> str:
    name = tidy(str(company.get("product") or company.get("company_name") or ""))
    short = _LEGAL.sub("", name)
    return short if 0 < len(short) <= 40 else name[:40].rsplit(" ", 1)[0]


_CALLED = re.compile(r"^([\w.-]{3,30}(?: [A-Z][\w.-]+)?) is (?:a|an|the)\b")
_NO_NAME = re.compile(
    r"(?:this|that|it|there|here|what|who|which|everything|our|the|your|an?)\b", re.I
)


def _called(facts: Sequence[Fact]) -> str:
    """ "structlog is the ..." names what the title does not."""
    for fact in facts:
        found = _CALLED.match(plain(fact.quote)) if fact.category == "positioning" else None
        if found and not _NO_NAME.match(found.group(1)):
            return found.group(1)
    return ""


def _plain_product(kinds: frozenset[str]) -> str:
    return "your product" if kinds and kinds <= {"opensource", "software"} else "your business"


# ---------------------------------------------------------------- kind of business


def business_kinds(facts: Sequence[Fact]) -> frozenset[str]:
    """Kinds of `data/business_kinds.yaml`, by nearest description and tell-tale words; may be none."""
    texts = [plain(fact.fact)[:200] for fact in facts]
    if not texts:
        return frozenset()
    vectors = encode(texts)
    everything = " ".join(texts)
    scores = {name: _score(kind, vectors, everything) for name, kind in _kinds().items()}
    best = max(scores.values())
    close = {name for name, score in scores.items() if score >= best * _CLOSE}
    clear = best >= _CLEAR or (best >= _ALONE and len(close) == 1)
    return frozenset(close) if clear else frozenset()


def _score(kind: _Kind, vectors: Vectors, text: str) -> float:
    nearest = np.sort((vectors @ kind.examples.T).max(axis=1))[::-1][:_NEAREST]
    signs = {found.lower() for found in kind.signs.findall(text)}
    return round(float(nearest.mean()) / 2 + _SIGN_WEIGHT * min(len(signs), _SIGN_CAP), 4)


# ---------------------------------------------------------------- the people it serves


def _audience(
    facts: Sequence[Fact], goal: str, icp: Mapping[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """Those the plan is for, plural, with the facts that name them.

    The chosen profile first, then whom the goal names, then whom the evidence speaks of most; ("", ()) when
    nobody is named.
    """
    found = {audience.phrase: tuple(audience.ids[:1]) for audience in audiences.find(facts)}
    small = {phrase.lower(): phrase for phrase in found}
    chosen = small.get(tidy(str(icp.get("name") or "")).lower(), "")
    role = tidy(str((icp.get("demographics") or {}).get("role") or ""))
    wanted = _named_in(goal)
    narrower = next((phrase for phrase in found if wanted and phrase.endswith(f" {wanted}")), "")
    for phrase in [chosen, role, narrower, wanted, *found]:
        if _speakable(phrase):
            return _spoken(phrase), found.get(small.get(phrase.lower(), ""), ())
    return "", ()


@functools.lru_cache(maxsize=1)
def _groups() -> frozenset[str]:
    """Plural nouns for people and firms."""
    return frozenset(plural(noun) for noun in words("people") | words("organisations"))


def _named_in(goal: str) -> str:
    """The people or firms a goal names, with up to two words before: "tanker owners", "CA firms"."""
    tokens = re.findall(r"[A-Za-z][\w'’-]*|\S", goal)
    for at, token in enumerate(tokens):
        if token.lower() in _groups():
            phrase = [token]
            for before in reversed(tokens[max(0, at - 2) : at]):
                if not _qualifies(before):
                    break
                phrase.insert(0, before)
            return " ".join(phrase)
    return ""


def _qualifies(word: str) -> bool:
    empty = words("not_modifiers") | words("empty_adjectives") | NUMBER_WORDS.keys()
    acts = wording.listed("instruction")
    return word[0].isalpha() and word.lower() not in empty and word.lower() not in acts


def _speakable(phrase: str) -> bool:
    return (
        0 < len(phrase) <= LONGEST_AUDIENCE
        and bool(re.fullmatch(r"[A-Za-z][\w'’& -]*", phrase))
        and not re.search(r"\bAI\b", phrase)
        and not {phrase.lower(), singular(phrase.lower())} & words("wide_nouns")
    )


def _spoken(phrase: str) -> str:
    first = phrase.split()[0]
    small = phrase if first.isupper() or not first[1:].islower() else phrase[0].lower() + phrase[1:]
    return plural(small)


def _plain_audience(kinds: frozenset[str]) -> str:
    if "opensource" in kinds:
        return "developers"
    return "customers" if kinds & _CONSUMER else "buyers"


_BUYER_WORDS = ("patients", "guests", "members", "students", "clients", "users", "customers")


def _customers(facts: Sequence[Fact], kinds: frozenset[str]) -> str:
    """What the evidence calls those who already buy: the most frequent of the usual words."""
    if "opensource" in kinds:
        return "users"
    text = " ".join(plain(fact.quote).lower() for fact in facts)
    counted = {word: len(re.findall(rf"\b{word[:-1]}s?\b", text)) for word in _BUYER_WORDS}
    best = max(_BUYER_WORDS, key=lambda word: counted[word])
    if counted[best] > 1:
        return best
    return "users" if kinds == {"software"} else "customers"
