"""What public copy may say: sentences of the founder that strangers may read, nearest to a topic first.

Internal notes speak about buyers ("they start looking after ..."); of those copy takes the event, or nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.facts import Evidence, Fact
from backend.services.embeddings import encode
from backend.skills import wording
from backend.skills.composers import assets as asset_reader
from backend.skills.composers import business
from backend.skills.composers.business import Business
from backend.skills.composers.gaps import gaps
from backend.skills.composers.language import tidy
from backend.skills.composers.material import Asset, Assets
from backend.skills.composers.quotes import objects

ANSWERS = 0.25
"""Cosine from which a fact answers a doubt."""
NEAR_OFFER = 0.30
"""Under it no offer is the topic's own, and the first one is taken."""

_NOTE = re.compile(
    r"\btypical (?:buyer|customer|client)\b|\bwhat we hear\b|\bcall back\b|\?\?|\bcheck with\b|"
    r"\bwe (?:lose|lost) (?:deals|orders|customers|clients)\b|\bdoes not exist\b|"
    r"\b(?:main|second|biggest) fear\b|\bcompares? us\b|\b(?:turnover|revenue|margin|valuation)\b",
    re.I,
)
"""Words of notes to oneself."""
_ABOUT_THEM = re.compile(
    r"^(?:they|he|she|it|this|these|those|most|main|many|some|others?)\b", re.I
)
_THEY = re.compile(r"^they (?=[a-z]+\b)", re.I)
_THEIRS = re.compile(r"\bbecause\b|\bcannot (?:tell|find|see|know|wait|afford)\b", re.I)
"""What buyers cannot do is their trouble, not a limit of ours."""
_CHARGE = re.compile(
    r"\b(?:charges?|fees?|deposit|advance|penalty|surcharge|fine|postage|courier cost)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that can be said, and the facts it is."""

    kind: str
    fields: Mapping[str, str]
    facts: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class Material:
    said: dict[str, list[Said]]
    firm: Business
    assets: Assets
    banned: tuple[str, ...]

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(id for listed in self.said.values() for one in listed for id in one.facts)

    def missing(self) -> list[dict[str, Any]]:
        """The questions whose answers would give copy more to say."""
        return [gap.model_dump() for gap in gaps(self.assets, [])]


def gather(
    facts: Sequence[Fact],
    corpus: Sequence[Evidence],
    company: Mapping[str, Any],
    topic: str,
    icp: Mapping[str, Any] | None = None,
) -> Material:
    """All that the evidence offers, each kind sorted by nearness to the topic."""
    name = str(company.get("company_name") or "")
    found = asset_reader.sort(facts, corpus, name)
    firm = business.describe(facts, company, goal=topic, icp=icp)
    said = {kind: listed for kind, listed in _read(found.assets, firm).items() if listed}
    _by_nearness(said, topic)
    said["first"] = _first(said, found.assets, firm)
    return Material({k: v for k, v in said.items() if v}, firm, found.assets, found.banned)


def answer_to(
    question: Said, said: Mapping[str, Sequence[Said]], used: Iterable[str]
) -> Said | None:
    """The statement nearest in meaning to what a buyer says, if any is near at all."""
    taken = set(used)
    among = [
        one for kind in ("diff", "figure", "result") for one in said.get(kind, ())
        if not taken & set(one.facts)
    ]  # fmt: skip
    if not among:
        return None
    vectors = encode([question.meaning, *(one.meaning for one in among)])
    likeness = vectors[1:] @ vectors[0]
    best = int(likeness.argmax())
    if float(likeness[best]) < ANSWERS:
        return None
    return Said("answer", among[best].fields, among[best].facts, among[best].meaning)


def _read(assets: Assets, firm: Business) -> dict[str, list[Said]]:
    spoken = assets.get("objection", [])
    return {
        "what": [one for a in assets.get("positioning", []) for one in _stated("what", a, firm)],
        "pain": [one for a in assets.get("pain", []) for one in _pain(a, firm)],
        "event": [_event(a) for a in assets.get("trigger", []) if a.fields.get("event")],
        "doubt": [_quoted("doubt", a) for a in spoken if a.fields["quote"].endswith("?")],
        "voice": [_quoted("voice", a) for a in spoken if not a.fields["quote"].endswith("?")
                  and (objects(a.fields["quote"]) or len(a.fields["quote"].split()) > 4)],
        "diff": [one for a in assets.get("diff", []) for one in _stated("diff", a, firm)],
        "figure": [one for a in assets.get("stat", []) for one in _stated("figure", a, firm)],
        "result": [one for a in assets.get("proof", []) for one in _stated("result", a, firm)],
        "praise": [_quoted("praise", a) for a in assets.get("praise", [])],
        "offer": [_offer("offer", a, firm) for a in assets.get("offer", []) if _is_sold(a)],
        "free": [one for a in assets.get("entry", []) for one in _free(a, firm)],
        "term": [one for a in assets.get("price", []) for one in _term(a, firm)],
        "limit": [one for a in assets.get("constraint", []) for one in _stated("limit", a, firm)],
        "origin": [one for a in assets.get("origin", []) for one in _stated("origin", a, firm)],
    }  # fmt: skip


def opened(text: str, firm: Business) -> str:
    """The first letter large, but for a product that writes itself small."""
    if not text or text.startswith(firm.product):
        return text
    return text[0].upper() + text[1:]


def _sentence(text: str, firm: Business) -> dict[str, str]:
    """`sentence` opens large; `small` goes after a colon, where the first word is no name."""
    first = re.match(r"[A-Za-z][a-z'’-]*(?=[ ,])", text)
    word = first[0] if first else ""
    named = word in ("", "I", firm.product.split()[0]) or wording.is_neutral(word)
    small = text if named or not wording.is_common(word) else text[0].lower() + text[1:]
    return {"sentence": opened(text, firm), "small": small}


def _stated(kind: str, asset: Asset, firm: Business) -> list[Said]:
    """A founder's sentence as it is; none that is a note, or a title without a verb where one is needed."""
    text = asset.fields["quote"]
    if _NOTE.search(text) or _ABOUT_THEM.match(text):
        return []
    if kind == "limit" and _THEIRS.search(text):
        return []
    if kind == "what" and not wording.is_statement(text, [firm.product], strict=True):
        return []
    fields = _sentence(text, firm)
    if short := asset.fields.get("short"):
        fields["short"] = opened(short, firm)
    return [Said(kind, fields, tuple(fact.id for fact in asset.facts), asset.meaning)]


def _pain(asset: Asset, firm: Business) -> list[Said]:
    """A problem of the buyers. "They lose ..." is said of them by name, where the evidence names them."""
    text = asset.fields["quote"]
    if _THEY.match(text) and firm.audience_facts:
        fields = _sentence(_THEY.sub(f"{firm.audience} ", text), firm)
        facts = (asset.fact.id, *firm.audience_facts)
        return [] if _NOTE.search(text) else [Said("pain", fields, facts, asset.meaning)]
    if re.match(r"(?:we|our|i|us)\b", text, re.I):
        return []
    return _stated("pain", asset, firm)


def _event(asset: Asset) -> Said:
    event = asset.fields["event"]
    fields = {"event": event, "Event": event[0].upper() + event[1:]}
    return Said("event", fields, (asset.fact.id,), asset.meaning)


def _quoted(kind: str, asset: Asset) -> Said:
    quote = asset.fields["quote"]
    who = asset.fields.get("who", "")
    fields = {"quote": quote, "Quote": quote[0].upper() + quote[1:]}
    if who:
        fields |= {"who": who, "Who": who[0].upper() + who[1:]}
    if short := asset.fields.get("short"):
        fields["short"] = short[0].upper() + short[1:]
    return Said(kind, fields, (asset.fact.id,), asset.meaning)


def _is_sold(offer: Asset) -> bool:
    """A thing one buys, not a charge that comes on top."""
    return not _CHARGE.search(offer.fact.quote)


def _offer(kind: str, offer: Asset, firm: Business) -> Said:
    name, price = offer.fields["name"], offer.fields["price"]
    named = opened(name, firm)
    from_on = price.startswith("from ")
    fields = {
        "line": f"{name} {price}" if from_on else f"{name} at {price}",
        "Line": f"{named} {price}" if from_on else f"{named} at {price}",
        "row": f"{named}: {price}",
    }
    return Said(kind, fields, (offer.fact.id,), offer.meaning)


def _free(asset: Asset, firm: Business) -> list[Said]:
    line = asset.fields.get("line", "")
    if not line.startswith("“"):
        return []
    text = tidy(line.strip("“”"))
    return [Said("free", _sentence(text, firm), (asset.fact.id,), text)]


def _term(asset: Asset, firm: Business) -> list[Said]:
    """A rule about prices that is a sentence; a row of the price list is an offer."""
    text = asset.fields["quote"]
    is_rule = wording.is_statement(text, [firm.product], strict=True) or re.match(
        r"(?:free|all|prices?|first|delivery|shipping)\b", text, re.I
    )
    return _stated("term", asset, firm) if is_rule and not text[:1].isdigit() else []


def _by_nearness(said: dict[str, list[Said]], topic: str) -> None:
    """Sort each kind by nearness to the topic, in place; equals stay as the evidence has them."""
    listed = [one for kind in said for one in said[kind]]
    if not listed or not topic:
        return
    vectors = encode([topic, *(one.meaning for one in listed)])
    near = {
        id(one): round(float(v @ vectors[0]), 3) for one, v in zip(listed, vectors[1:], strict=True)
    }
    for kind in said:
        said[kind].sort(key=lambda one: -near[id(one)])
    offers = said.get("offer", [])
    if offers and near[id(offers[0])] < NEAR_OFFER:
        order = {id(one): place for place, one in enumerate(listed)}
        offers.sort(key=lambda one: order[id(one)])


def _first(said: Mapping[str, list[Said]], assets: Assets, firm: Business) -> list[Said]:
    """What one buys first: of the offers, the one that their ranking calls so."""
    firsts = [_offer("first", a, firm) for a in assets.get("first", []) if _is_sold(a)]
    firsts = firsts or [
        Said("first", o.fields, o.facts, o.meaning) for o in said.get("offer", [])[:1]
    ]
    told = {term.facts: term.fields for term in said.get("term", [])}
    return [
        Said("first", {**told.get(o.facts, {}), **o.fields}, o.facts, o.meaning) for o in firsts
    ]
