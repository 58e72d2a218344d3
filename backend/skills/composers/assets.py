"""Facts sorted into what a plan can use: offers, differences, proof, praise, doubts, pains, triggers ...

What cannot be quoted well is left out; nothing is reworded.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.domain.facts import Evidence, Fact
from backend.skills.composers import offering, quotes
from backend.skills.composers.language import plain, short_question, tidy
from backend.skills.composers.lexicon import words
from backend.skills.composers.material import SHORT_LIMIT, Asset, Assets, is_whole, quoted, sentence
from backend.skills.composers.quotes import Quotation

DOUBT_LIMIT = SHORT_LIMIT + 14
"""A doubt in a title may be longer: the title is about it."""


@dataclass(frozen=True, slots=True)
class Sorted:
    assets: Assets
    frozen: frozenset[str]
    """Ids of facts that contradict another one; out of every task but the one that settles them."""
    banned: tuple[str, ...] = ()


def sort(facts: Sequence[Fact], corpus: Sequence[Evidence] = (), company_name: str = "") -> Sorted:
    """Assets by kind, the surest first; equal ones in the order of the evidence.

    Of the positioning sentences the one that names the company leads: it is the one to repeat everywhere.
    """
    texts = {evidence.id: evidence.text for evidence in corpus}
    facts = [f for f in facts if f.evidence_id not in texts or is_whole(f, texts[f.evidence_id])]
    conflicts = offering.conflicts(facts)
    disputed = _disputed(conflicts)
    found: Assets = defaultdict(list)
    for fact in sorted(facts, key=lambda f: (f.needs_verification, -round(f.confidence, 2))):
        if fact.id not in disputed:
            for asset in _read(fact):
                found[asset.kind].append(asset)
    found["offer"] = offering.for_segments(found["offer"], company_name)
    offering.rank(found)
    found["second"] = [Asset("second", a.fact, a.fields) for a in found["diff"]]
    found["conflict"] = conflicts
    found["positioning"].sort(key=lambda asset: _remoteness(asset, company_name))
    assets = {kind: _distinct(listed) for kind, listed in found.items() if listed}
    return Sorted(assets, disputed, banned(facts))


def frozen(facts: Sequence[Fact]) -> frozenset[str]:
    """Ids of facts that contradict another one, without sorting the rest."""
    return _disputed(offering.conflicts(facts))


def _disputed(conflicts: Sequence[Asset]) -> frozenset[str]:
    return frozenset(fact.id for asset in conflicts for fact in asset.facts)


def _distinct(assets: Iterable[Asset]) -> list[Asset]:
    seen: dict[str, Asset] = {}
    for asset in assets:
        seen.setdefault(asset.meaning.lower() or asset.fact.id, asset)
    return list(seen.values())


_DEFINES = re.compile(
    r"^[\w.&' -]{2,40} (?:is|are|helps?|makes?|offers?|provides?|gives?|lets)\b", re.I
)
EASY_TO_REPEAT = 110


def _remoteness(asset: Asset, company_name: str) -> int:
    """How far a sentence is from one to put on every page: names the firm, says what it is, is short."""
    text = asset.meaning
    first = company_name.split()[:1]
    named = bool(first) and first[0].lower() in text.lower()
    return 2 * (not named) + (not _DEFINES.search(text)) + (len(text) > EASY_TO_REPEAT)


def _read(fact: Fact) -> list[Asset]:
    return [*_READERS[fact.category](fact), *_competitors(fact), *offering.first_steps(fact)]


# ---------------------------------------------------------------- readers, one per category


def _positioning(fact: Fact) -> list[Asset]:
    return sentence("positioning", fact)


def _difference(fact: Fact) -> list[Asset]:
    return sentence("diff", fact)


# A sentence on prices is a rule one can apply when it holds a figure, or says what the price follows from.
_RULE = re.compile(
    r"\b(?:per|each|every|by the|depend\w*|includ\w+|exclud\w+|extra|minimum|deposit|advance|"
    r"surcharge|discount\w*|quot\w+|free|fixed|refund\w*|instal\w+)\b",
    re.I,
)


def _pricing(fact: Fact) -> list[Asset]:
    rules = sentence("price", fact) if fact.quantities or _RULE.search(fact.quote) else []
    return [*offering.named(fact), *rules]


_SPOKEN_BAN = re.compile(
    r"\b(?:do not|don['’]?t|never|must not) (?:say|name|use|promise|mention|claim|write|call)\b",
    re.I,
)
_TO_A_MACHINE = re.compile(
    r"\b(?:do not|never) (?:estimate|infer)\b|\bAI (?:assistants|agents)\b", re.I
)


def _limit(fact: Fact) -> list[Asset]:
    inward = _SPOKEN_BAN.search(fact.quote) or _TO_A_MACHINE.search(fact.quote)
    return [] if inward else sentence("constraint", fact)


_FOUNDED = re.compile(
    r"\b(?:founded|started|began|begun|set up|established|opened|since|incorporated|launched)\b",
    re.I,
)


def _origin(fact: Fact) -> list[Asset]:
    has_year = re.search(r"\b(?:19|20)\d\d\b", fact.quote)
    return sentence("origin", fact) if has_year and _FOUNDED.search(fact.quote) else []


# A named customer with a result: "Acme Traders cut ...", "claims up 3x at Acme Traders".
_RESULT = re.compile(
    r"^((?:[A-Z][\w&'’.-]*\s+(?:&\s+)?){1,4})(?:cut|closed|moved|saved|reduced|recovered|grew|brought|increased|"
    r"doubled|switched|went|dropped|raised|filled|won)\b|\bat ((?:[A-Z][\w&'’-]+\s?(?:&\s)?){2,4})"
)
_UNSURE = re.compile(r"\?\?|\bcheck with\b|\bold\b|\bcorrect\b|\bnot sure\b|\btb[cd]\b", re.I)


def _proof(fact: Fact) -> list[Asset]:
    said = quotes.quotation(fact.quote)
    if said:
        return _spoken(fact, said)
    if _UNSURE.search(f"{fact.quote} {fact.section}"):
        return []
    customer = _RESULT.search(plain(fact.quote))
    if customer and fact.quantities and not re.match(r"(?:We|Our|The|They|It)\b", fact.quote):
        return sentence("proof", fact, customer=tidy(customer.group(1) or customer.group(2)))
    counted = any(q.kind in ("percent", "count") for q in fact.quantities)
    return sentence("stat" if counted and not fact.needs_verification else "diff", fact)


_CHALLENGE = re.compile(
    r"^(?:but |so )?(?:why|what if|how (?:do|can|will))\b|,\s*(?:why|what if|how)\b.*\?$", re.I
)
_IN_OUR_FAVOUR = re.compile(r"\bbut (?:no|not|nobody|they|there)\b", re.I)


def _spoken(fact: Fact, said: Quotation) -> list[Asset]:
    """A buyer's sentence: a doubt, or praise when it carries a name."""
    doubts = _CHALLENGE.search(said.words) or quotes.polarity(said.words) == "objection"
    if doubts and not _IN_OUR_FAVOUR.search(said.words):
        return _objection(fact, said.words)
    fields = quoted(said.words)
    who = tidy(fact.speaker or said.speaker).split(",")[0].strip()
    return [Asset("praise", fact, {**fields, "who": who})] if fields and who else []


_PAIN = re.compile(
    r"\b(?:los(?:e|es|t|ing)|by hand|at midnight|only when|headache|tired of|fear\w*|worr\w+|not knowing|"
    r"stale|hidden charges|struggl\w+|frustrat\w+|wast(?:e|ing)|pain|hard to|confus\w+|difficult\w*|messy?|"
    r"too (?:slow|costly|expensive|many)|afraid|burst|miss(?:ed|ing))\b",
    re.I,
)
_TRIGGER = re.compile(
    r"\b(?:start(?:s|ed)? (?:looking|searching)|they buy|notice (?:comes|arrives)|after an? \w+|"
    r"(?:come|call|ask|look|buy|search)\w*\b.{0,30}\b(?:after|before|when)|"
    r"before (?:the )?\w+ (?:season|filing|wedding|festival|exam))\b",
    re.I,
)
_EVENT = re.compile(r"\b((?:after|before|when|once|during) .{8,70})$", re.I)


def _buyer(fact: Fact) -> list[Asset]:
    said = quotes.quotation(fact.quote)
    if said:
        return _spoken(fact, said)
    if tidy(fact.quote).endswith("?"):
        return _objection(fact, fact.quote)
    if _TRIGGER.search(fact.quote):
        event = _EVENT.search(tidy(fact.quote))
        return sentence("trigger", fact, **({"event": event.group(1)} if event else {}))
    return sentence("pain", fact) if _PAIN.search(fact.quote) else []


def _objection(fact: Fact, text: str) -> list[Asset]:
    fields = quoted(text)
    if not fields:
        return []
    short = short_question(text, DOUBT_LIMIT)
    return [Asset("objection", fact, {**fields, **({"short": short} if short else {})})]


_READERS = {
    "positioning": _positioning,
    "pricing": _pricing,
    "differentiators": _difference,
    "proof_points": _proof,
    "target_audience": _buyer,
    "constraints": _limit,
    "company_info": _origin,
}


# ---------------------------------------------------------------- competitors, bans

_COMPARED = re.compile(
    r"(?:lose (?:deals |orders )?(?:mostly )?to|compare[sd]?(?: us)? (?:with|to)|comparing us with|"
    r"takes? quotes from|stopped buying|switch(?:ed|ing) from|alternative to|unlike|instead of|replace[sd]?|"
    r"better than)\s+"
)
_CAPITAL_NAME = re.compile(r"\b[A-Z][\w.]*[a-z]\w*(?: [A-Z]\w+)?\b")


def _competitors(fact: Fact) -> list[Asset]:
    said = _COMPARED.search(plain(fact.quote))
    if not said:
        return []
    rest = re.split(r"[.;(]|, (?:we|and we|our|he|she|they|it)\b", plain(fact.quote)[said.end() :])[
        0
    ]
    common = words("not_names")
    names = [name for name in _CAPITAL_NAME.findall(rest) if name.split()[0].lower() not in common]
    return [Asset("competitor", fact, {"name": name}) for name in names[:3]]


_UNNAMED = re.compile(r"\bname ([A-Z]\w+(?: [A-Z]\w+)?)\b( in (?:paid )?ad)?")


def forbids(fact: Fact) -> bool:
    """Whether a fact is a note on what must not be said."""
    return bool(_SPOKEN_BAN.search(fact.quote))


def banned(facts: Sequence[Fact]) -> tuple[str, ...]:
    """Words the founder's notes forbid: quoted after "do not say", or a name after "do not name".

    A name kept out of advertisements alone may stand elsewhere.
    """
    terms: list[str] = []
    for fact in facts:
        if forbids(fact):
            terms += re.findall(r"[\"'“‘]([^\"'“”‘’]{3,40})[\"'”’]", fact.quote)
            terms += [name for name, in_ads in _UNNAMED.findall(fact.quote) if not in_ads]
    return tuple(dict.fromkeys(terms))
