"""The market as the evidence has it: what buyers say, whom they compare with, who is met most (steps 7-9).

Nothing is known of a rival but what the founder's documents say; the rest is a question.
"""

import functools
import re
from collections.abc import Sequence
from typing import Any, Literal

from backend.core import data_files
from backend.domain.facts import Fact
from backend.skills.composers import assets, quotes
from backend.skills.composers.language import plain, tidy
from backend.skills.composers.lexicon import DATA, words
from backend.skills.composers.questions import missing
from backend.skills.composers.sourced import Brief, counted, gaps, ids, line, lines

MOST = 8
MOST_RIVALS = {"direct": 3, "indirect": 2, "status_quo": 1}
"""PRODUCT 4."""
Kind = Literal["direct", "indirect", "status_quo"]
_DESIRE = re.compile(r"\b(?:want|wish|would like|looking for|need|hope|dream|prefer)\w*\b", re.I)
_OUR_EDGE = re.compile(
    r"\b(?:unlike|instead of|without|but (?:no|not)|only|cheaper|faster|less|never|no)\b", re.I
)
_NAME = r"(?P<name>[A-Z][\w.&]*(?: [A-Z][\w.&]*)?)"
_NAMED = (
    re.compile(
        rf"\b(?:[Uu]nlike|[Ii]nstead of|[Cc]ompared (?:to|with)|[Vv]ersus|vs\.?|"
        rf"(?:switch|mov)(?:ed|ing) from|(?:better|cheaper) than) {_NAME}"
    ),
    re.compile(rf"^{_NAME} (?:is|are) (?:cheaper|free|bigger|slower|built|made|meant)\b"),
    re.compile(rf"\b(?:when|if|because|since) {_NAME} (?:already|also)\b"),
)
_WITH = (
    r"(?:unlike|instead of|than|versus|hir(?:e|ing)|from|on|in|with|using|through) "
    r"(?:an? |the |their |your )?"
)
_THEIR_EDGE = re.compile(
    r"\b(?:cheaper|free|already|bigger|known|trusted|everybody uses|used to|habit)\b", re.I
)


@functools.lru_cache(maxsize=1)
def _words() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = data_files.read(DATA / "rivals.yaml")
    return loaded


def research(brief: Brief) -> dict[str, Any]:
    """Step 7: pains, wishes, doubts and the words they are said in."""
    found = brief.sorted().assets
    buyers = [fact for fact in brief.facts if fact.category == "target_audience"]
    desires = [fact for fact in buyers if _DESIRE.search(fact.quote)]
    pains = lines(found.get("pain", []), MOST)
    objections = lines(found.get("objection", []), MOST)
    verbatim = _verbatim(brief.facts)
    rivals = _rivals(brief)
    return {
        "pains": pains,
        "desires": [line(tidy(fact.fact), fact) for fact in desires[:MOST]],
        "objections": objections,
        "triggers": lines(found.get("trigger", []), MOST),
        "verbatim": verbatim,
        "rivals": [
            {"name": name, "kind": kind, "sources": ids(facts)} for name, kind, facts in rivals
        ],
        "missing": gaps(
            fears=pains, objections=objections, customer_quote=verbatim, competitors=rivals
        ),
    }


def _verbatim(facts: Sequence[Fact]) -> list[dict[str, Any]]:
    """What people are quoted with, to the letter."""
    said = ((fact, quotes.quotation(fact.quote)) for fact in facts if not assets.forbids(fact))
    return [line(quotation.words.rstrip(","), fact) for fact, quotation in said if quotation][:MOST]


def _rivals(brief: Brief) -> list[tuple[str, Kind, list[Fact]]]:
    """Named firms, other kinds of help, and the way things are done today; most spoken of first."""
    named: dict[str, Kind] = {}
    firms = [asset.fields["name"] for asset in brief.sorted().assets.get("competitor", [])]
    for name in [*firms, *_firms(brief)]:
        named.setdefault(name, _kind(name))
    for word in _words()["indirect"]:
        if any(_compares(fact, word) for fact in brief.facts):
            named.setdefault(word, "indirect")
    for word in _words()["status_quo"]:
        if any(_compares(fact, word) for fact in brief.facts):
            named.setdefault(word, "status_quo")
    mentioned = [(name, kind, _mentions(brief.facts, name)) for name, kind in named.items()]
    ranked = sorted((entry for entry in mentioned if entry[2]), key=lambda entry: -len(entry[2]))
    left = dict(MOST_RIVALS)
    kept = []
    for entry in ranked:
        if left[entry[1]] > 0:
            left[entry[1]] -= 1
            kept.append(entry)
    return kept


def _firms(brief: Brief) -> list[str]:
    """Names that a fact sets against the company: "Unlike Tally", "Zoho Books is cheaper"."""
    own = {word.lower() for word in brief.name.split()}
    found = [
        match
        for fact in brief.facts
        for wording in _NAMED
        for match in wording.finditer(plain(fact.quote))
    ]
    return [
        match["name"]
        for match in found
        if match["name"].split()[0].lower() not in own
        and (match.start("name") > 0 or match["name"].split()[0].lower() not in words("not_names"))
    ]


def _kind(name: str) -> Kind:
    low = name.lower()
    if any(low == word or low.startswith(f"{word} ") for word in _words()["status_quo"]):
        return "status_quo"
    return "indirect" if any(word in low for word in _words()["indirect"]) else "direct"


_BY_HAND = ("by hand", "manually")
_OUR_HANDS = re.compile(
    r"\b(?:we|our)\b(?:(?!\b(?:you|your|instead|unlike|no longer|not)\b)[^.;])*\b(?:by hand|manually)\b",
    re.I,
)
_MADE_BY_HAND = re.compile(
    r"\b(?:made|cast|finished|sewn|stitched|woven|knitted|carved|painted|crafted|rolled|roasted|cooked|"
    r"kneaded|poured|built|turned|forged|polished|ground|picked|shaped|cut|blown|embroidered|dyed)\b[^.;]*"
    r"\bby hand\b",
    re.I,
)


def _our_work(fact: Fact) -> bool:
    """What the company makes by hand is not the way its buyers get along without it."""
    ours = bool(_OUR_HANDS.search(fact.quote))
    return ours or (fact.category != "target_audience" and bool(_MADE_BY_HAND.search(fact.quote)))


def _compares(fact: Fact, word: str) -> bool:
    """Whether a fact speaks of another way of doing it, and not of a thing that is sold."""
    compared = "" if " " in word or word == "manually" else _WITH
    if word in _BY_HAND and _our_work(fact):
        return False
    speaks = fact.category in ("target_audience", "differentiators", "proof_points", "positioning")
    return speaks and bool(re.search(rf"\b{compared}{re.escape(word)}\b", fact.quote, re.I))


def _mentions(facts: Sequence[Fact], name: str) -> list[Fact]:
    named = re.compile(rf"\b{re.escape(name)}\b", re.I)
    return [fact for fact in facts if named.search(fact.quote)]


def competitors(brief: Brief) -> dict[str, Any]:
    """Step 8: of each rival what the evidence says, and a question for what it does not."""
    found = [_competitor(brief, *rival) for rival in _listed(brief)]
    asked = [
        missing("rival_details", of=rival["name"]).model_dump()
        for rival in found
        if rival["kind"] == "direct" and not (rival["positioning"] and rival["strengths"])
    ]
    return {"competitors": found, "missing": asked or gaps(competitors=found)}


def _listed(brief: Brief) -> list[tuple[str, Kind, list[Fact]]]:
    """Step 7's rivals, also those that the founder wrote there by hand."""
    known = brief.step(7).get("rivals")
    if known is None:
        return _rivals(brief)
    return [
        (rival["name"], rival["kind"], _mentions(brief.facts, rival["name"])) for rival in known
    ]


def _competitor(brief: Brief, name: str, kind: Kind, facts: list[Fact]) -> dict[str, Any]:
    about = [
        fact
        for fact in facts
        if re.match(
            rf"{re.escape(name)}\b[^.]{{0,20}}\b(?:(?:is|are) (?:an?|the)|makes|sells|offers)\b",
            fact.fact,
        )
    ]
    weaknesses = [fact for fact in facts if fact not in about and _OUR_EDGE.search(fact.quote)]
    strengths = [
        fact for fact in facts if fact not in weaknesses and _THEIR_EDGE.search(fact.quote)
    ]
    return {
        "name": name,
        "kind": kind,
        "positioning": tidy(about[0].fact) if about else None,
        "strengths": [line(tidy(fact.fact), fact) for fact in strengths[:3]],
        "weaknesses": [line(tidy(fact.fact), fact) for fact in weaknesses[:3]],
        "sources": ids(facts),
    }


def ladder(brief: Brief) -> dict[str, Any]:
    """Step 9: who is met most often stands highest; a buyer's own words count twice."""
    known = brief.step(8).get("competitors")
    names = (
        [rival["name"] for rival in known] if known is not None else [r[0] for r in _rivals(brief)]
    )
    weighed = sorted(
        (_weight(brief.facts, name) for name in names), key=lambda entry: (-entry[1], entry[0])
    )
    rungs = [
        {
            "rank": rank,
            "name": name,
            "mentions": len(facts),
            "reason": reason,
            "sources": ids(facts),
        }
        for rank, (name, _, facts, reason) in enumerate(weighed, start=1)
    ]
    return {"ladder": rungs, "missing": gaps(competitors=rungs)}


def _weight(facts: Sequence[Fact], name: str) -> tuple[str, int, list[Fact], str]:
    mentioned = _mentions(facts, name)
    spoken = sum(quotes.quotation(fact.quote) is not None for fact in mentioned)
    reason = f"Named in {counted(len(mentioned), 'fact')}"
    if spoken:
        reason += f", {counted(spoken, 'time')} in a buyer's own words"
    if not mentioned:
        reason = "Not in the documents; you named it yourself"
    return name, len(mentioned) + spoken, mentioned, reason + "."
