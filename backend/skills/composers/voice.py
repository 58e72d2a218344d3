"""The brand voice, measured on the company's own sentences: numbers and examples (COMPOSER 5)."""

import functools
import re
from collections.abc import Sequence
from statistics import median
from typing import Any

from backend.core import data_files
from backend.domain.facts import Evidence
from backend.skills.composers import quotes
from backend.skills.composers.fence import addresses_the_machine
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.sourced import Brief, gaps
from backend.skills.composers.text import Unit, units

ENOUGH = 30
"""Sentences below which a voice is a hint (COMPOSER 5)."""
EXAMPLES = 2
SHORTEST = 3
_WE = re.compile(r"\b(?:we|our|us|ours|hum|hamare|hamari)\b", re.I)
_YOU = re.compile(r"\b(?:you|your|yours|aap|aapke|aapki)\b", re.I)
_NOT = re.compile(r"\b(?:not|no|never|none|without|cannot)\b|n['’]t\b", re.I)
_CONTRACTION = re.compile(r"\w['’](?:s|re|ll|ve|d|m|t)\b", re.I)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_PRICED = re.compile(r"(?:[₹$€£] ?|\b(?:rs|inr|usd|cad|aud|gbp|eur)\b\.? ?)\d[^.!?]*$", re.I)
"""A line of a price list, which ends without ending a sentence."""
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@functools.lru_cache(maxsize=1)
def _listed() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = data_files.read(DATA / "voice.yaml")
    return loaded


def compose(brief: Brief) -> dict[str, Any]:
    """Step 20."""
    own = [sentence for item in brief.evidence for sentence in _own(item)]
    if not own:
        return {
            "brand_voice": "",
            "enough": False,
            "measures": None,
            "examples": [],
            "missing": gaps(voice_samples=None),
        }
    measures = _measures([unit.text for unit in own])
    enough = len(own) >= ENOUGH
    return {
        "brand_voice": _described(measures, enough),
        "enough": enough,
        "measures": measures,
        "examples": _examples(own, measures["median_words"]),
        "missing": [] if enough else gaps(voice_samples=None),
    }


def _own(item: Evidence) -> list[Unit]:
    """The company's prose: no tables, no headings, no quotations of others, no lines to the machine."""
    return [
        unit
        for unit in units(item.text, tuple(item.page_starts))
        if unit.kind in ("prose", "bullet")
        and len(_WORD.findall(unit.text)) >= SHORTEST
        and not quotes.quotation(unit.text)
        and not addresses_the_machine(unit.text)
        and not _PRICED.search(unit.text)
    ]


def _measures(sentences: Sequence[str]) -> dict[str, Any]:
    lengths = sorted(len(_WORD.findall(sentence)) for sentence in sentences)
    text = " ".join(sentences)
    low = text.lower()
    contractions = _share(sentences, _CONTRACTION)
    emoji = len(_EMOJI.findall(text))
    exclaims = sum(sentence.rstrip().endswith("!") for sentence in sentences) / len(sentences)
    return {
        "sentences": len(sentences),
        "median_words": float(median(lengths)),
        "longest_tenth_words": float(lengths[int(0.9 * (len(lengths) - 1))]),
        "share_we": _share(sentences, _WE),
        "share_you": _share(sentences, _YOU),
        "share_numbers": _share(sentences, re.compile(r"\d")),
        "share_questions": _share(sentences, re.compile(r"\?\s*$")),
        "share_negations": _share(sentences, _NOT),
        "share_exclamations": round(exclaims, 2),
        "contractions": contractions,
        "emoji": emoji,
        "hype_words": _present(low, "hype"),
        "local_words": _present(low, "local"),
        "formality": _formality(contractions, exclaims, emoji, float(median(lengths))),
    }


def _share(sentences: Sequence[str], wanted: re.Pattern[str]) -> float:
    return round(sum(bool(wanted.search(sentence)) for sentence in sentences) / len(sentences), 2)


def _present(low: str, name: str) -> list[str]:
    return [word for word in _listed()[name] if re.search(rf"\b{re.escape(word)}\b", low)]


def _formality(contractions: float, exclaims: float, emoji: int, words: float) -> str:
    if emoji or contractions + exclaims >= 0.25:
        return "casual"
    return "formal" if contractions == 0 and words >= 18 else "plain"


def _described(found: dict[str, Any], enough: bool) -> str:
    """The numbers as sentences that a writer can follow."""
    person = "as “we”" if found["share_we"] >= 0.2 else "in the third person"
    address = ", to “you”" if found["share_you"] >= 0.2 else ""
    usual, longest = found["median_words"], found["longest_tenth_words"]
    tail = f"; one in ten has {longest:g} or more" if longest > usual else ""
    parts = [
        f"Sentences of about {round(usual)} words{tail}.",
        f"Speaks {person}{address}; {found['formality']}.",
        f"A number in {round(100 * found['share_numbers'])}% of sentences.",
    ]
    parts.append(
        f"Words to drop: {', '.join(found['hype_words'])}."
        if found["hype_words"]
        else "No hype words."
    )
    if not enough:
        parts.append(f"A hint only: {found['sentences']} sentences were there to measure.")
    return " ".join(parts)


def _examples(own: Sequence[Unit], typical: float) -> list[dict[str, Any]]:
    """Whole sentences of the usual length, as written."""
    whole = [unit for unit in own if unit.text.rstrip()[-1:] in ".!?"] or list(own)
    ranked = sorted(whole, key=lambda unit: abs(len(_WORD.findall(unit.text)) - typical))
    return [{"text": " ".join(unit.text.split()), "sources": []} for unit in ranked[:EXAMPLES]]
