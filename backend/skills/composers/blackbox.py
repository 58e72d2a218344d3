"""Black box plays composed offline: a play of `data/blackbox.yaml` with the founder's own facts in it.

What may happen is told with "if" and "when"; nothing is forecast. The play's own risk stands: a wish below or
above it takes the nearest play.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.core import data_files
from backend.domain.facts import Evidence, Fact
from backend.services.embeddings import encode
from backend.skills.claims import Checker
from backend.skills.composers import assets as asset_reader
from backend.skills.composers import business
from backend.skills.composers.gaps import gaps
from backend.skills.composers.leanings import Remembered, option_leanings
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.material import Asset, Assets
from backend.skills.composers.moves import SELLING, NothingToBuildOn
from backend.skills.composers.playbook import ALWAYS, FIELDS, SLOT, Card, TaskTemplate
from backend.skills.composers.render import Renderer, Task
from backend.skills.composers.selection import Deck, Play
from backend.skills.figures import figures

FocusArea = Literal["acquisition", "retention", "revenue", "brand_equity", "virality"]
Phase = Literal["hook", "pivot", "close"]
DAYS: dict[Phase, int] = {"hook": 1, "pivot": 3, "close": 6}
"""The day of the week on which a phase begins."""
NEAR_WEIGHT, RECENT_PENALTY, FAR_PENALTY = 0.5, 0.4, 0.2
MOST_MISSING = 5
TIME_TO_RESULT = "a week of work; count after the second week"
Risk = Annotated[int, Field(ge=1, le=10)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Strict):
    """The work of a phase. Wordings as in the playbook: a line with an empty slot is left out."""

    title: str
    body: list[str]
    deliverable: str
    minutes: int
    platform: str
    type: Literal["pillar", "story", "engagement", "outreach", "admin"]


class PlayCard(_Strict):
    id: str
    areas: list[FocusArea] = Field(min_length=1)
    risk: tuple[Risk, Risk]
    name: str
    purpose: str
    needs: list[str]
    reasons: list[str]
    upside: str
    downside: str
    stop: list[str] = Field(min_length=1)
    hook: Step
    pivot: Step
    close: Step

    @property
    def steps(self) -> dict[Phase, Step]:
        return {"hook": self.hook, "pivot": self.pivot, "close": self.close}

    @functools.cached_property
    def as_card(self) -> Card:
        """The three steps as a card of the playbook, so that the same renderer writes them."""
        return Card(
            id=self.id,
            categories=["capture"],
            purpose=self.purpose,
            theme=[phase.capitalize() for phase in self.steps],
            stage=[3],
            needs=self.needs,
            tasks=[
                TaskTemplate(
                    day=DAYS[phase],
                    after=at - 1 if at else None,
                    type=step.type,
                    platform=step.platform,
                    minutes=step.minutes,
                    priority="must-do",
                    title=[step.title],
                    body=step.body,
                    deliverable=[step.deliverable],
                )
                for at, (phase, step) in enumerate(self.steps.items())
            ],
            metric={"name": "Signs", "target": "as written"},
            contingency={"when": self.stop[0], "then": "stop"},
        )

    @model_validator(mode="after")
    def _is_sound(self) -> "PlayCard":
        told = [*self.reasons, self.upside, self.downside, *self.stop]
        if wrong := [line for line in told if not re.match(r"(?:If|When) ", line)]:
            raise ValueError(f"{self.id}: what may happen begins with If or When: {wrong}")
        if any(re.search(r"\d", line) for line in told):
            raise ValueError(f"{self.id}: counts are written as words")
        slots = {slot for line in told for slot in SLOT.findall(line)}
        if slots - ALWAYS or set(self.needs) - FIELDS.keys():
            raise ValueError(f"{self.id}: unknown slots or needs")
        _ = self.as_card
        return self


@functools.lru_cache(maxsize=1)
def plays() -> tuple[PlayCard, ...]:
    listed = data_files.read(DATA / "blackbox.yaml")
    return tuple(PlayCard.model_validate(entry) for entry in listed)


class StrategyRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    focus_area: FocusArea
    outcome: str
    risk_level: Risk
    recent: list[str] = []
    """Plays of the last strategies, which come later now."""
    banned: list[str] = []
    icp: dict[str, Any] | None = None
    memory: Remembered = Remembered()


def compose(
    request: StrategyRequest,
    facts: Sequence[Fact],
    corpus: Sequence[Evidence],
    company: Mapping[str, Any],
) -> dict[str, Any]:
    """One strategy, JSON-ready. Raises NothingToBuildOn with the questions that would help."""
    name = str(company.get("company_name") or "")
    material = asset_reader.sort(facts, corpus, name)
    if not any(material.assets.get(kind) for kind in SELLING):
        raise NothingToBuildOn(missing=[gap.model_dump() for gap in gaps(material.assets, [])])
    firm = business.describe(facts, company, goal=request.outcome, icp=request.icp)
    checker = Checker(
        facts,
        corpus,
        goal=request.outcome,
        banned=[*material.banned, *request.banned],
        frozen=material.frozen,
        names=[firm.product, name],
    )
    ranked, resting = _ranked(request, material.assets)
    for card in ranked:
        tasks = _written(card, material.assets, firm, request, checker)
        if len(tasks) == len(card.steps):
            found = {fact.id: fact for fact in facts}
            return _strategy(card, tasks, request, firm.product, found) | {
                "missing": [gap.model_dump() for gap in gaps(material.assets, [])][:MOST_MISSING],
                "not_used": resting,
                "engine": "composer",
            }
    raise NothingToBuildOn(missing=[gap.model_dump() for gap in gaps(material.assets, [])])


def _ranked(
    request: StrategyRequest, assets: Assets
) -> tuple[list[PlayCard], list[dict[str, str]]]:
    """Plays of the area by distance to the wished risk, then nearness to the outcome."""
    here = [card for card in plays() if request.focus_area in card.areas]
    near = encode([request.outcome, *(card.purpose for card in here)])
    likeness = (near[1:] @ near[0]).tolist()
    lean = option_leanings(
        request.memory, {card.id: f"{card.name}. {card.purpose}" for card in here}
    )
    resting = []
    scored: list[tuple[float, int, PlayCard]] = []
    for at, card in enumerate(here):
        lacks = [need for need in card.needs if not assets.get(need)]
        if lacks:
            resting.append({"play": card.id, "why": f"needs {lacks[0]}"})
            continue
        score = (
            NEAR_WEIGHT * likeness[at]
            - FAR_PENALTY * _distance(card, request.risk_level)
            - RECENT_PENALTY * (card.id in request.recent)
            + lean[card.id]
        )
        scored.append((-round(score, 3), at, card))
    return [card for _, _, card in sorted(scored, key=lambda entry: entry[:2])], resting


def _distance(card: PlayCard, risk: int) -> int:
    low, high = card.risk
    return max(low - risk, risk - high, 0)


def _written(
    card: PlayCard,
    assets: Assets,
    firm: business.Business,
    request: StrategyRequest,
    checker: Checker,
) -> list[Task]:
    deck = Deck([], assets, goal=request.outcome, category="capture", stage=3)
    picked: Mapping[str, Asset] = deck.pick(card.as_card)
    renderer = Renderer(firm, request.outcome, checker)
    return renderer.tasks(Play(card.as_card, picked))


def _strategy(
    card: PlayCard,
    tasks: Sequence[Task],
    request: StrategyRequest,
    product: str,
    facts: Mapping[str, Fact],
) -> dict[str, Any]:
    low, high = card.risk
    risk = min(max(request.risk_level, low), high)
    return {
        "type": "blackbox_strategy",
        "play": card.id,
        "name": f"{product}: {card.name[0].lower()}{card.name[1:]}",
        "focus_area": request.focus_area,
        "outcome": request.outcome,
        "risk_level": risk,
        "risk_reasons": [*card.reasons, *_wish(request.risk_level, risk)],
        "phases": list(_phases(card, tasks, facts)),
        "expected_upside": card.upside,
        "potential_downside": card.downside,
        "kill_criteria": card.stop,
        "time_to_result": TIME_TO_RESULT,
        "owner_numbers": sorted(_counts([*card.reasons, card.upside, card.downside, *card.stop])),
    }


def _wish(wished: int, risk: int) -> list[str]:
    """Why the risk is not the wished one."""
    if wished == risk:
        return []
    word = "lower" if risk < wished else "higher"
    return [f"If you wonder: this play's own risk is {word} than you asked for."]


def _phases(
    card: PlayCard, tasks: Sequence[Task], facts: Mapping[str, Fact]
) -> Iterator[dict[str, Any]]:
    for (phase, _), task in zip(card.steps.items(), tasks, strict=True):
        step = {
            "day": task.day,
            "title": task.title,
            "description": task.description,
            "deliverable": task.deliverable,
            "type": task.type,
            "platform": task.platform,
            "minutes": task.minutes,
            "sources": [_source(facts[id]) for id in task.facts],
            "owner_numbers": sorted(_counts([task.title, task.description, task.deliverable])),
        }
        yield {"name": phase.capitalize(), "day": task.day, "steps": [step]}


def _source(fact: Fact) -> dict[str, Any]:
    return {
        "fact_id": fact.id,
        "evidence_id": str(fact.evidence_id),
        "start": fact.start,
        "end": fact.end,
        "quote": fact.quote,
    }


def _counts(texts: Sequence[str]) -> set[float]:
    """Our own counts: written as words, while every digit is the founder's."""
    return {f.value for f in figures(" ".join(texts)) if not any(c.isdigit() for c in f.text)}
