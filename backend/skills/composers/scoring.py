"""What kind of statement a sentence is: cue words, the heading above it, and a scorer learnt from the bank.

score = cues + heading + place + LEARNT x (kernel scorer on the sentence vector) - "none" penalty.
Neither half does it alone (COMPOSER 3). The weights were chosen on the `dev` part of evals/strangers.yaml.
"""

import functools
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from backend.core import data_files
from backend.domain.facts import FactCategory, Quantity
from backend.services.embeddings import EMBEDDER_ID, encode
from backend.skills.composers.labels import PRICE_COLUMN
from backend.skills.composers.layout import MONEY, SYMBOLS
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.text import Unit, tidy

CATEGORIES: tuple[FactCategory, ...] = get_args(FactCategory)
LABELS: tuple[str, ...] = (*CATEGORIES, "none")

HEADING_WEIGHT = 1.6
LEARNT_WEIGHT = 3.5
NONE_WEIGHT = 1.0
RIDGE = 0.3
MARGIN = 0.75
"""Added to the scorer's outputs, which run from -1 (not this kind) to 1: above -.75 they speak for a kind."""
NEAR = 4
"""So many candidates before and behind are heard on the kind of one."""
NEAR_WEIGHT = 0.3
NEIGHBOURS_SAY = (-1.0, 3.0)
"""Bounds of what a single neighbour may say: a price list must not make its surroundings prices."""
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
    data = data_files.read(DATA / "cues.yaml")
    cues = {
        category: tuple(Cue(cue["weight"], re.compile(cue["pattern"], re.I)) for cue in entries)
        for category, entries in data["cues"].items()
    }
    sections = tuple(
        (entry["category"], re.compile(entry["pattern"], re.I)) for entry in data["sections"]
    )
    return cues, sections


BANK = DATA / "sentence_bank.yaml"
FITTED = DATA / "scorer.npz"


def fit() -> tuple[Matrix, Matrix]:
    """Class-balanced kernel ridge regression: the bank's vectors, and what each adds to each label."""
    bank = data_files.read(BANK)
    vectors = encode([sentence for label in LABELS for sentence in bank[label]]).astype(np.float64)
    labels = np.concatenate([np.full(len(bank[label]), n) for n, label in enumerate(LABELS)])
    targets = np.where(labels[:, None] == np.arange(len(LABELS)), 1.0, -1.0)
    rarity = (len(labels) / len(LABELS) / np.bincount(labels))[labels]
    shares = np.linalg.solve(_kernel(vectors, vectors) + RIDGE * np.diag(1 / rarity), targets)
    return vectors, shares.astype(np.float64)


def _kernel(ones: Matrix, others: Matrix) -> Matrix:
    """How near unit vectors are: 1 for the same, exp(-3) for those that have nothing in common."""
    near: Matrix = np.asarray(np.exp(3 * (ones @ others.T) - 3), dtype=np.float64)
    return near


def bank_digest() -> str:
    """What the scorer was fitted to; `make scorer` fits it anew."""
    return hashlib.sha256(BANK.read_bytes() + EMBEDDER_ID.encode()).hexdigest()


@functools.lru_cache(maxsize=1)
def _fitted() -> tuple[Matrix, Matrix]:
    """Fitted beforehand: encoding the bank would make the first document wait for seconds."""
    with np.load(FITTED) as stored:
        return stored["vectors"].astype(np.float64), stored["shares"].astype(np.float64)


def store() -> None:
    """Fit the scorer to the bank and keep the result with the bank's digest."""
    vectors, shares = fit()
    np.savez_compressed(
        FITTED,
        vectors=vectors.astype(np.float16),
        shares=shares.astype(np.float32),
        digest=np.array(bank_digest()),
    )


def warm_up() -> None:
    """Load the model and the scorer now, so that the first document does not wait for them."""
    _learnt(["warm"])


def score(candidates: Sequence[Candidate]) -> list[Scores]:
    """One score per category for each candidate; it counts from `extraction.THRESHOLD` on.

    The candidates are of one document and in its order: what stands around a sentence speaks for its kind.
    """
    if not candidates:
        return []
    learnt = _learnt([_in_context(candidate.unit) for candidate in candidates])
    alone = [_total(candidate, row) for candidate, row in zip(candidates, learnt, strict=True)]
    return [_among(alone, at) for at in range(len(alone))]


def _among(alone: Sequence[Scores], at: int) -> Scores:
    near = [*alone[max(0, at - NEAR) : at], *alone[at + 1 : at + 1 + NEAR]]
    if not near:
        return alone[at]
    low, high = NEIGHBOURS_SAY
    return {
        category: value
        + NEAR_WEIGHT
        * sum(min(max(other[category], low), high) for other in near)
        / max(len(near), NEAR)
        for category, value in alone[at].items()
    }


def _learnt(sentences: list[str]) -> Matrix:
    vectors, shares = _fitted()
    outputs: Matrix = _kernel(encode(sentences).astype(np.float64), vectors) @ shares + MARGIN
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
    elif free_of_charge(candidate.unit):
        extra["pricing"] += 4.6
    heading = _heading_category(candidate.unit, sections)
    if heading == "none":
        extra = {category: value - HEADING_WEIGHT for category, value in extra.items()}
    elif heading is not None:
        extra[heading] += HEADING_WEIGHT
    for place, weight in _place(candidate).items():
        extra[place] += weight
    return extra


def free_of_charge(unit: Unit) -> bool:
    """A row of a price list without a figure: "Enterprise | custom | on request"."""
    _, sections = _cues()
    titled = any(PRICE_COLUMN.search(title) for title in unit.header)
    priced = titled or (bool(unit.cells) and _heading_category(unit, sections) == "pricing")
    return priced and any(_NO_FIGURE.fullmatch(cell.text) for cell in unit.cells)


_NO_FIGURE = re.compile(
    r"\W*(?:free|nil|custom|on (?:request|inquiry|enquiry|application)|(?:ask|call|contact|talk to) us)\W*",
    re.I,
)
TITLE_WORDS = 5
"""A longer heading than this makes a claim: "Install and run a database from your program"."""
NAMED_BULLET = 0.8
_NAMED_BULLET = re.compile(r"(?:\*\*)?[^*\n]{2,40}\*\*")

LATE = 12
"""From this line on a text says how the thing is, no more what it is."""
PLAN_CONTENT = 2.0
"""For lines that say what a price buys: below a heading that carries one, or below a priced row."""

_VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|do|does|can|will|may|must|we|you|they|it|needs?|gets?|only|free)\b",
    re.I,
)


_PICTURE = re.compile(rf"[-*+•\s]*[{SYMBOLS}]")


def of_features(unit: Unit) -> bool:
    """Whether a line stands in a list of features: under such a heading, or with a picture in front."""
    _, sections = _cues()
    return _heading_category(unit, sections) == "differentiators" or bool(_PICTURE.match(unit.mark))


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
        named = NAMED_BULLET if _NAMED_BULLET.match(unit.text) else 0.0
        return {"positioning": -2.0, "differentiators": 0.6 + named}  # a feature
    if unit.line < 4 and (unit.line > 1 or unit.kind != "heading"):
        return {"positioning": 0.8}  # what a document says first is usually what the firm is
    if unit.kind == "row" or unit.line < 4:
        return {}
    return {"positioning": -1.6 if unit.line >= LATE else -0.6}


def _tells_what_a_price_buys(candidate: Candidate) -> bool:
    unit = candidate.unit
    if unit.kind != "heading" and any(MONEY.search(heading) for heading in unit.headings[:3]):
        return True
    below_price = MONEY.search(unit.previous) and not candidate.priced
    return bool(below_price) and not _VERB.search(unit.flat)


def _heading_category(unit: Unit, sections: Sections) -> Label | None:
    for heading in unit.headings[:2]:
        short = len(heading.split()) <= TITLE_WORDS
        for category, pattern in sections:
            if (short or category != "none") and pattern.search(heading):
                return category
    return None
