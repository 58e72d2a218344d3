"""Which cards a plan plays, with which facts: relevance to the goal, evidence at hand, no repetition."""

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.services.embeddings import Vectors, encode, encode_one
from backend.skills.composers.business import Business
from backend.skills.composers.material import Asset, Assets
from backend.skills.composers.playbook import Card, Category, cards

USED = 0.35
"""What each earlier use of a fact costs it, in cosine."""
ANSWERS = 0.22
"""Cosine below which nothing on file answers a doubt."""
PLAYED, MOST_PLAYED = 0.35, 3
"""What each time a card was played in an earlier plan costs it, up to so many times."""
NEAR_GOAL = 0.30
"""Cosine below which no offer belongs to the goal, and the cheapest ones are taken."""
FOCUS = 3
"""How many offers one plan speaks of."""

OWN_DESK = frozenset({"spreadsheet", "document", "calendar", "phone", "in person", "website"})
"""Not channels: one's own desk, door and page, and a call to one person."""
LEADING = frozenset({"positioning", "low", "high", "free", "first", "entry"})
"""Kinds that are the same in every task of a plan: its best sentence, its steps, its way in."""
ANSWERING = ("diff", "proof", "stat", "constraint")
"""Kinds of fact that can be set against a doubt; a price answers none, least of all one about the price."""
PICK_ORDER = (
    "conflict", "proof", "stat", "praise", "objection", "answer", "pain", "trigger", "competitor", "diff",
    "second", "constraint", "offer", "low", "high", "free", "first", "entry", "price", "positioning",
    "origin",
)  # fmt: skip
"""A doubt before its answer, a first difference before the second."""


@dataclass(frozen=True, slots=True)
class Play:
    """A card with the facts picked for it."""

    card: Card
    picked: Mapping[str, Asset]
    round: int = 1
    """How often the card has been played in this plan, this time included."""
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Resting:
    """A card that is not played, and why; `lacks` are the kinds of fact that would bring it in."""

    card: str
    why: str
    lacks: tuple[str, ...] = ()


def eligible(business: Business, assets: Assets) -> tuple[list[Card], list[Resting]]:
    """Cards this business can play now, and those that wait for a fact or a channel.

    Cards made for another kind of business are in neither list.
    """
    playable: list[Card] = []
    resting: list[Resting] = []
    for card in cards():
        if not _suits(card, business, assets):
            continue
        hindrance = _hindrance(card, business, assets)
        if hindrance:
            resting.append(hindrance)
        else:
            playable.append(card)
    return playable, resting


def _suits(card: Card, business: Business, assets: Assets) -> bool:
    fits = not card.fits or bool(card.fits & business.kinds)
    superfluous = any(assets.get(kind) for kind in card.without)
    return fits and not card.unfit & business.kinds and not superfluous


def _hindrance(card: Card, business: Business, assets: Assets) -> Resting | None:
    lacks = tuple(need for need in card.needs if not _available(need, assets))
    if lacks:
        return Resting(card.id, f"needs {', '.join(lacks)}", lacks)
    outside = _outside(card, business)
    if outside:
        return Resting(card.id, f"uses {', '.join(sorted(outside))}, which you did not name")
    return None


def _available(need: str, assets: Assets) -> bool:
    if need == "second":
        return len(assets.get("diff", [])) > 1
    if need == "answer":
        return any(assets.get(kind) for kind in ANSWERING)
    return bool(assets.get(need))


def _outside(card: Card, business: Business) -> set[str]:
    """Platforms of the card on which this founder is not active."""
    if not business.channels:
        return set()
    platforms = {business.platform(task.platform) for task in card.tasks}
    return platforms - OWN_DESK - business.channels


@functools.lru_cache(maxsize=1)
def _purposes() -> Mapping[str, Vectors]:
    """The vector of each card's purpose, once a process."""
    return dict(
        zip([card.id for card in cards()], encode([card.purpose for card in cards()]), strict=True)
    )


class Deck:
    """Hands out plays, best next. Deterministic: equal scores go by the order of the playbook."""

    def __init__(
        self,
        playable: Sequence[Card],
        assets: Assets,
        *,
        goal: str,
        category: Category,
        stage: int,
        lean: Mapping[str, float] | None = None,
        focus: str = "",
        played: Sequence[str] = (),
    ) -> None:
        """`lean`: card -> what memory adds to its score. `focus` is what the plan is for within a larger
        goal, `played` names cards of earlier plans."""
        self.cards = list(playable)
        self.assets = {**assets, "offer": in_focus(assets.get("offer", []), goal)}
        self.goal = encode_one(goal)
        self.used: Counter[str] = Counter()
        self.vectors = [_purposes()[card.id] for card in self.cards]
        sentence = "".join(asset.meaning for asset in assets.get("positioning", [])[:1])
        context = encode_one(f"{focus or goal}. {sentence}")
        before = Counter(played)
        self.base = [
            self._base(card, float(vector @ context), category, stage)
            + (lean or {}).get(card.id, 0.0)
            - PLAYED * min(before[card.id], MOST_PLAYED)
            for card, vector in zip(self.cards, self.vectors, strict=True)
        ]

    def _base(self, card: Card, similarity: float, category: Category, stage: int) -> float:
        """COMPOSER 7: goal, category, stage, and how much of the founder's own the card holds."""
        held = [
            self.assets[need][0].fact.confidence for need in card.needs if self.assets.get(need)
        ]
        return (
            0.35 * similarity
            + 0.30 * (category in card.categories)
            + 0.10 * (category == card.categories[0])
            + 0.15 * (stage in card.stage)
            + 0.30 * (sum(held) / len(held) if held else 0.0)
            + 0.25 * card.grounded
            + 0.40 * ("conflict" in card.needs)
        )

    def plays(self) -> Iterator[Play]:
        """Every card once, best first, then the whole deck again with other facts. Never ends."""
        round_ = 0
        while self.cards:
            round_ += 1
            left = [n for n, card in enumerate(self.cards) if round_ == 1 or not card.once]
            played: list[int] = []
            while left:
                scores = {n: self._score(n, played) for n in left}
                best = max(left, key=lambda n: (scores[n], -n))
                left.remove(best)
                played.append(best)
                card = self.cards[best]
                yield Play(card, self.pick(card), round_, scores[best])

    def _score(self, n: int, played: Sequence[int]) -> float:
        near = max((float(self.vectors[n] @ self.vectors[m]) for m in played), default=0.0)
        return round(self.base[n] - 0.25 * near, 5)

    def pick(self, card: Card) -> dict[str, Asset]:
        """One asset for each kind the card mentions: nearest to the goal, least used."""
        picked: dict[str, Asset] = {}
        for kind in sorted(card.kinds | set(card.needs), key=PICK_ORDER.index):
            found = self._found(kind, picked)
            if found:
                picked[kind] = found
        self.used.update({asset.fact.id for kind, asset in picked.items() if kind not in LEADING})
        return picked

    def _found(self, kind: str, picked: Mapping[str, Asset]) -> Asset | None:
        pool = self.assets.get(kind, [])
        if kind == "answer":
            return self._answer(picked.get("objection"))
        if kind in LEADING:
            return next(iter(pool), None)
        if kind == "second" and "diff" in picked:
            pool = [asset for asset in pool if asset.fact.id != picked["diff"].fact.id]
        return self._nearest(pool)

    def _nearest(self, pool: Sequence[Asset]) -> Asset | None:
        if not pool:
            return None
        similarity = _meanings(pool) @ self.goal
        scores = [
            round(float(near) - USED * self.used[asset.fact.id] + 0.1 * asset.fact.confidence, 4)
            for near, asset in zip(similarity, pool, strict=True)
        ]
        return pool[int(np.argmax(scores))]

    def _answer(self, doubt: Asset | None) -> Asset | None:
        """What can be set against a doubt: the fact nearest in meaning; none when nothing is near."""
        pool = [asset for kind in ANSWERING for asset in self.assets.get(kind, [])]
        if doubt is None or not pool:
            return None
        similarity = (_meanings(pool) @ encode_one(doubt.meaning)).round(4)
        best = int(np.argmax(similarity))
        return pool[best] if float(similarity[best]) > ANSWERS else None


def _meanings(pool: Sequence[Asset]) -> Vectors:
    """One by one: the same few texts are asked for with every card, and single vectors are cached."""
    return np.stack([encode_one(asset.meaning) for asset in pool])


def in_focus(offers: Sequence[Asset], goal: str) -> list[Asset]:
    """The few offers a plan speaks of: nearest to the goal; when none is near, what the papers open with."""
    if len(offers) <= FOCUS:
        return list(offers)
    similarity = (_meanings(offers) @ encode_one(goal)).round(4)
    if float(similarity.max()) < NEAR_GOAL:
        leading = sorted(offers, key=lambda offer: offer.fact.start)
        return leading[:FOCUS]
    nearest = sorted(range(len(offers)), key=lambda n: (-float(similarity[n]), n))[:FOCUS]
    return [offers[n] for n in nearest]
