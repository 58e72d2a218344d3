"""What sets the company apart: category, strengths, matrix, focus (PRODUCT 4, steps 10-14)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from backend.skills.composers import audiences, positioning
from backend.skills.composers.language import tidy
from backend.skills.composers.lexicon import pattern
from backend.skills.composers.material import Asset
from backend.skills.composers.sourced import Brief, counted, gaps

MOST_STRENGTHS = 8
MOST_ROWS = 6
FORMULA = "40 for a stated difference + 30 for a figure in it + 30 for naming what it differs from"
_DECLINES = re.compile(
    r"\bwe (?:do not|don['’]?t|never|no longer|cannot|can['’]?t|will not|won['’]?t|"
    r"only (?:serve|work|take|sell)|declin\w+|turn(?:ed)? (?:away|down))\b",
    re.I,
)


def category(brief: Brief) -> dict[str, Any]:
    """Step 10: the kind of thing as the company calls it, and other names for it in the evidence."""
    made = positioning.compose(brief.usable, brief.company)
    chosen = made["category"]
    industry = brief.company.get("industry")
    options = (
        [{"name": str(industry), "why": "The industry your documents point to", "sources": []}]
        if industry
        else []
    )
    return {
        "category": chosen,
        "reasoning": "The words your own documents use for what you sell." if chosen else "",
        "sources": made["sources"]["category"],
        "alternatives": [option for option in options if option["name"] != chosen],
        "missing": gaps(category=chosen),
    }


def usps(brief: Brief) -> dict[str, Any]:
    """Step 11. The score is a sum of three yes-or-no findings, so that a founder can follow it."""
    found = brief.sorted().assets
    strengths = [
        _strength(asset) for asset in _distinct([*found.get("diff", []), *found.get("stat", [])])
    ]
    ranked = sorted(strengths, key=lambda strength: -strength["score"])[:MOST_STRENGTHS]
    apart = [strength for strength in ranked if strength["apart"]]
    return {
        "usps": [_shown(strength) for strength in ranked],
        "differentiators": [_shown(strength) for strength in apart],
        "missing": gaps(usps=ranked, differentiators=apart),
    }


def _strength(asset: Asset) -> dict[str, Any]:
    text = asset.meaning
    figure = any(quantity.kind != "date" for quantity in asset.fact.quantities)
    apart = bool(pattern("apart").search(text))
    score = 40 * (asset.kind == "diff") + 30 * figure + 30 * apart
    return {"text": text, "score": score, "apart": apart, "sources": [asset.fact.id]}


def _shown(strength: Mapping[str, Any]) -> dict[str, Any]:
    return {**{key: strength[key] for key in ("text", "score", "sources")}, "formula": FORMULA}


def _distinct(found: Sequence[Asset]) -> list[Asset]:
    seen: dict[str, Asset] = {}
    for asset in found:
        seen.setdefault(asset.fact.id, asset)
    return list(seen.values())


def matrix(brief: Brief) -> dict[str, Any]:
    """Step 12: our strengths against each rival; where the evidence is silent it says `unknown`."""
    rivals = [rival["name"] for rival in brief.step(8).get("competitors", [])]
    found = brief.sorted().assets.get("diff", [])
    rows = [_row(asset, rivals) for asset in _distinct(found)[:MOST_ROWS]]
    told = sorted(
        rows, key=lambda row: -sum(value != "unknown" for value in row["rivals"].values())
    )
    drawn = [(name, row) for row in told if (name := axis_name(row["capability"]))][:2]
    axes = [{"name": name, "low": "does not", "high": "does"} for name, _ in drawn]
    axes = axes if len(axes) == 2 and axes[0] != axes[1] else []
    return {
        "rows": rows,
        "axes": axes,
        "points": _points(brief.name or "You", rivals, [row for _, row in drawn]) if axes else [],
        "missing": gaps(differentiators=rows, competitors=rivals),
    }


MOST_AXIS_WORDS = 6
_AXIS_LABEL = re.compile(r"^\W*([^:.!?]{3,45}?)(?::|\s[-–—]\s)")
_AXIS_LEAD = re.compile(
    r"^(?:we|you|it|they|our \w+|your \w+)\s+(?:can |will |also |always |only )*|^(?:the|an?|our|your)\s+",
    re.I,
)
_AXIS_END = re.compile(
    r"\s*(?:[,;:(.!?]|\s[-–—]\s|\b(?:so|because|which|that|when|while|where|before|after|without|instead|and|but|"
    r"if|until|unless|you|we|they)\b).*$",
    re.I | re.S,
)


_NO_AXIS = re.compile(
    r"^(?:unlike|compared)\b|(?:[(/&-]|\b(?:in|on|at|of|to|for|by|with|from|as|than|or|is|are|your|our|the|an?))$",
    re.I,
)


def axis_name(capability: str) -> str:
    """A few words that can stand at an axis: the sentence's label, or its opening clause; else nothing."""
    label = _AXIS_LABEL.match(capability)
    name = label.group(1) if label else _AXIS_END.sub("", _AXIS_LEAD.sub("", capability))
    words = name.split()
    fits = 2 <= len(words) <= MOST_AXIS_WORDS and not _NO_AXIS.search(name)
    return name[:1].upper() + name[1:] if fits else ""


def _row(asset: Asset, rivals: Sequence[str]) -> dict[str, Any]:
    """A rival that a difference is told against lacks it; of the others nothing is known."""
    against = {
        rival: "no" if re.search(rf"\b{re.escape(rival)}\b", asset.fact.quote, re.I) else "unknown"
        for rival in rivals
    }
    return {"capability": asset.meaning, "us": "yes", "rivals": against, "sources": [asset.fact.id]}


def _points(
    us: str, rivals: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    place = {"yes": 1.0, "no": 0.0, "unknown": None}
    ours = [{"name": us, "x": 1.0, "y": 1.0}]
    return ours + [
        {"name": rival, "x": place[rows[0]["rivals"][rival]], "y": place[rows[1]["rivals"][rival]]}
        for rival in rivals
    ]


def focus(brief: Brief) -> dict[str, Any]:
    """Step 14: keep what most of the evidence speaks of; drop what the company itself turns down."""
    usable = [fact for fact in brief.usable if not fact.needs_verification] or brief.usable
    buyers = audiences.find(usable)
    keep = [
        {
            "text": buyer.name,
            "why": f"{counted(len(buyer.ids), 'fact')} about them",
            "sources": buyer.ids,
        }
        for buyer in buyers[:1]
    ]
    keep += [
        {
            "text": strength["text"],
            "why": f"Scores {strength['score']} of 100 among your strengths",
            "sources": strength["sources"],
        }
        for strength in brief.step(11).get("usps", [])[:2]
    ]
    drop = [
        {"text": tidy(fact.fact), "why": "Your own documents rule it out", "sources": [fact.id]}
        for fact in usable
        if fact.category == "constraints" and _DECLINES.search(fact.quote)
    ][:4]
    drop += [
        {
            "text": buyer.name,
            "why": f"Only {counted(len(buyer.ids), 'fact')} about them: serve, but do not court",
            "sources": buyer.ids,
        }
        for buyer in buyers[3:5]
    ]
    return {"keep": keep, "drop": drop, "missing": gaps(target_audience=keep, sacrifice=drop)}
