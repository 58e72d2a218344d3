"""The playbook: cards of concrete work, read from YAML and validated once.

A card is our own reviewed text with slots for the founder's. Its counts ("list twenty ...") are written as
words and are the plan's own; digits reach a plan only through slots, so every digit is the founder's.
"""

import functools
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from backend.core import data_files

Category = Literal["ignite", "capture", "authority", "repair", "rally"]
TaskType = Literal["pillar", "story", "engagement", "outreach", "admin"]
Priority = Literal["must-do", "should-do", "nice-to-have"]

DIRECTORY = Path(__file__).parent.parent / "data" / "playbook"
SLOT = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")

ALWAYS = frozenset({"product", "audience", "customers", "goal"})
FIELDS: dict[str, frozenset[str]] = {
    "positioning": frozenset({"quote", "short"}),
    "offer": frozenset({"name", "price", "line"}),
    "low": frozenset({"name", "price", "line"}),
    "high": frozenset({"name", "price", "line"}),
    "free": frozenset({"name", "price", "line"}),
    "first": frozenset({"name", "price", "line"}),
    "entry": frozenset({"line"}),
    "price": frozenset({"quote", "short"}),
    "diff": frozenset({"quote", "short"}),
    "second": frozenset({"quote", "short"}),
    "proof": frozenset({"quote", "short", "customer"}),
    "stat": frozenset({"quote", "short"}),
    "praise": frozenset({"quote", "short", "who"}),
    "objection": frozenset({"quote", "short"}),
    "answer": frozenset({"quote", "short"}),
    "pain": frozenset({"quote", "short"}),
    "trigger": frozenset({"quote", "short", "event"}),
    "constraint": frozenset({"quote", "short"}),
    "origin": frozenset({"quote", "short"}),
    "competitor": frozenset({"name"}),
    "conflict": frozenset({"subject", "one", "other", "quote", "against"}),
}
"""Asset kinds a card may need, and what each offers to a template."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Lines = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TaskTemplate(_Strict):
    day: int = Field(ge=1, le=7)
    """Earliest day of the week; later when the days before are full."""
    after: int | None = None
    """Index of the task of the same card that must be done on an earlier day."""
    type: TaskType
    platform: str
    """A channel, or `direct` or `public`: where this business writes to one person, or posts."""
    minutes: int = Field(ge=5, le=90)
    priority: Priority = "should-do"
    title: Lines
    """Wordings in order of preference; the first whose slots are filled and that fits is used."""
    body: Lines
    """Sentences; one with an unfilled slot is left out."""
    deliverable: Lines

    @property
    def text(self) -> str:
        return " ".join([*self.title, *self.body, *self.deliverable])


class Metric(_Strict):
    name: str
    target: str


class Contingency(_Strict):
    when: str
    then: str


class Card(_Strict):
    id: str
    categories: list[Category] = Field(min_length=1)
    """The first is its home."""
    purpose: str
    theme: Lines
    stage: list[int]
    fits: frozenset[str] = frozenset()
    """Kinds of business it suits, any of them; empty for all."""
    unfit: frozenset[str] = frozenset()
    needs: list[str] = []
    without: list[str] = []
    """Asset kinds whose presence makes the card superfluous."""
    tasks: list[TaskTemplate] = Field(min_length=1)
    metric: Metric
    contingency: Contingency
    last: bool = False
    """Closes every week of every plan."""
    once: bool = False
    """Not repeated in longer plans."""

    @functools.cached_property
    def slots(self) -> frozenset[str]:
        text = " ".join([task.text for task in self.tasks])
        own = f"{text} {' '.join(self.theme)} {self.metric.name} {self.metric.target}"
        return frozenset(SLOT.findall(f"{own} {self.contingency.when} {self.contingency.then}"))

    @functools.cached_property
    def kinds(self) -> frozenset[str]:
        """Asset kinds that appear anywhere in the card."""
        return frozenset(slot.partition(".")[0] for slot in self.slots) - ALWAYS

    @functools.cached_property
    def grounded(self) -> float:
        """Share of its tasks that hold a fact the card needs."""
        holding = [
            any(slot.partition(".")[0] in self.needs for slot in SLOT.findall(task.text))
            for task in self.tasks
        ]
        return sum(holding) / len(holding)

    @model_validator(mode="after")
    def _is_sound(self) -> "Card":
        for slot in self.slots:
            kind, _, name = slot.partition(".")
            if slot not in ALWAYS and name not in FIELDS.get(kind, ()):
                raise ValueError(f"{self.id}: unknown slot {{{slot}}}")
        for need in self.needs:
            if need not in FIELDS:
                raise ValueError(f"{self.id}: unknown need {need}")
        for at, task in enumerate(self.tasks):
            self._check_task(at, task)
        return self

    def _check_task(self, at: int, task: TaskTemplate) -> None:
        if task.after is not None and not 0 <= task.after < at:
            raise ValueError(f"{self.id}: task {at} must come after an earlier one")
        if re.search(r"\d", task.text):
            raise ValueError(f"{self.id}: counts are written as words")
        for lines in (task.title, task.deliverable):
            loose = {slot.partition(".")[0] for slot in SLOT.findall(lines[-1])}
            if loose - ALWAYS - set(self.needs):
                raise ValueError(
                    f"{self.id}: the last wording of task {at} uses more than its needs"
                )
        if all(
            {slot.partition(".")[0] for slot in SLOT.findall(line)} - ALWAYS - set(self.needs)
            for line in task.body
        ):
            raise ValueError(f"{self.id}: task {at} needs one body line that is always there")


@functools.lru_cache(maxsize=1)
def cards() -> tuple[Card, ...]:
    """All cards, by file and order; ValueError when two share an id or one is unsound."""
    found: list[Card] = []
    for path in sorted(DIRECTORY.glob("*.yaml")):
        listed = data_files.read(path)
        found += [Card.model_validate(entry) for entry in listed]
    ids = [card.id for card in found]
    if len(set(ids)) != len(ids):
        raise ValueError(f"card ids repeat: {sorted({i for i in ids if ids.count(i) > 1})}")
    return tuple(found)
