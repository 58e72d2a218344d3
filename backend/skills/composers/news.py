"""What others publish, as material for a daily win: quoted with its address, never taken for a fact."""

import datetime
from collections.abc import Sequence
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict

from backend.domain.facts import Evidence

FRESH_DAYS = 7
"""Older news is none."""


class News(BaseModel):
    """An entry of a feed, or a find of the search. `published` is None where nobody says."""

    model_config = ConfigDict(frozen=True)

    key: str
    kind: Literal["feed", "search"]
    title: str
    url: str
    outlet: str
    summary: str = ""
    published: datetime.date | None = None

    def freshness(self, today: datetime.date) -> float:
        """1 for today's, 0 for a week old; half where the day is unknown."""
        if self.published is None:
            return 0.5
        return 1 - min(max((today - self.published).days, 0), FRESH_DAYS) / FRESH_DAYS


def spoken(words: str) -> str:
    """Words that can stand between quotation marks."""
    return words.translate(str.maketrans('“”"', "‘’’")).strip().rstrip(".")


def as_evidence(news: Sequence[News]) -> list[Evidence]:
    """Headlines and outlets, so that the claim check lets them be quoted. No fact rests on them."""
    return [
        Evidence(
            id=uuid5(NAMESPACE_URL, item.url),
            name=item.outlet,
            text=f"{spoken(item.title)}\n{spoken(item.outlet)}",
        )
        for item in news
    ]
