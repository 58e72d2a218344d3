"""Text within a token budget (PRODUCT 8): passed as it is, or cut down to its most telling sentences.

Tokens are estimated: one for four ASCII characters, one for two of any other script. No tokenizer of the
models in question works offline, and MiniLM's counts a word in Devanagari as one unknown token, which would
let a budget be overrun. The estimate errs upwards.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

PASS_TOKENS = 2000
COMPRESSED_TOKENS = 1000
SENTENCE = re.compile(r"(?<=[.!?।])\s+|\n+")
WORD = re.compile(r"\w{3,}")


def tokens(text: str) -> int:
    """About how many tokens a model counts."""
    ascii_characters = sum(character < "\x80" for character in text)
    return math.ceil(ascii_characters / 4 + (len(text) - ascii_characters) / 2)


def compress(text: str, *, passes: int = PASS_TOKENS, budget: int = COMPRESSED_TOKENS) -> str:
    """The text itself up to `passes` tokens; beyond that its most telling sentences, `budget` at most."""
    if tokens(text) <= passes:
        return text
    return " ".join(extract([part for part in SENTENCE.split(text) if part.strip()], budget))


def extract(
    sentences: Sequence[str], budget: int, weights: Sequence[float] | None = None
) -> list[str]:
    """Those of the sentences that tell most about all of them, in their order, within `budget` tokens.

    A sentence tells by the frequency of its words over all, divided by the root of its length, times its
    weight. Sentences repeated word for word count once; one that alone is too long is cut.
    """
    unique = list(dict.fromkeys(sentence.strip() for sentence in sentences if sentence.strip()))
    weight = _weights(sentences, weights)
    counts = Counter(word for sentence in unique for word in _words(sentence))
    ranked = sorted(unique, key=lambda s: (-_telling(s, counts) * weight[s], unique.index(s)))
    kept, left = set[str](), budget
    for sentence in ranked:
        if (cost := tokens(sentence) + 1) <= left:
            kept.add(sentence)
            left -= cost
    if not kept and ranked:
        return [cut(ranked[0], budget)]
    return [sentence for sentence in unique if sentence in kept]


def within(parts: Mapping[str, Any], budget: int) -> dict[str, Any]:
    """The parts in their order as long as they fit; of a list that does not, its first items."""
    kept: dict[str, Any] = {}
    left = budget
    for name, part in parts.items():
        if isinstance(part, list):
            part = _first_that_fit(part, left)
        cost = tokens(json.dumps(part, ensure_ascii=False))
        if part and cost <= left:
            kept[name] = part
            left -= cost
    return kept


def _first_that_fit(items: Sequence[Any], budget: int) -> list[Any]:
    kept, left = [], budget - 1
    for item in items:
        left -= tokens(json.dumps(item, ensure_ascii=False)) + 1
        if left < 0:
            break
        kept.append(item)
    return kept


def cut(text: str, budget: int) -> str:
    """The beginning of the text that fits into `budget` tokens, whole words, marked as cut."""
    if tokens(text) <= budget:
        return text
    spent, kept = 1.0, 0
    for character in text:
        spent += 0.25 if character < "\x80" else 0.5
        if spent > budget:
            break
        kept += 1
    return text[:kept].rsplit(" ", 1)[0] + "…"


def _weights(sentences: Sequence[str], weights: Sequence[float] | None) -> dict[str, float]:
    found: dict[str, float] = {}
    for sentence, weight in zip(sentences, weights or [1.0] * len(sentences), strict=True):
        text = sentence.strip()
        found[text] = max(weight, found.get(text, 0.0))
    return found


def _words(sentence: str) -> set[str]:
    return {word.lower() for word in WORD.findall(sentence)}


def _telling(sentence: str, counts: Counter[str]) -> float:
    words = _words(sentence)
    return sum(counts[word] for word in words) / math.sqrt(len(words)) if words else 0.0
