"""Which of the five categories a goal asks for, when the founder names none."""

import functools

import numpy as np

from backend.core import data_files
from backend.services.embeddings import Vectors, encode, encode_one
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.playbook import Category

NEAREST = 3
"""So many example goals, the nearest of each category, are averaged."""


@functools.lru_cache(maxsize=1)
def _examples() -> dict[Category, Vectors]:
    listed = data_files.read(DATA / "goal_examples.yaml")
    return {category: encode(goals) for category, goals in listed.items()}


def category_of(goal: str) -> Category:
    """The category whose example goals are nearest in meaning; equal ones go by the order of the file."""
    vector = encode_one(goal)
    scores = {
        category: round(float(np.sort(examples @ vector)[::-1][:NEAREST].mean()), 5)
        for category, examples in _examples().items()
    }
    return max(scores, key=lambda category: scores[category])
