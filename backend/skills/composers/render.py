"""A play written out: templates filled with the founder's words, every line checked, every source named."""

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.skills.claims import Checker
from backend.skills.composers.business import Business
from backend.skills.composers.language import (
    halve_counts,
    has_counts,
    mend,
    number_word,
    sentence,
)
from backend.skills.composers.material import Asset
from backend.skills.composers.playbook import SLOT, TaskTemplate
from backend.skills.composers.selection import Play
from backend.skills.figures import figures

TITLE_LIMIT = 90
REPEATED = 800
"""Characters of one quotation that a plan bears; after that, lines that merely recall it are left out."""
QUOTATION = re.compile(r"“([^”]{12,})”")


@dataclass(frozen=True, slots=True)
class Task:
    """A rendered task before it has a day. `after` is the index of another task of the same play."""

    card: str
    title: str
    description: str
    deliverable: str
    theme: str
    type: str
    platform: str
    minutes: int
    priority: str
    day: int
    after: int | None
    facts: tuple[str, ...]
    index: int


class Renderer:
    """Writes the plays of one plan. Remembers which quotations stand in it, so as not to repeat them idly."""

    def __init__(
        self, business: Business, goal: str, checker: Checker, *, half: bool = False
    ) -> None:
        """`half`: half the calls, messages and names, in half the time, for founders with little of it."""
        self.half = half
        self.quoted: Counter[str] = Counter()
        self.business = business
        self.checker = checker
        self.always = {
            "product": business.product,
            "audience": business.audience,
            "customers": business.customers,
            "goal": goal,
        }

    def tasks(self, play: Play) -> list[Task]:
        """The tasks of a play that can be said truthfully. One that depends on a dropped one is dropped."""
        done: dict[int, Task] = {}
        for index, template in enumerate(play.card.tasks):
            if template.after is not None and template.after not in done:
                continue
            task = self._task(play, index, template)
            if task:
                done[index] = task
        return list(done.values())

    def _task(self, play: Play, index: int, template: TaskTemplate) -> Task | None:
        limit = TITLE_LIMIT - len(_round(play))
        title = self._first(template.title, play, limit)
        deliverable = self._first(template.deliverable, play)
        body = self._body(template, play)
        if not title or not deliverable or not body:
            return None
        description = mend(" ".join(sentence(line) for line in body))
        self.quoted.update(QUOTATION.findall(f"{title} {description}"))
        facts = self._sources(play, f"{title} {description} {deliverable}")
        return Task(
            card=play.card.id,
            title=_round(play) + title,
            description=description,
            deliverable=deliverable,
            theme=self._first(play.card.theme, play, 60) or "",
            type=template.type,
            platform=self.business.platform(template.platform),
            minutes=self.minutes(template),
            priority=template.priority,
            day=template.day,
            after=template.after,
            facts=facts,
            index=index,
        )

    def _body(self, template: TaskTemplate, play: Play) -> list[str]:
        """The lines that can be filled; after the first, none that only recalls a quotation already worn."""
        lines = [line for text in template.body if (line := self.line(text, play))]
        return lines[:1] + [line for line in lines[1:] if not self._worn(line)]

    def _worn(self, line: str) -> bool:
        quotes = QUOTATION.findall(line)
        return any(len(quote) * self.quoted[quote] >= REPEATED for quote in quotes)

    def _first(self, wordings: Iterable[str], play: Play, limit: int = 400) -> str | None:
        """The first wording that can be filled, fits and passes."""
        for wording in wordings:
            line = self.line(wording, play)
            if line and len(line) <= limit:
                return line[0].upper() + line[1:]
        return None

    def line(self, template: str, play: Play) -> str | None:
        """A template filled, or None when a slot is empty or the claim check objects."""
        template = halve_counts(template) if self.half else template
        filled = _fill(template, self.always, play.picked)
        if filled is None:
            return None
        line = mend(filled)
        wrong = self.checker.check(line, owner_numbers=_counts(template), audience="founder")
        settled = 7 if "conflict" in play.card.needs else 0
        return None if [v for v in wrong if v.rule != settled] else line

    def minutes(self, template: TaskTemplate) -> int:
        """What the task takes, rounded up to five minutes."""
        if not (self.half and has_counts(template.text)):
            return template.minutes
        return -(-template.minutes // 10) * 5

    def _sources(self, play: Play, text: str) -> tuple[str, ...]:
        """Ids of the facts whose words stand in the text, in the order of the evidence."""
        found = set(self.business.audience_facts if self.business.audience in text else ())
        for asset in play.picked.values():
            if any(len(value) > 2 and value in text for value in asset.fields.values()):
                found |= {fact.id for fact in asset.facts}
        return tuple(sorted(found))

    def metric(self, play: Play) -> str | None:
        return self.line(f"{play.card.metric.name}: {play.card.metric.target}", play)

    def contingency(self, play: Play) -> tuple[str, str] | None:
        when = self.line(play.card.contingency.when, play)
        then = self.line(play.card.contingency.then, play)
        return (when, sentence(then)) if when and then else None


def _round(play: Play) -> str:
    again = play.round > 1 and not play.card.last
    return f"Round {number_word(play.round)}: " if again else ""


@functools.lru_cache(maxsize=4096)
def _counts(template: str) -> frozenset[float]:
    """The plan's own numbers: those the template itself holds."""
    return frozenset(figure.value for figure in figures(SLOT.sub(" ", template)))


def _fill(template: str, always: Mapping[str, str], picked: Mapping[str, Asset]) -> str | None:
    missing = False

    def value(slot: re.Match[str]) -> str:
        nonlocal missing
        kind, _, name = slot.group(1).partition(".")
        found = (
            always.get(kind)
            if not name
            else (picked[kind].fields.get(name) if kind in picked else None)
        )
        missing = missing or not found
        return found or ""

    filled = SLOT.sub(value, template)
    return None if missing else filled
