"""What kind of statement a sentence is: cue words, the heading above it, and a scorer learnt from the bank.

score = cues + heading + place + LEARNT x (linear scorer on the sentence vector) - "none" penalty.
Neither half does it alone (COMPOSER 3). The weights were chosen on 300 labelled statements of other authors.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import yaml

from backend.domain.facts import FactCategory, Quantity
from backend.services.embeddings import encode
from backend.skills.composers.layout import MONEY
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.text import Unit, tidy

CATEGORIES: tuple[FactCategory, ...] = get_args(FactCategory)
LABELS: tuple[str, ...] = (*CATEGORIES, "none")

HEADING_WEIGHT = 1.2
LEARNT_WEIGHT = 3.0
NONE_WEIGHT = 1.0
RIDGE = 2.0
MARGIN = 0.75
"""Added to the scorer's outputs, which run from -1 (not this kind) to 1: above -.75 they speak for a kind."""
SHORT = 6
"""Fewer words than this say little alone: the heading is read with them."""

Matrix = npt.NDArray[np.float64]
Label = FactCategory | Literal["none"]
Scores = dict[FactCategory, float]
Sections = tuple[tuple[Label, re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class Cue:
    weight: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may be a fact, with the quantities read from it."""

    unit: Unit
    quantities: tuple[Quantity, ...]

    @property
    def priced(self) -> bool:
        return any(quantity.kind == "price" for quantity in self.quantities)


@functools.lru_cache(maxsize=1)
def _cues() -> tuple[dict[FactCategory, tuple[Cue, ...]], Sections]:
    """Cues by category, and (category, heading pattern) pairs in order of precedence."""
    data = yaml.safe_load((DATA / "cues.yaml").read_text(encoding="utf-8"))
    cues = {
        category: tuple(Cue(cue["weight"], re.compile(cue["pattern"], re.I)) for cue in entries)
        for category, entries in data["cues"].items()
    }
    sections = tuple(
        (entry["category"], re.compile(entry["pattern"], re.I)) for entry in data["sections"]
    )
    return cues, sections


@functools.lru_cache(maxsize=1)
def _weights() -> Matrix:
    """Class-balanced ridge regression from sentence vectors to labels; fitted once a process."""
    bank = yaml.safe_load((DATA / "sentence_bank.yaml").read_text(encoding="utf-8"))
    vectors = encode([sentence for label in LABELS for sentence in bank[label]]).astype(np.float64)
    labels = np.concatenate([np.full(len(bank[label]), n) for n, label in enumerate(LABELS)])
    targets = np.where(labels[:, None] == np.arange(len(LABELS)), 1.0, -1.0)
    inputs = np.hstack([vectors, np.ones((len(vectors), 1))])
    balance = (len(labels) / len(LABELS) / np.bincount(labels))[labels][:, None]
    weights: Matrix = np.linalg.solve(
        inputs.T @ (balance * inputs) + RIDGE * np.eye(inputs.shape[1]),
        inputs.T @ (balance * targets),
    )
    return weights


def warm_up() -> None:
    """Fit the scorer now, so that the first document does not wait for it."""
    _weights()


def score(candidates: Sequence[Candidate]) -> list[Scores]:
    """One score per category for each candidate, in order; it counts from `extraction.THRESHOLD` on."""
    if not candidates:
        return []
    learnt = _learnt([_in_context(candidate.unit) for candidate in candidates])
    return [_total(candidate, row) for candidate, row in zip(candidates, learnt, strict=True)]


def _learnt(sentences: list[str]) -> Matrix:
    vectors = encode(sentences).astype(np.float64)
    outputs: Matrix = np.hstack([vectors, np.ones((len(vectors), 1))]) @ _weights() + MARGIN
    return outputs


def _in_context(unit: Unit) -> str:
    words = tidy(unit.text)
    return f"{unit.section}: {words}" if unit.section and len(words.split()) < SHORT else words


def _total(candidate: Candidate, learnt: Matrix) -> Scores:
    penalty = max(0.0, float(learnt[-1])) * NONE_WEIGHT
    total: Scores = {
        category: LEARNT_WEIGHT * float(learnt[n]) - penalty
        for n, category in enumerate(CATEGORIES)
    }
    for category, extra in _ruled(candidate).items():
        total[category] += extra
    return total


# Money that is a result or an ambition, not a price.
_NOT_A_PRICE = re.compile(
    r"\b(?:turnover|raising|raised|recover\w*|revenue|saved?|saves|saving|cut|back in|funding|invest\w+"
    r"|worth|budgets?|salary|market size)\b",
    re.I,
)


def _ruled(candidate: Candidate) -> Scores:
    cues, sections = _cues()
    words = tidy(candidate.unit.text)
    extra: Scores = {
        category: sum(cue.weight for cue in cues[category] if cue.pattern.search(words))
        for category in CATEGORIES
    }
    if '"' in candidate.unit.flat:
        extra["constraints"] = (
            0.0  # "I can't hire anybody" is the customer's limit, not the seller's
        )
    if candidate.priced:
        extra["pricing"] += -0.5 if _NOT_A_PRICE.search(words) else 1.6
        extra["pricing"] += 3.0 if candidate.unit.kind == "row" else 0.0
    heading = _heading_category(candidate.unit, sections)
    if heading == "none":
        extra = {category: value - HEADING_WEIGHT for category, value in extra.items()}
    elif heading is not None:
        extra[heading] += HEADING_WEIGHT
    for place, weight in _place(candidate).items():
        extra[place] += weight
    return extra


PLAN_CONTENT = 2.0
"""For lines that say what a price buys: below a heading that carries one, or below a priced row."""

_VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|do|does|can|will|may|must|we|you|they|it|needs?|gets?|only|free)\b",
    re.I,
)


def _place(candidate: Candidate) -> Scores:
    """What the place of a unit in the document says about its kind."""
    unit = candidate.unit
    if _tells_what_a_price_buys(candidate):
        return {
            "pricing": PLAN_CONTENT,
            "proof_points": -PLAN_CONTENT,
            "positioning": -PLAN_CONTENT,
        }
    if unit.kind == "bullet":
        return {"positioning": -1.5, "differentiators": 0.6}  # a feature, not what the firm is
    if unit.line < 4:
        return {"positioning": 0.8}  # what a document says first is usually what the firm is
    return {}


def _tells_what_a_price_buys(candidate: Candidate) -> bool:
    unit = candidate.unit
    if unit.kind != "heading" and any(MONEY.search(heading) for heading in unit.headings[:3]):
        return True
    below_price = MONEY.search(unit.previous) and not candidate.priced
    return bool(below_price) and not _VERB.search(unit.flat)


def _heading_category(unit: Unit, sections: Sections) -> Label | None:
    for heading in unit.headings[:2]:
        for category, pattern in sections:
            if pattern.search(heading):
                return category
    return None
