"""What the onboarding's composers share: facts sorted into material, and texts with their sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.facts import Evidence, Fact
from backend.domain.step_outputs import statements_of
from backend.skills.composers import assets
from backend.skills.composers.assets import Sorted
from backend.skills.composers.language import tidy
from backend.skills.composers.material import Asset
from backend.skills.composers.questions import missing

Line = dict[str, Any]
"""`{"text", "sources"}`."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a step's composer works on. `known` maps step numbers, as text, to what those steps gave."""

    facts: list[Fact]
    evidence: list[Evidence]
    company: Mapping[str, Any]
    known: Mapping[str, Mapping[str, Any]]
    inputs: Mapping[str, Any]

    @property
    def usable(self) -> list[Fact]:
        """Facts that no open contradiction touches: until one is settled, neither side is used."""
        return [fact for fact in self.facts if fact.id not in self.disputed]

    @property
    def disputed(self) -> frozenset[str]:
        open_now = set(self.step(4).get("open_conflicts", []))
        return frozenset(
            fact_id
            for conflict in self.step(3).get("conflicts", [])
            if conflict["id"] in open_now
            for fact_id in statements_of(conflict)
        )

    def sorted(self) -> Sorted:
        return assets.sort(self.usable, self.evidence, self.name)

    @property
    def name(self) -> str:
        return str(self.company.get("company_name") or "")

    def step(self, number: int) -> Mapping[str, Any]:
        """What a step gave; empty for one that was skipped or has not run."""
        return self.known.get(str(number), {})


def line(text: str, *facts: Fact) -> Line:
    return {"text": text, "sources": list(dict.fromkeys(fact.id for fact in facts))}


def lines(found: Iterable[Asset], most: int) -> list[Line]:
    """The material in the founder's words, each text once."""
    kept: dict[str, Line] = {}
    for asset in found:
        text = asset.meaning
        if text:
            kept.setdefault(text.lower(), line(text, asset.fact))
    return list(kept.values())[:most]


def whole(facts: Sequence[Fact], most: int) -> list[Line]:
    return [line(tidy(fact.fact), fact) for fact in facts[:most]]


def gaps(**found: Any) -> list[dict[str, Any]]:
    """The question of every slot for which nothing was found."""
    return [missing(slot).model_dump() for slot, value in found.items() if not value]


def ids(found: Iterable[Fact]) -> list[str]:
    return list(dict.fromkeys(fact.id for fact in found))


def counted(number: int, noun: str) -> str:
    """ "1 fact", "3 facts"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
