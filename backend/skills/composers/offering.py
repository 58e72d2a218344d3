"""Offers as a plan may name them: a thing one can buy, its price and period, all from one fact."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from backend.domain.facts import Fact, Quantity
from backend.skills.composers import segments
from backend.skills.composers.language import plain, tidy
from backend.skills.composers.material import Asset, Assets, is_row, sentence
from backend.skills.composers.offers import PORTION, Offer, read_offers

LONGEST_NAME = 40
LONGEST_INITIALS = 4
"""Letters: "SEO" is a name in capitals, "GELATO" a heading."""
FAR_APART = 200
"""Characters between two prices of one thing from which they are no longer variants in one list."""

_CURRENCY = re.compile(r"[₹$€£]|\b(?:rs|inr|usd|eur|gbp|rupees)\b|/-", re.I)
# Words that stand before a price without naming what is sold.
_NO_OFFER = re.compile(
    r"\b(?:save[sd]?|savings?|discount|off|extra|deposit|advance|penalty|fine|late|refunds?|phone|tel|mobile|call|"
    r"fax|pin|zip|capital|guidelines?|terms?|conditions?|notes?|polic(?:y|ies)|overview|total|subtotal|gst|vat|tax|"
    r"there|turnover|revenue|minimum|maximum|surcharge|cancellation|pricing|prices?|cost|fees?|"
    r"invoice|begins?|starts?|comes?|goes|equivalent|average|custom|billing|transactions?|threshold|salary|budget|"
    r"worth|value|volume|amount|limit|cap)\b",
    re.I,
)
NEAR = 25
"""Characters between a name and its price in running text; farther off it names something else."""
LINE = 130
"""A longer text is a sentence: its price is not named by the heading above it."""
_EDGE_NOISE = re.compile(
    r"(?:includ(?:es?|ing|ed)|shipping|delivery|starts?|starting|from|only|just|at|priced?|costs?|rates?|amount|per|is|are|was|for|and|or|the|a|an|our|your|"
    r"we|you|it|this|that|to|of|with|over|under|above|get|pay|billed|charged?|upto|up|between|approx|about|not|"
    r"all|every|each|in|on|by)",
    re.I,
)
_LABEL_TAIL = re.compile(r"\s+(?:one-time|onetime|each|only|extra)$", re.I)
_GOES_ON = re.compile(r"(?:stays?|remains?|sells?|goes|comes)", re.I)
_OPEN_END = re.compile(r"^\s*(\+(?!\s*\w)|(?:&|and)\s+(?:up|above)\b|onwards?\b|upwards?\b)", re.I)


def offer_name(label: str) -> str:
    """The label when it reads as the name of a thing one can buy, else nothing."""
    bare = tidy(re.sub(r"\([^)]*\)", "", label))
    first = _LABEL_TAIL.sub("", tidy(_PARTS.split(bare)[0]))
    return _as_name(bare) or _as_name(first) if _NUMBERED.match(first) else _as_name(first)


_PARTS = re.compile(r"\s*[=:|]\s*|\s+[-–—]\s+")
_NUMBERED = re.compile(r"\w+ \d+$")
""" "Grade 1: scale and polish" is one name; "Haircut: men" is a thing and a note."""


def _as_name(name: str) -> str:
    words = name.split()
    if (
        not words
        or len(words) > 6
        or len(name) > LONGEST_NAME
        or not re.search(r"[^\W\d_]{3}", name)
    ):
        return ""
    if _EDGE_NOISE.fullmatch(words[0]) or _EDGE_NOISE.fullmatch(words[-1]):
        return ""
    if re.search(r"[;?!,]|\d[-\d]{5,}", name) or _NO_OFFER.search(name) or _CURRENCY.search(name):
        return ""
    return name


def named(fact: Fact) -> list[Asset]:
    """The offers of a pricing fact, each name once: with two prices the first is the current one."""
    found: dict[str, Asset] = {}
    for offer in read_offers([fact]):
        asset = _offer(fact, offer)
        if asset:
            found.setdefault(asset.fields["name"].lower(), asset)
    return list(found.values())


def _without_verb(label: str, quote: str) -> str:
    """ "The cake box stays at ₹32" tells of the cake box, "Farm stays: ₹2,000" of stays."""
    thing, _, verb = label.rpartition(" ")
    told = rf"\bthe {re.escape(label)} (?:at|for|to)\b"
    return thing if _GOES_ON.fullmatch(verb) and re.search(told, quote, re.I) else label


def _offer(fact: Fact, offer: Offer) -> Asset | None:
    name, value = offer_name(_without_verb(offer["name"], fact.quote)), offer["price"]
    if not name or value is None or _aside(fact, offer["price_text"]):
        return None
    if not is_row(fact) and not _beside(fact, name, offer["price_text"]):
        return None
    periods = [word for word in offer["period"].split("/") if word.isalpha()]
    price = " per ".join([offer["price_text"] + _open_end(fact, offer["price_text"]), *periods])
    fields = {"price": price, "label": tidy(offer["name"]), "section": fact.section}
    return _called(name, Asset("offer", fact, fields, value))


def _called(name: str, offer: Asset) -> Asset:
    price = offer.fields["price"]
    line = f"{name} {price}" if price.startswith("from ") else f"{name} at {price}"
    return Asset("offer", offer.fact, {**offer.fields, "name": name, "line": line}, offer.value)


_HEADING = re.compile(r"[^\W\d_][\w &'’-]{2,27}")


def _in_full(offer: Asset) -> list[Asset]:
    """A portion is called after the heading it stands under; without a heading it cannot be named."""
    name, heading = offer.fields["name"], tidy(offer.fields["section"])
    if not PORTION.fullmatch(name):
        return [offer]
    if not _HEADING.fullmatch(heading) or _NO_OFFER.search(heading):
        return []
    return [_called(f"{_unshouted(heading)} ({name})", offer)]


def _unshouted(heading: str) -> str:
    return (
        heading.capitalize() if heading.isupper() and len(heading) > LONGEST_INITIALS else heading
    )


def _told_apart(offers: Sequence[Asset]) -> list[Asset]:
    """Where two prices stand under one name, the brackets of the label belong to it: "Spey (under 15kg)"."""
    names = Counter(offer.fields["name"].lower() for offer in offers)
    return [
        _called(offer.fields["label"], offer)
        if names[offer.fields["name"].lower()] > 1 and len(offer.fields["label"]) <= LONGEST_NAME
        else offer
        for offer in offers
    ]


def _beside(fact: Fact, name: str, price: str) -> bool:
    """Whether the name stands right before the price, or heads a line that is hardly more than the price."""
    before = plain(fact.quote.partition(price.removeprefix("from "))[0])
    at = before.rfind(name)
    return len(before) - at - len(name) <= NEAR if at >= 0 else len(fact.quote) <= LINE


def _aside(fact: Fact, price: str) -> bool:
    """A price inside brackets, after "save" or after a plus sign explains another one."""
    before = fact.quote.partition(price.removeprefix("from "))[0]
    if before.rstrip().endswith("+"):
        return True
    return before.count("(") > before.count(")") or bool(
        re.search(r"\bsav(?:e|es|ing)\s*$", before, re.I)
    )


def _open_end(fact: Fact, price: str) -> str:
    """ "and up" or "onwards" belongs to the price: without it a minimum would read as the whole."""
    after = fact.quote.partition(price.removeprefix("from "))[2]
    found = _OPEN_END.match(after)
    return "" if not found else found.group(1) if found.group(1) == "+" else f" {found.group(1)}"


# ---------------------------------------------------------------- roles

# Names of steps of one ladder: a page that compares two of them helps a buyer.
_STEP = re.compile(
    r"\b(?:free|basic|lite|light|starter|solo|personal|standard|regular|classic|plus|pro|professional|premium|business|"
    r"team|growth|scale|advanced|enterprise|silver|gold|platinum|bronze|small|medium|large|half|full|single|double|"
    r"monthly|quarterly|annual|yearly|plan|package|tier|edition|retainer|series|control|owner|network)\b",
    re.I,
)


def for_segments(offers: Sequence[Asset], seller: str) -> list[Asset]:
    """A row called after who pays is what is sold to them: "Lotus Clean for dental clinics"."""
    buyers = segments.in_rows([offer.fact for offer in offers])
    return [
        _called(_sold_to(buyers[offer.fact.id].small, seller), offer)
        if offer.fact.id in buyers
        else offer
        for offer in offers
    ]


def _sold_to(buyers: str, seller: str) -> str:
    named = f"{seller} for {buyers}"
    return named if seller and len(named) <= LINE // 2 else f"Offer for {buyers}"


def rank(found: Assets) -> None:
    """Give the offers of a workspace their roles: `low`, `high`, `free`, the `first` one buys, and `entry`.

    The entry is that same first offer, or a sentence that lets people begin without paying.
    """
    portions = [full for offer in found["offer"] for full in _in_full(offer)]
    found["offer"] = _told_apart(portions or found["offer"])
    priced = sorted((o for o in found["offer"] if o.value > 0), key=lambda o: (o.value, o.meaning))
    found["free"] = [_as("free", o) for o in found["offer"] if o.value == 0]
    ladder = _ladder(priced)
    if ladder:
        found["low"], found["high"] = [_as("low", ladder[0])], [_as("high", ladder[-1])]
    first = found["free"] or sorted(priced, key=_lateness)
    found["first"] = [_as("first", offer) for offer in first[:1]]
    found["entry"] = (found["entry"] or [_as("entry", offer) for offer in first])[:1]
    found["offer"] = priced or found["offer"]


_BEGINS = re.compile(
    r"\b(?:initial|first|intro\w*|trial|taster|consultation|assessment|starter|basic|lite|solo|drop-?in|single|sample|"
    r"audit|check-?up|beginner)",
    re.I,
)
_COMES_LATER = re.compile(
    r"\b(?:follow|renewal|add-?on|extra|additional|upgrade|refill|spare|accessor|discounted|repeat|option)",
    re.I,
)


def _lateness(offer: Asset) -> int:
    """0 for what one buys first by its name, 2 for what one buys later; the cheaper first among equals."""
    name = offer.fields["name"]
    return 0 if _BEGINS.search(name) else 2 if _COMES_LATER.search(name) else 1


def _ladder(priced: Sequence[Asset]) -> list[Asset]:
    """The largest group of offers that are steps of one thing: same paper, same period, names alike."""
    groups: dict[tuple[str, ...], list[Asset]] = defaultdict(list)
    for offer in priced:
        name = offer.fields["name"].lower()
        place = (str(offer.fact.evidence_id), offer.fields["price"].partition(" per ")[2])
        if _is_step(offer):
            groups[(*place, "".join(_RUNG.findall(name)))].append(offer)
        groups[(*place, _SIZE.sub("", name), "size")].append(offer)
    rising = [g for g in groups.values() if len(g) > 1 and g[0].value < g[-1].value]
    return max(rising, key=len, default=[])


_RUNG = re.compile(
    r"\b(?:plan|package|pack|tier|retainer|series|pass|membership|edition|subscription|licen[cs]e)s?$"
)
_SIZE = re.compile(r"\d+|\b(?:small|medium|large|half|full|single|double|initial|kg|g|gm|ml|l)\b")


def _is_step(offer: Asset) -> bool:
    """ "Pro", "Basic package", or a one-word plan billed by month or seat."""
    name, price = offer.fields["name"], offer.fields["price"]
    billed = re.search(r" per (?:\w+ per )?(?:month|year|user|seat|truck)\b", price)
    few = len(name.split())
    return bool(
        _RUNG.search(name.lower()) or (_STEP.search(name) and few <= 2) or (billed and few == 1)
    )


def _as(kind: str, asset: Asset) -> Asset:
    return Asset(kind, asset.fact, asset.fields, asset.value)


_FREE_STEP = re.compile(
    r"\bfree (?:\w+ )?(?:consultation|trial|demo|sample|estimate|quote|call|assessment|plan|tier|visit|class|"
    r"session)\b|"
    r"\b(?:days?|month) free\b|\bno (?:cost|charge) (?:to|for)\b|\bfree (?:for|on|up to)\b",
    re.I,
)


def first_steps(fact: Fact) -> list[Asset]:
    """A sentence that lets people begin without paying, whatever kind of fact it was taken for."""
    if not _FREE_STEP.search(fact.quote):
        return []
    return [
        Asset("entry", fact, {"line": f"“{asset.fields['quote']}”"})
        for asset in sentence("entry", fact)
    ]


# ---------------------------------------------------------------- contradictions


def conflicts(facts: Sequence[Fact]) -> list[Asset]:
    """Two facts that give one named thing two prices for the same period."""
    seen: dict[tuple[str, str], list[tuple[Fact, Quantity]]] = defaultdict(list)
    found = []
    for fact in facts:
        for price in _single_prices(fact):
            others = seen[_same_thing(price.label), price.unit]
            found += [
                _conflict(other, (fact, price))
                for other in others
                if _disagree(other, (fact, price))
            ]
            others.append((fact, price))
    return found


def _single_prices(fact: Fact) -> list[Quantity]:
    prices = [
        q
        for q in fact.quantities
        if q.kind == "price" and q.role == "" and offer_name(q.label) and not _aside(fact, q.text)
    ]
    labels = [q.label.lower() for q in prices]
    return [q for q in prices if labels.count(q.label.lower()) == 1]


def _same_thing(label: str) -> str:
    return re.sub(r"\s+(?:plan|pack|package|subscription|edition)$", "", offer_name(label).lower())


def _disagree(one: tuple[Fact, Quantity], other: tuple[Fact, Quantity]) -> bool:
    """Variants of one thing stand in neighbouring lines or under other headings; contradictions do not."""
    (fact, price), (other_fact, other_price) = one, other
    if price.value == other_price.value or not _same_period(price.period, other_price.period):
        return False
    if bool(_ON_DAYS.search(fact.quote)) != bool(_ON_DAYS.search(other_fact.quote)):
        return False
    if fact.evidence_id != other_fact.evidence_id:
        return True
    apart = abs(fact.start - other_fact.start) >= FAR_APART
    return apart and fact.section == other_fact.section and not _both_rows(fact, other_fact)


_ON_DAYS = re.compile(
    r"\bon (?:(?:mon|tues|wednes|thurs|fri|satur|sun|holi|week)days?|weekends?)\b", re.I
)


def _both_rows(one: Fact, other: Fact) -> bool:
    return all("|" in f.quote or "\t" in f.quote or "   " in f.quote for f in (one, other))


def _same_period(one: str, other: str) -> bool:
    """`truck` beside `truck/month`: the shorter one may just be the careless one."""
    parts, other_parts = set(one.split("/")), set(other.split("/"))
    return parts <= other_parts or other_parts <= parts or not one or not other


def _conflict(one: tuple[Fact, Quantity], other: tuple[Fact, Quantity]) -> Asset:
    fields = {
        "subject": f"the price of {offer_name(one[1].label)}",
        "one": plain(one[1].text),
        "other": plain(other[1].text),
    }
    return Asset("conflict", one[0], fields, other=other[0])
