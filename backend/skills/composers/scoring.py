"""What kind of statement a sentence is: its signs, weighed, among them a scorer learnt from the bank.

score = weights x signs; among the signs (signs.py) are the outputs of a kernel scorer on the sentence vector.
Both are fitted beforehand by `make scorer` (ADR 0107, 0162).
"""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.domain.facts import FactCategory
from backend.services.embeddings import EMBEDDER_ID, encode
from backend.skills.composers import signs
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.signs import CATEGORIES, Candidate, Matrix
from backend.skills.composers.text import Unit, tidy

SHORT = 6
"""Fewer words than this say little alone: the heading is read with them."""

Scores = dict[FactCategory, float]

BANK = DATA / "sentence_bank.yaml"
FITTED = DATA / "scorer.npz"


@dataclass(frozen=True, slots=True)
class Fitted:
    """`vectors` of the bank (sentences, 384), their `shares` in each label (sentences, LABELS), and the
    `weights` of the signs for each category (signs.NAMES and a constant, CATEGORIES), in log odds.
    """

    vectors: Matrix
    shares: Matrix
    weights: Matrix


def kernel(ones: Matrix, others: Matrix) -> Matrix:
    """How near unit vectors are: 1 for the same, exp(-3) for those that have nothing in common."""
    near: Matrix = np.asarray(np.exp(3 * (ones @ others.T) - 3), dtype=np.float64)
    return near


def bank_digest() -> str:
    """What the scorer was fitted to; `make scorer` fits it anew."""
    return hashlib.sha256(BANK.read_bytes() + EMBEDDER_ID.encode()).hexdigest()


@functools.lru_cache(maxsize=1)
def _fitted() -> Fitted:
    """Fitted beforehand: encoding the bank would make the first document wait for seconds."""
    with np.load(FITTED) as stored:
        return Fitted(
            *(stored[part].astype(np.float64) for part in ("vectors", "shares", "weights"))
        )


def store(fitted: Fitted) -> None:
    """Keep what was fitted, with the bank's digest and the names of the signs."""
    np.savez_compressed(
        FITTED,
        vectors=fitted.vectors.astype(np.float16),
        shares=fitted.shares.astype(np.float32),
        weights=fitted.weights.astype(np.float32),
        signs=np.array(signs.NAMES),
        digest=np.array(bank_digest()),
    )


def warm_up() -> None:
    """Load the model and the scorer now, so that the first document does not wait for them."""
    encode(["warm"])
    _fitted()


def score(candidates: Sequence[Candidate]) -> list[Scores]:
    """Log odds of each category against "none" for each candidate; it counts from `extraction.THRESHOLD` on.

    The candidates are of one document and in its order: what stands around a sentence speaks for its kind.
    """
    if not candidates:
        return []
    fitted = _fitted()
    seen = signs_of(candidates, fitted.vectors, fitted.shares)
    return [
        dict(zip(CATEGORIES, map(float, row), strict=True))
        for row in seen @ fitted.weights[:-1] + fitted.weights[-1]
    ]


def signs_of(candidates: Sequence[Candidate], vectors: Matrix, shares: Matrix) -> Matrix:
    """The signs of a document's candidates (candidates, signs.NAMES), with a scorer's outputs among them."""
    said = encode([_in_context(candidate.unit) for candidate in candidates]).astype(np.float64)
    return signs.read(candidates, kernel(said, vectors) @ shares)


def _in_context(unit: Unit) -> str:
    words = tidy(unit.text)
    return f"{unit.section}: {words}" if unit.section and len(words.split()) < SHORT else words
