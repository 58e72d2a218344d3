"""Channels ranked by how often the evidence meets buyers there (PRODUCT 4, step 21). The score is a count."""

import functools
import re
from collections.abc import Sequence
from typing import Any

from backend.core import data_files
from backend.domain.facts import Evidence, Fact
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.sourced import Brief, counted, gaps, ids

BUYERS = frozenset({"target_audience", "proof_points"})
FOR_BUYERS, FOR_FACT, FOR_HABIT, FOR_DOCUMENT = 3, 2, 3, 1
MOST = 8


@functools.lru_cache(maxsize=1)
def _known() -> dict[str, re.Pattern[str]]:
    listed: dict[str, str] = data_files.read(DATA / "channels.yaml")
    return {name: re.compile(rf"\b(?:{words})\b", re.I) for name, words in listed.items()}


def compose(brief: Brief) -> dict[str, Any]:
    """Only channels that the evidence or an ICP names; none is recommended for being fashionable."""
    habits = [
        place
        for icp in brief.step(15).get("icps", [])
        for place in (icp.get("behaviors") or {}).get("hangouts", [])
    ]
    weighed = [
        _weighed(name, words, brief.facts, brief.evidence, habits)
        for name, words in _known().items()
    ]
    ranked = sorted(
        (entry for entry in weighed if entry["score"]), key=lambda entry: -entry["score"]
    )[:MOST]
    found = [{"rank": rank, **entry} for rank, entry in enumerate(ranked, start=1)]
    return {"channels": found, "missing": gaps(channels=found)}


def _weighed(
    name: str,
    words: re.Pattern[str],
    facts: Sequence[Fact],
    evidence: Sequence[Evidence],
    habits: Sequence[str],
) -> dict[str, Any]:
    named = [fact for fact in facts if words.search(fact.quote)]
    buyers = [fact for fact in named if fact.category in BUYERS]
    used = sum(bool(words.search(place)) for place in habits)
    documents = [item.name for item in evidence if words.search(item.text)]
    reasons = []
    if used:
        reasons.append("Your buyers are there, your profiles say")
    if buyers:
        reasons.append(f"{counted(len(buyers), 'fact')} about buyers or results {_verb(buyers)} it")
    others = len(named) - len(buyers)
    if others:
        reasons.append(f"{counted(others, 'other fact')} {'names' if others == 1 else 'name'} it")
    if documents and not named:
        reasons.append(f"Named in {counted(len(documents), 'document')}")
    score = (
        FOR_HABIT * bool(used)
        + FOR_BUYERS * len(buyers)
        + FOR_FACT * others
        + FOR_DOCUMENT * bool(documents)
    )
    return {"channel": name, "score": score, "reasons": reasons, "sources": ids(named)}


def _verb(facts: Sequence[Fact]) -> str:
    return "names" if len(facts) == 1 else "name"
