"""What memory does to a choice: what was played rests, what was disliked steps back, what was liked advances.

A leaning is added to the score of a play, an order of copy or a kind of idea (between 0 and about 1.6), so
nothing is forbidden: a founder with few facts still gets a full week.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from backend.services.embeddings import Vectors, encode
from backend.skills.composers.playbook import Card, cards

PLAYED = -0.25
"""For each time one of the last two plans played it."""
DISLIKED, LIKED = -0.40, 0.20
ACCEPTED, REJECTED = 0.10, -0.20
"""For each output of the kind that the founder kept or threw away, two at most."""
WISHED = 0.50
"""For an option that is all that the session has asked for; less as it is further from that."""
NEAR = 0.35
"""Cosine from which a remark speaks of a card."""
AS_NEAR = 0.05
"""So little below the nearest option a remark speaks of it too."""
SPOKEN_OF = {
    "phone": re.compile(r"\b(?:phone|call(?:s|ing)?|ring(?:ing)?|telephon\w*)\b", re.I),
    "spreadsheet": re.compile(r"\b(?:spreadsheets?|excel|sheets?|admin)\b", re.I),
    "email": re.compile(r"\be-?mails?\b", re.I),
}
"""Words for a platform beside its own name."""


class Remembered(BaseModel):
    """The part of what is remembered (`MemoryController.recall`) that a plan is composed by."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    class Preferences(BaseModel):
        model_config = ConfigDict(extra="ignore", frozen=True)

        preferred_length: Literal["shorter", "just_right", "longer"] = "just_right"
        preferred_detail: Literal["less_detail", "just_right", "more_detail"] = "just_right"

    class Lessons(BaseModel):
        model_config = ConfigDict(extra="ignore", frozen=True)

        improve: list[str] = []
        keep: list[str] = []

    class Outcomes(BaseModel):
        """Option -> how many outputs of it were kept, and how many thrown away."""

        model_config = ConfigDict(extra="ignore", frozen=True)

        accepted: dict[str, int] = {}
        rejected: dict[str, int] = {}

    class Message(BaseModel):
        model_config = ConfigDict(extra="ignore", frozen=True)

        role: str
        text: str

    preferences: Preferences = Preferences()
    lessons: Lessons = Lessons()
    recent_plays: list[str] = []
    outcomes: Outcomes = Outcomes()
    messages: list[Message] = []

    @property
    def shorter(self) -> bool:
        return self.preferences.preferred_length == "shorter"

    @property
    def wishes(self) -> str:
        """What the founder has asked for earlier in this session."""
        return " ".join(message.text for message in self.messages if message.role == "user")


def leanings(
    playable: Sequence[Card], memory: Remembered, platform: Callable[[str], str]
) -> Mapping[str, float]:
    """Card -> what is added to its score. `platform` says where this business does a template's task."""
    lean = {card.id: PLAYED * memory.recent_plays.count(card.id) for card in playable}
    for said, weight in ((memory.lessons.improve, DISLIKED), (memory.lessons.keep, LIKED)):
        if not said:
            continue
        vectors = encode(said)
        for card in playable:
            lean[card.id] += weight * _spoken_of(card, said, vectors, platform)
    return lean


def option_leanings(memory: Remembered, options: Mapping[str, str]) -> dict[str, float]:
    """Option -> what is added to its score; `options` says in words what each is for."""
    lean = {
        id: ACCEPTED * min(memory.outcomes.accepted.get(id, 0), 2)
        + REJECTED * min(memory.outcomes.rejected.get(id, 0), 2)
        for id in options
    }
    told = [
        ([memory.wishes] if memory.wishes else [], WISHED),
        (memory.lessons.improve, DISLIKED),
        (memory.lessons.keep, LIKED),
    ]
    if not options or not any(said for said, _ in told):
        return lean
    meant = encode(list(options.values()))
    for said, weight in told:
        if not said:
            continue
        near = meant @ encode(said).T
        if weight != WISHED:  # a remark speaks of what it is nearest to
            near = near * (near >= NEAR) * (near >= near.max(axis=0) - AS_NEAR) > 0
        for id, spoken in zip(options, near.max(axis=1).tolist(), strict=True):
            lean[id] += weight * max(0.0, float(spoken))
    return lean


def _spoken_of(
    card: Card, said: Sequence[str], vectors: Vectors, platform: Callable[[str], str]
) -> float:
    """How much the remarks are about this card, 0 to 1."""
    near = float((_meanings()[card.id] @ vectors.T).max())
    places = [platform(task.platform) for task in card.tasks]
    named = sum(any(_names(remark, place) for remark in said) for place in places)
    return max(float(near >= NEAR), named / len(places))


def _names(remark: str, place: str) -> bool:
    words = SPOKEN_OF.get(place)
    return bool(words.search(remark)) if words else place.lower() in remark.lower()


@functools.lru_cache(maxsize=1)
def _meanings() -> Mapping[str, Vectors]:
    """The vectors of each card's purpose and of what its tasks ask for, once a process."""
    return {card.id: encode([card.purpose, *(t.title[0] for t in card.tasks)]) for card in cards()}
