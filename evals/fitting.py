"""Fits the scorer of statements: `make scorer` (ARGS=--folds only tells how well it does on unseen texts).

The kernel scorer is fitted to the bank alone. The weights of the signs are fitted to the candidates of the
texts that may be looked at (`dev`, and our own documents) and to the bank's sentences, each scored by a
scorer that has not seen it.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core import data_files
from backend.services.embeddings import encode
from backend.skills.composers import extraction, quantities, scoring, signs
from backend.skills.composers.scoring import Fitted, kernel
from backend.skills.composers.signs import CATEGORIES, LABELS, Matrix
from backend.skills.composers.text import units
from evals import strangers
from evals.extraction import own
from evals.strangers import Text

RIDGE = 0.3
OWN_WEIGHT, BANK_WEIGHT = 3.0, 0.4
"""Of a candidate of our own documents, and of a sentence of the bank; a stranger's candidate counts once."""
PENALTY = 50.0
STEPS = 500
FOLDS = 10

Allowed = npt.NDArray[np.bool_]
"""Shape (rows, LABELS): the labels of which any is right."""


@dataclass(frozen=True)
class Rows:
    signs: Matrix
    allowed: Allowed
    weights: Matrix


# ---------------------------------------------------------------- the scorer on the bank


def fit_bank() -> tuple[Matrix, Matrix, Rows]:
    """Class-balanced kernel ridge regression: vectors, shares, and the sentences' own rows of signs.

    In its row a sentence is scored by what all others say (the closed form of leaving one out).
    """
    bank = data_files.read(scoring.BANK)
    sentences = [sentence for label in LABELS for sentence in bank[label]]
    vectors = encode(sentences).astype(np.float64)
    labels = np.concatenate([np.full(len(bank[label]), n) for n, label in enumerate(LABELS)])
    allowed = labels[:, None] == np.arange(len(LABELS))
    targets = np.where(allowed, 1.0, -1.0)
    rarity = (len(labels) / len(LABELS) / np.bincount(labels))[labels]
    inverse = np.linalg.inv(kernel(vectors, vectors) + RIDGE * np.diag(1 / rarity))
    shares: Matrix = np.asarray(inverse @ targets, dtype=np.float64)
    unseen = targets - shares / np.diag(inverse)[:, None]
    seen = np.concatenate(
        [_alone(sentence, row) for sentence, row in zip(sentences, unseen, strict=True)]
    )
    return vectors, shares, Rows(seen, allowed, np.full(len(labels), BANK_WEIGHT))


def _alone(sentence: str, learnt: Matrix) -> Matrix:
    last = units(f"{sentence}\n")[-1]
    return signs.read([signs.Candidate(last, tuple(quantities.read(last, "INR")))], learnt[None])


# ---------------------------------------------------------------- the texts


def rows_of(text: Text, vectors: Matrix, shares: Matrix) -> Rows:
    """The candidates of a text that are judged; what may be taken for a fact or not is left out."""
    candidates = extraction.candidates_of(text.evidence)
    allowed = np.array([_allowed(text, found.unit.start, found.unit.end) for found in candidates])
    judged = allowed.any(axis=1)
    weight = OWN_WEIGHT if text.part == "own" else 1.0
    seen = scoring.signs_of(candidates, vectors, shares)
    return Rows(seen[judged], allowed[judged], np.full(int(judged.sum()), weight))


def _allowed(text: Text, start: int, end: int) -> list[bool]:
    if not any(a <= start < b for a, b in text.read):
        return [False] * len(LABELS)
    near = [
        label.kinds
        for label in text.facts
        if 2 * (min(end, label.end) - max(start, label.start))
        >= min(end - start, label.end - label.start)
    ]
    kinds = frozenset[str]().union(*near)
    open_either_way = frozenset() in near
    none = not near or (open_either_way and bool(kinds))
    return [*(category in kinds for category in CATEGORIES), none]


# ---------------------------------------------------------------- the weights


def fit_weights(parts: Sequence[Rows], bank: Rows) -> Matrix:
    """Multinomial logistic regression with a quadratic penalty; the loss of a row is that of all its labels.

    Gradient descent with momentum, from zero: the same rows give the same weights.
    """
    placed = np.concatenate([part.signs for part in parts])
    raw = np.concatenate([placed, _placed_anywhere(bank.signs, placed)])
    allowed = np.concatenate([*(part.allowed for part in parts), bank.allowed])
    weights = np.concatenate([*(part.weights for part in parts), bank.weights])[:, None]
    middle, spread = raw.mean(axis=0), raw.std(axis=0) + 0.05
    seen = np.column_stack([(raw - middle) / spread, np.ones(len(raw))])
    penalties = np.full((seen.shape[1], 1), 2 * PENALTY)
    penalties[-1] /= 10
    steepest = np.linalg.eigvalsh(seen.T @ (weights * seen))[-1] / 2 + 2 * PENALTY
    heard = _heard()
    found = before = np.zeros_like(heard)
    for step in range(STEPS):
        ahead = found + step / (step + 3) * (found - before)
        says = _softmax(seen @ ahead)
        right = says * allowed
        slope = seen.T @ (weights * (says - right / right.sum(axis=1, keepdims=True)))
        before, found = found, heard * (ahead - (slope + penalties * ahead) / steepest)
    odds = found[:, :-1] - found[:, -1:]
    plain = odds[:-1] / spread[:, None]
    return np.vstack([plain, odds[-1] - middle @ plain])


def _placed_anywhere(lone: Matrix, placed: Matrix) -> Matrix:
    """A sentence of the bank stands nowhere: it is given the place of some candidate, whatever its kind, so
    that no place is enough to make a statement of a sentence.
    """
    picked = np.random.default_rng(0).choice(len(placed), len(lone))
    of_place = np.isin(signs.NAMES, signs.PLACES)
    return np.where(of_place, placed[picked], lone)


def _heard() -> Matrix:
    """1 where a sign may speak for a label: what stands around a sentence speaks for its own kind alone."""
    heard = np.ones((len(signs.NAMES) + 1, len(LABELS)))
    for n, label in enumerate(LABELS):
        row = signs.NAMES.index(f"near {label}")
        heard[row] = np.arange(len(LABELS)) == n
    return heard


def _softmax(scores: Matrix) -> Matrix:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return shares


# ---------------------------------------------------------------- how well on unseen texts


def by_folds(parts: Sequence[Rows], names: Sequence[str], bank: Rows) -> None:
    """Precision and recall on candidates, each text judged by weights that were fitted without it."""
    counts = {name: np.zeros(3, dtype=int) for name in names}
    for fold in range(FOLDS):
        weights = fit_weights([part for n, part in enumerate(parts) if n % FOLDS != fold], bank)
        for part, name in list(zip(parts, names, strict=True))[fold::FOLDS]:
            scores = part.signs @ weights[:-1] + weights[-1]
            best, stated = scores.argmax(axis=1), scores.max(axis=1) >= extraction.THRESHOLD
            right = stated & part.allowed[np.arange(len(best)), best]
            labelled = part.allowed[:, :-1].any(axis=1) & ~part.allowed[:, -1]
            counts[name] += [right.sum(), stated.sum(), labelled.sum()]
    for name, (right, stated, labelled) in counts.items():
        print(
            f"{name}: P {right / stated:.3f} ({right}/{stated})  R {right / labelled:.3f} (of {labelled})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--folds", action="store_true", help="fit without each tenth of the texts in turn"
    )
    folds = parser.parse_args().folds
    vectors, shares, bank = fit_bank()
    texts = [*own(), *(text for text in strangers.texts() if text.part == "dev")]
    parts = [rows_of(text, vectors, shares) for text in texts]
    if folds:
        by_folds(parts, [text.part for text in texts], bank)
    else:
        scoring.store(Fitted(vectors, shares, fit_weights(parts, bank)))


if __name__ == "__main__":
    main()
