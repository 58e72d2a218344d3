"""What is said, in the founder's own words: buying process, guardrails, soundbites, hierarchy."""

import re
from collections.abc import Sequence
from typing import Any

from backend.domain.facts import Fact
from backend.domain.step_outputs import statements_of
from backend.services.embeddings import encode
from backend.skills.composers.language import tidy
from backend.skills.composers.material import Asset, Assets
from backend.skills.composers.sourced import Brief, gaps, line, lines

PER_STAGE = 3
PER_KIND = 3
MOST_PILLARS = 3
MOST_PROOF = 3
ANSWERS = 0.25
"""Cosine from which a fact answers a doubt, and a proof carries a message."""
_OURS = re.compile(
    r"\b(?:we|us|our|must|minimum|maximum|at least|at most|not (?:included|available)|excluding|extra|"
    r"only (?:in|on|for|within)|do not|don['’]?t|never)\b",
    re.I,
)
_PERMISSION = re.compile(
    r"\b(?:do not|don['’]?t|never|must not) (?:name|mention)\b|\bwithout (?:their|his|her) permission\b",
    re.I,
)


STAGES = (
    ("Lives with it", ("pain",), (), ("positioning",)),
    ("Starts looking", ("trigger",), (), ("diff",)),
    ("Compares", (), ("objection",), ("diff", "stat")),
    ("Decides", (), (), ("entry", "price")),
    ("Stays and tells", ("praise",), (), ("proof",)),
)
"""Name, and the kinds of material that happen there, are asked there, and answer there."""


def buying_process(brief: Brief) -> dict[str, Any]:
    """Step 16: five stages, each filled with what the evidence says of it, or left empty."""
    found = brief.sorted().assets
    stages = [
        {
            "name": name,
            "happens": _of(found, happens),
            "asks": _of(found, asks),
            "answers": _of(found, answers),
        }
        for name, happens, asks, answers in STAGES
    ]
    triggers = lines(found.get("trigger", []), 2 * PER_STAGE)
    return {
        "stages": stages,
        "triggers": triggers,
        "missing": gaps(
            fears=found.get("pain"), buying_triggers=triggers, objections=found.get("objection")
        ),
    }


def _of(found: Assets, kinds: Sequence[str]) -> list[dict[str, Any]]:
    return lines([asset for kind in kinds for asset in found.get(kind, [])], PER_STAGE)


def guardrails(brief: Brief) -> dict[str, Any]:
    """Step 17: forbidden words, limits that no text may overstep, and facts that are in dispute."""
    material = brief.sorted()
    limits = [fact for fact in brief.usable if _is_limit(fact, brief.name)]
    rules = [
        _rule(
            f"Never write “{word}”.",
            "banned_words",
            "Your notes forbid it",
            _saying(brief.facts, word),
        )
        for word in material.banned
    ]
    for fact in limits:
        if _PERMISSION.search(fact.quote):
            rules.append(
                _rule(tidy(fact.fact), "unpermitted_name", "Your notes ask for it", [fact])
            )
        elif not any(word in fact.quote for word in material.banned):
            rules.append(_rule(tidy(fact.fact), "limit", "No text may promise more", [fact]))
    rules += [
        {
            "rule": f"Do not state {conflict['subject']} until you have said which is right.",
            "kind": "open_conflict",
            "reason": "Two documents disagree",
            "sources": list(statements_of(conflict)),
        }
        for conflict in brief.step(3).get("conflicts", [])
        if conflict["id"] in brief.step(4).get("open_conflicts", [])
    ]
    return {
        "rules": rules,
        "banned_words": list(material.banned),
        "missing": gaps(constraints=rules),
    }


def _is_limit(fact: Fact, name: str) -> bool:
    """A limit of the company or its offer, and not something that its buyers cannot do."""
    ours = bool(name) and name.lower() in fact.quote.lower()
    return fact.category == "constraints" and (ours or bool(_OURS.search(fact.quote)))


def _rule(rule: str, kind: str, reason: str, facts: Sequence[Fact]) -> dict[str, Any]:
    return {"rule": rule, "kind": kind, "reason": reason, "sources": [fact.id for fact in facts]}


def _saying(limits: Sequence[Fact], word: str) -> list[Fact]:
    return [fact for fact in limits if word in fact.quote][:1]


def soundbites(brief: Brief) -> dict[str, Any]:
    """Step 18: sentences ready to be said, each a quote; a doubt gets the nearest fact as its answer."""
    found = brief.sorted().assets
    kinds = {
        "one_liner": ("positioning",),
        "problem": ("pain",),
        "difference": ("diff",),
        "proof": ("proof", "stat"),
        "origin": ("origin",),
    }
    bites: list[dict[str, Any]] = []
    for kind, names in kinds.items():
        material = [asset for name in names for asset in found.get(name, [])]
        bites += [{"kind": kind, "about": "", **said} for said in lines(material, PER_KIND)]
    bites += [
        {
            "kind": "customer",
            "about": asset.fields["who"],
            **line(asset.fields["quote"], asset.fact),
        }
        for asset in found.get("praise", [])[:PER_KIND]
    ]
    bites += _answers(found)
    return {
        "soundbites": bites,
        "missing": gaps(
            positioning=found.get("positioning"),
            proof_points=found.get("proof") or found.get("stat"),
            customer_quote=found.get("praise"),
            objections=found.get("objection"),
        ),
    }


def _answers(found: Assets) -> list[dict[str, Any]]:
    doubts = found.get("objection", [])[:PER_KIND]
    replies = [a for kind in ("diff", "stat", "proof") for a in found.get(kind, []) if a.meaning]
    return [
        {"kind": "answer", "about": doubt.meaning, **line(reply.meaning, reply.fact)}
        for doubt in doubts
        if (reply := _nearest(doubt.meaning, replies))
    ]


def _nearest(text: str, among: Sequence[Asset]) -> Asset | None:
    """The material nearest in meaning, if any is near at all."""
    if not among:
        return None
    vectors = encode([text, *(asset.meaning for asset in among)])
    likeness = vectors[1:] @ vectors[0]
    best = int(likeness.argmax())
    return among[best] if float(likeness[best]) >= ANSWERS else None


def hierarchy(brief: Brief) -> dict[str, Any]:
    """Step 19: the positioning on top, differences as pillars, under each the proof nearest to it."""
    found = brief.sorted().assets
    stated = brief.step(13).get("positioning_statement")
    sources = brief.step(13).get("sources", {}).get("positioning_statement", [])
    differences = [asset for asset in found.get("diff", []) if _ours(asset)]
    pillars = [_pillar(asset, found) for asset in differences[:MOST_PILLARS]]
    unproven = [pillar["message"] for pillar in pillars if not pillar["proof"]]
    return {
        "primary": {"text": stated, "sources": sources} if stated else None,
        "pillars": pillars,
        "unproven": unproven,
        "missing": gaps(positioning=stated, differentiators=pillars, message_proof=not unproven),
    }


# "Samplekart is cheaper, but nobody answers the phone there" is no message of ours, nor is half a sentence.
_RIVALS_MERIT = re.compile(
    r"\b(?:cheaper|bigger|faster|better|famous|larger|lower)\b.{0,40}\b(?:but|yet|though)\b", re.I
)
_BROKEN_OFF = re.compile(
    r"(?:[,(/&:-]|\b(?:but|and|or|because|so|with|for|to|the|an?|of|than|that))$", re.I
)


def _ours(asset: Asset) -> bool:
    return not (_RIVALS_MERIT.search(asset.meaning) or _BROKEN_OFF.search(asset.meaning))


def _pillar(asset: Asset, found: Assets) -> dict[str, Any]:
    proofs = [a for kind in ("proof", "stat", "praise") for a in found.get(kind, [])]
    proofs = [a for a in proofs if a.meaning and a.fact.id != asset.fact.id]
    near = []
    if proofs:
        vectors = encode([asset.meaning, *(proof.meaning for proof in proofs)])
        likeness = vectors[1:] @ vectors[0]
        ranked = sorted(zip(likeness, range(len(proofs)), strict=True), reverse=True)
        near = [proofs[n] for score, n in ranked if float(score) >= ANSWERS]
    return {"message": asset.meaning, "proof": lines(near, MOST_PROOF), "sources": [asset.fact.id]}
