"""A move composed offline: the founder's facts placed on playbook cards, day by day (COMPOSER 7).

Deterministic and synchronous; call it in a thread. Same facts and request, same plan.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.core.errors import Unprocessable
from backend.domain.facts import Evidence, Fact, Missing
from backend.skills.claims import Checker
from backend.skills.composers import assets as asset_reader
from backend.skills.composers import business, schedule
from backend.skills.composers.gaps import gaps
from backend.skills.composers.goals import category_of
from backend.skills.composers.language import shorten, tidy
from backend.skills.composers.leanings import Remembered, leanings
from backend.skills.composers.material import Assets
from backend.skills.composers.playbook import Card, Category, Priority, TaskType, cards
from backend.skills.composers.render import Renderer, Task
from backend.skills.composers.selection import Deck, Play, Resting, eligible

FULL = 0.85
"""Share of the plan's minutes that plays may claim before the days are packed."""
WORTH = 0.30
"""Score below which a card is only played to fill a day that would stay under two tasks."""
MINIMAL = 45
"""Minutes a day up to which a plan asks for half the calls and messages."""
ALONE = 2 / 3
"""Share of a day's minutes from which a task leaves no room for a second one."""
TASKS_A_DAY = ((MINIMAL, 2), (120, 3), (10_000, 5))
"""(minutes a day up to, tasks a day aimed at): minimal, standard, intensive."""
FEWEST = 2
WISHED = {"shorter": -1, "just_right": 0, "longer": 1}
"""Tasks a day more or less for whom feedback says so."""
REVIEW_EVERY = 7
LONGEST_NAME = 60
MOST_METRICS = 4
MOST_CONTINGENCIES = 6

SELLING = (
    "positioning", "offer", "price", "diff", "proof", "stat", "praise", "objection", "pain", "trigger",
    "competitor",
)  # fmt: skip
"""Kinds of fact of which one is needed; a limit or a founding year alone sells nothing."""


_FIRST_SENTENCE = re.compile(r"(?<=[.!?]) +(?=[A-Z“])")


class MovePlanRequest(BaseModel):
    model_config = ConfigDict(frozen=True)

    goal: str = Field(min_length=3, max_length=500)
    category: Category | None = None
    """None: the category nearest in meaning to the goal."""
    duration_days: int = Field(default=7, ge=1, le=90)
    minutes_per_day: int = Field(default=90, ge=15, le=480)
    """Time commitment: minimal 30, standard 90, intensive 180."""
    stage: int = Field(default=3, ge=1, le=5)
    """The market's awareness: 1 unaware ... 5 most aware."""
    icp: dict[str, Any] | None = None
    channels: list[str] = []
    """Where the founder is active, e.g. `whatsapp`, `linkedin`; empty for no restriction."""
    memory: Remembered = Remembered()
    focus: str = Field(default="", max_length=500)
    """What this move is for within a larger goal; weighs with the goal when cards are chosen."""
    played: list[str] = []
    """Cards of earlier moves, once for each time; they come again only when little else is left."""


class Source(BaseModel):
    """A passage a task rests on; `quote` is exactly the evidence's text from `start` to `end`."""

    fact_id: str
    evidence_id: str
    start: int
    end: int
    quote: str


class PlanTask(BaseModel):
    title: str
    description: str
    type: TaskType
    platform: str
    estimated_minutes: int
    priority: Priority
    deliverable: str
    sources: list[Source]
    card: str


class PlanDay(BaseModel):
    day: int
    theme: str
    tasks: list[PlanTask]
    total_minutes: int


class NotUsed(BaseModel):
    card: str
    why: str


class MovePlan(BaseModel):
    name: str
    category: Category
    goal: str
    duration_days: int
    target_icp: str
    channels: list[str]
    execution: list[PlanDay]
    success_metrics: list[str]
    contingencies: dict[str, str]
    """What may happen -> what to do then."""
    missing: list[Missing]
    not_used: list[NotUsed]
    engine: Literal["composer"] = "composer"


class NothingToBuildOn(Unprocessable):
    """No fact can carry a task: neither positioning nor prices nor anything else; `missing` asks for them."""

    default_code = "nothing_to_build_on"
    default_detail = (
        "I have nothing to build on. Paste your price list, one paragraph on what you sell and to whom, "
        "or three customer messages."
    )


def compose(
    request: MovePlanRequest,
    facts: Sequence[Fact],
    company: Mapping[str, Any],
    corpus: Sequence[Evidence],
) -> dict[str, Any]:
    """The plan as a JSON-ready dict (shape of `MovePlan`); dates are added when the move starts.

    `company` is the profile of step 5 (`company_name` is what is read). Raises NothingToBuildOn when no fact
    can carry a task; its `extra["missing"]` lists the questions that would change that.
    """
    name = str(company.get("company_name") or "")
    material = asset_reader.sort(facts, corpus, name)
    if not any(material.assets.get(kind) for kind in SELLING):
        raise NothingToBuildOn(missing=[gap.model_dump() for gap in gaps(material.assets, [])])
    firm = business.describe(
        facts, company, goal=request.goal, icp=request.icp, channels=request.channels
    )
    checker = Checker(
        facts,
        corpus,
        goal=request.goal,
        banned=material.banned,
        frozen=material.frozen,
        names=[firm.product, name],
    )
    half = request.minutes_per_day <= MINIMAL
    renderer = Renderer(firm, request.goal, checker, half=half)
    plan = _Composer(request, material.assets, firm, renderer, facts).plan()
    return plan.model_dump()


class _Composer:
    """One plan in the making."""

    def __init__(
        self,
        request: MovePlanRequest,
        assets: Assets,
        firm: business.Business,
        renderer: Renderer,
        facts: Sequence[Fact],
    ) -> None:
        self.request = request
        self.assets = assets
        self.firm = firm
        self.renderer = renderer
        self.facts = {fact.id: fact for fact in facts}
        self.category = request.category or category_of(request.goal)
        self.played: list[Play] = []
        self.lean: Mapping[str, float] = {}

    def plan(self) -> MovePlan:
        playable, resting = eligible(self.firm, self.assets)
        self.lean = leanings(playable, self.request.memory, self.firm.platform)
        execution = self._execution(self._days(playable))
        used = {task.card for day in execution for task in day.tasks}
        first = [play for play in self.played if play.round == 1 and play.card.id in used]
        return MovePlan(
            name=self._name(),
            category=self.category,
            goal=self.request.goal,
            duration_days=self.request.duration_days,
            target_icp=str((self.request.icp or {}).get("name") or self.firm.audience),
            channels=_channels(execution),
            execution=execution,
            success_metrics=self._metrics(first),
            contingencies=self._contingencies(first),
            missing=gaps(self.assets, resting),
            not_used=_not_used(playable, resting, used),
        )

    # ------------------------------------------------------------ days

    def _days(self, playable: Sequence[Card]) -> dict[int, list[Task]]:
        closing = self._closing()
        deck = Deck(
            self._light([card for card in playable if not card.last]),
            self.assets,
            goal=self.request.goal,
            category=self.category,
            stage=self.request.stage,
            lean=self.lean,
            focus=self.request.focus,
            played=self.request.played,
        )
        plays = deck.plays()
        chosen = self._choose(plays, taken=sum(map(len, closing.values())))
        reserve = (self._write(play) for play in plays)
        days, minutes = self.request.duration_days, self.request.minutes_per_day
        return schedule.fill(days, minutes, chosen, closing, reserve)

    def _choose(self, plays: Iterator[Play], taken: int) -> list[list[Task]]:
        """The tasks of the best plays, until the days hold enough tasks or minutes."""
        days = self.request.duration_days
        wanted = self._tasks_a_day() * days - taken
        minutes = FULL * self.request.minutes_per_day * days
        chosen: list[list[Task]] = []
        for play in plays:
            tasks = self._write(play)
            chosen += [tasks] if tasks else []
            wanted -= len(tasks)
            minutes -= sum(task.minutes for task in tasks)
            if wanted <= 0 or minutes <= 0 or (play.score < WORTH and play.round == 1):
                break
        return chosen

    def _light(self, playable: list[Card]) -> list[Card]:
        """In a minimal plan: cards whose tasks leave room for a second one, and others as far as needed."""
        if not self.renderer.half:
            return playable
        room = ALONE * self.request.minutes_per_day
        enough = schedule.FLOOR * min(self.request.duration_days, schedule.WEEK)
        light: list[Card] = []
        for card in sorted(playable, key=self._longest):
            if self._longest(card) > room and sum(len(c.tasks) for c in light) >= enough:
                break
            light.append(card)
        return light

    def _longest(self, card: Card) -> int:
        return max(self.renderer.minutes(task) for task in card.tasks)

    def _tasks_a_day(self) -> int:
        minutes = self.request.minutes_per_day
        usual = next(tasks for limit, tasks in TASKS_A_DAY if minutes <= limit)
        return max(FEWEST, usual + WISHED[self.request.memory.preferences.preferred_length])

    def _closing(self) -> dict[int, list[Task]]:
        """The review, on the last day of each week and of the plan."""
        last = self.request.duration_days
        plays = [Play(card, {}) for card in cards() if card.last]
        tasks = [task for play in plays for task in self._write(play)]
        return dict.fromkeys([*range(REVIEW_EVERY, last, REVIEW_EVERY), last], tasks)

    def _write(self, play: Play) -> list[Task]:
        tasks = self.renderer.tasks(play)
        if tasks:
            self.played.append(play)
        return tasks

    # ------------------------------------------------------------ shape

    def _execution(self, days: Mapping[int, list[Task]]) -> list[PlanDay]:
        execution: list[PlanDay] = []
        for day, tasks in days.items():
            theme = _theme(tasks, [before.theme for before in execution])
            total = sum(task.minutes for task in tasks)
            shown = [self._shown(task) for task in tasks]
            execution.append(PlanDay(day=day, theme=theme, tasks=shown, total_minutes=total))
        return execution

    def _shown(self, task: Task) -> PlanTask:
        return PlanTask(
            title=task.title,
            description=self._detail(task.description),
            type=task.type,
            platform=task.platform,
            estimated_minutes=task.minutes,
            priority=task.priority,
            deliverable=task.deliverable,
            sources=[_source(self.facts[fact_id]) for fact_id in task.facts],
            card=task.card,
        )

    def _detail(self, description: str) -> str:
        """In full, or its first sentence for whoever wants less."""
        if self.request.memory.preferences.preferred_detail != "less_detail":
            return description
        return _FIRST_SENTENCE.split(description, maxsplit=1)[0]

    def _name(self) -> str:
        goal = tidy(self.request.goal)
        short = shorten(goal, LONGEST_NAME) or goal[:LONGEST_NAME].rsplit(" ", 1)[0]
        return f"{self.firm.product}: {short}" if self.firm.named else short[0].upper() + short[1:]

    def _metrics(self, plays: Sequence[Play]) -> list[str]:
        ordered = sorted(plays, key=lambda play: play.card.last)
        lines = [line for play in ordered if (line := self.renderer.metric(play))]
        return lines[:MOST_METRICS] + lines[MOST_METRICS:][-1:]

    def _contingencies(self, plays: Sequence[Play]) -> dict[str, str]:
        pairs = [pair for play in plays if (pair := self.renderer.contingency(play))]
        return dict(pairs[:MOST_CONTINGENCIES])


def _source(fact: Fact) -> Source:
    return Source(
        fact_id=fact.id,
        evidence_id=str(fact.evidence_id),
        start=fact.start,
        end=fact.end,
        quote=fact.quote,
    )


def _theme(tasks: Sequence[Task], before: Sequence[str]) -> str:
    """The theme of the day's weightiest task; one that no earlier day has where there is one."""
    by_weight = sorted(tasks, key=lambda t: (t.priority != "must-do", not t.facts, -t.minutes))
    themes = [task.theme for task in by_weight if task.theme]
    return next(
        (theme for theme in themes if theme not in before), [*themes, by_weight[0].title][0]
    )


_NOT_CHANNELS = frozenset({"spreadsheet", "document", "calendar"})


def _channels(execution: Sequence[PlanDay]) -> list[str]:
    """Platforms of the plan's tasks, the most used first."""
    platforms = [task.platform for day in execution for task in day.tasks]
    counted = sorted(set(platforms), key=lambda name: (-platforms.count(name), name))
    return [name for name in counted if name not in _NOT_CHANNELS]


def _not_used(
    playable: Sequence[Card], resting: Sequence[Resting], used: set[str]
) -> list[NotUsed]:
    waiting = [NotUsed(card=rest.card, why=rest.why) for rest in resting]
    return waiting + [
        NotUsed(card=card.id, why="other cards serve this goal better")
        for card in playable
        if card.id not in used
    ]
