"""Which category a sentence is nearest to, by meaning: MiniLM vectors against `examples.yaml`.

Score = mean of the cosine to the category's centroid and to its best example. Below `accept` the sentence
counts as unknown; within `margin` of the runner-up it is ambiguous (MODELS 1.4 has the measurements).
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.core import data_files
from backend.services import embeddings
from backend.services.embeddings import Vectors

EXAMPLES = Path(__file__).with_name("examples.yaml")
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SemanticMatch:
    """The nearest category and how sure that is. `accepted` is False for unknown and ambiguous ones."""

    category: str
    score: float
    runner_up: str
    margin: float
    accepted: bool
    ambiguous: bool


@dataclass(frozen=True)
class _Index:
    categories: list[str]
    centroids: Vectors
    examples: list[Vectors]


@functools.lru_cache(maxsize=1)
def load_examples() -> Mapping[str, list[str]]:
    """Category -> its description and examples."""
    content = data_files.read(EXAMPLES)
    return {name: [part["description"], *part["examples"]] for name, part in content.items()}


@functools.lru_cache(maxsize=1)
def _index() -> _Index:
    texts = load_examples()
    vectors = [embeddings.encode(sentences) for sentences in texts.values()]
    means = np.stack([v.mean(axis=0) for v in vectors])
    unit = means / np.linalg.norm(means, axis=1, keepdims=True)
    return _Index(list(texts), unit.astype(np.float32), vectors)


def match(text: str, *, accept: float, margin: float) -> SemanticMatch:
    """Blocks for some milliseconds (half a second the first time): call it in a thread."""
    index = _index()
    vector = embeddings.encode_one(text)
    near = index.centroids @ vector
    best = np.array([float((examples @ vector).max()) for examples in index.examples])
    scores = (near + best) / 2
    first, second = np.argsort(scores)[::-1][:2]
    lead = float(scores[first] - scores[second])
    category, score = index.categories[first], float(scores[first])
    known = score >= accept and category != UNKNOWN
    return SemanticMatch(
        category=category if score >= accept else UNKNOWN,
        score=round(score, 4),
        runner_up=index.categories[second],
        margin=round(lead, 4),
        accepted=known and lead >= margin,
        ambiguous=known and lead < margin,
    )
