"""Which industry a business is in, by its own words; None when two industries speak equally loud."""

import functools
import re
from collections.abc import Sequence

from backend.core import data_files
from backend.domain.facts import Evidence, Fact
from backend.skills.composers.layout import plain
from backend.skills.composers.lexicon import DATA

ENOUGH = 4
"""Different words of an industry that must occur."""
LEAD = 1.5
"""Times as many as the next industry."""


@functools.lru_cache(maxsize=1)
def _industries() -> dict[str, re.Pattern[str]]:
    data: dict[str, str] = data_files.read(DATA / "industries.yaml")
    return {
        name: re.compile(rf"\b(?:{'|'.join(listed.split())})\b".replace("_", " "), re.I)
        for name, listed in data.items()
    }


def classify(facts: Sequence[Fact], evidence: Sequence[Evidence]) -> tuple[str | None, list[str]]:
    """(industry, ids of up to three facts that say so); counted in distinct words of the whole evidence."""
    text = plain("\n".join(item.text for item in evidence))[:200_000]
    scores = {
        name: len({word.lower().rstrip("s") for word in pattern.findall(text)})
        for name, pattern in _industries().items()
    }
    (best, most), (_, second) = sorted(scores.items(), key=lambda entry: -entry[1])[:2]
    if most < ENOUGH or most < LEAD * second:
        return None, []
    speaking = [fact.id for fact in facts if _industries()[best].search(fact.quote)]
    return best, speaking[:3]
