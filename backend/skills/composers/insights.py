"""Insights over a period: each says what was counted, cites its numbers, and, where one follows, what to do.

By rule alone. A rule speaks only where there is enough to speak of; the smallest numbers stand below.
"""

from collections.abc import Callable, Iterator
from typing import Literal, Self
from urllib.parse import urlencode

from pydantic import BaseModel

from backend.core.rupees import grouped
from backend.domain.analytics import Counts, Group, Report

Kind = Literal["done", "trend", "worked", "results", "dropped", "time", "spend", "unrated"]
TASKS_PATH = "/api/v1/analytics/tasks"
FEW = 3
"""So many tasks say something about a channel, an ICP or a play."""
SOME = 5
"""So many say something about the founder's way of working."""
CLEARLY_BETTER = 0.5
"""Of a rating from 1 to 5."""
DROPPED = 0.5
SLOWER, FASTER = 1.25, 0.75
SPENT_MORE = 2.0


class Cite(BaseModel):
    """A number of the text: the rows it was counted from, and where they are listed."""

    label: str
    value: float
    rows: int
    tasks: str | None


class Insight(BaseModel):
    kind: Kind
    text: str
    recommendation: str | None
    cites: list[Cite]


def compose(report: Report) -> list[Insight]:
    """What can be said about the period, the most telling first; nothing of an empty one."""
    told = _Telling(report)
    rules: tuple[Callable[[], Iterator[Insight]], ...] = (
        told.results,
        told.worked,
        told.done,
        told.trend,
        told.dropped,
        told.spend,
        told.time,
        told.unrated,
    )
    return [insight for rule in rules for insight in rule()]


class Analytics(Report):
    """A report with what can be said of it. `note` is for a period in which nothing was planned."""

    insights: list[Insight]
    note: str | None

    @classmethod
    def of(cls, report: Report) -> Self:
        return cls(**dict(report), insights=compose(report), note=_note(report))


def _note(report: Report) -> str | None:
    """What to tell where nothing was planned, else None."""
    if report.metrics.planned or report.metrics.posted:
        return None
    if report.metrics.moves_made:
        return (
            "Nothing was planned for these days. Start a move: its tasks are what is counted here."
        )
    return "Nothing was planned for these days, so there is nothing to count. Make a move and start it."


class _Telling:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.dims: tuple[tuple[str, str, list[Group]], ...] = (
            ("channel", "on", report.by_channel),
            ("icp", "for", report.by_icp),
            ("play", "of the play", report.by_play),
        )

    def cite(self, label: str, value: float, rows: int, **wanted: object) -> Cite:
        period = {"first": self.report.first, "last": self.report.last}
        return Cite(
            label=label,
            value=round(value, 2),
            rows=rows,
            tasks=f"{TASKS_PATH}?{urlencode({**period, **wanted})}",
        )

    def done(self) -> Iterator[Insight]:
        whole = self.report.metrics
        due = whole.done + whole.skipped + whole.missed
        if due < SOME:
            return
        share = whole.done / due
        advice = None
        if share < DROPPED:
            advice = "Plan fewer minutes a day, or let a move be adapted: it lays the missed days out anew."
        yield Insight(
            kind="done",
            text=f"{whole.done} of {due} tasks that are behind you were done, {whole.skipped} were skipped"
            f" and {whole.missed} were missed.",
            recommendation=advice,
            cites=[
                self.cite("done", whole.done, whole.done, outcome="done"),
                self.cite("skipped", whole.skipped, whole.skipped, outcome="skipped"),
                self.cite("missed", whole.missed, whole.missed, outcome="missed"),
            ],
        )

    def trend(self) -> Iterator[Insight]:
        """The last two weeks that lie wholly in the period and behind the founder."""
        over = [
            week
            for week in self.report.by_week
            if week.starts_on >= self.report.first
            and (self.report.today - week.starts_on).days >= 7
            and (self.report.last - week.starts_on).days >= 6
        ]
        if len(over) < 2 or min(week.planned for week in over[-2:]) < FEW:
            return
        before, latest = over[-2:]
        if before.done == latest.done:
            return
        more = "more" if latest.done > before.done else "fewer"
        yield Insight(
            kind="trend",
            text=f"In the week from {_day(latest.starts_on)} {_of(latest.done, 'task')} got done, {more} than"
            f" the {before.done} of the week before.",
            recommendation=None,
            cites=[
                self.cite(
                    _day(week.starts_on), week.done, week.done, week=week.starts_on, outcome="done"
                )
                for week in (latest, before)
            ],
        )

    def worked(self) -> Iterator[Insight]:
        """Where the founder's own ratings are clearly better than elsewhere."""
        for dim, word, groups in self.dims:
            rated = [
                group
                for group in groups
                if group.name and group.rated >= FEW and group.average_rating
            ]
            rated.sort(key=lambda group: -(group.average_rating or 0))
            if len(rated) < 2:
                continue
            best, worst = rated[0], rated[-1]
            high, low = best.average_rating or 0, worst.average_rating or 0
            if high - low < CLEARLY_BETTER:
                continue
            yield Insight(
                kind="worked",
                text=f"You rated the tasks {word} {best.name} {high:.1f} of 5 on average"
                f" ({_of(best.rated, 'task')}), those {word} {worst.name} {low:.1f}"
                f" ({_of(worst.rated, 'task')}).",
                recommendation=f"Plan more {word} {best.name}.",
                cites=[
                    self.cite(
                        f"{group.name}: average rating",
                        group.average_rating or 0,
                        group.rated,
                        **{dim: group.key},
                        rated="true",
                    )
                    for group in (best, worst)
                ],
            )

    def results(self) -> Iterator[Insight]:
        """Which channel brought most of what the founder counts most often."""
        totals = self.report.metrics.results
        if not totals or not (most := totals[0]).total:
            return
        brought = [
            (found.total, found.tasks, group)
            for group in self.report.by_channel
            for found in group.results
            if found.name == most.name and group.name
        ]
        cites = [self.cite(most.name, most.total, most.tasks, result=most.name)]
        text = f"Your tasks brought {_grouped(most.total)} {most.name} ({_of(most.tasks, 'task')} counted)"
        best = max(brought, key=lambda found: found[0], default=None)
        advice = None
        if best and best[0] and len(brought) > 1:
            total, rows, group = best
            text += f"; {_grouped(total)} of them came from {group.name}"
            cites.append(
                self.cite(
                    f"{group.name}: {most.name}", total, rows, channel=group.key, result=most.name
                )
            )
            advice = f"Plan the next move on {group.name} first."
        yield Insight(kind="results", text=f"{text}.", recommendation=advice, cites=cites)

    def dropped(self) -> Iterator[Insight]:
        """The channel that the founder leaves undone more than others."""
        worst: tuple[float, Group] | None = None
        for group in self.report.by_channel:
            due = group.done + group.skipped + group.missed
            share = (group.skipped + group.missed) / due if due else 0.0
            if group.name and due >= SOME and share >= DROPPED and (not worst or share > worst[0]):
                worst = share, group
        if worst is None or len(self.report.by_channel) < 2:
            return
        group = worst[1]
        left = group.skipped + group.missed
        yield Insight(
            kind="dropped",
            text=f"{left} of {left + group.done} tasks on {group.name} were left undone.",
            recommendation=f"Leave {group.name} out of the next move, or plan shorter tasks there.",
            cites=[
                self.cite(f"{group.name}: {name}", value, value, channel=group.key, outcome=name)
                for name, value in (("skipped", group.skipped), ("missed", group.missed))
                if value
            ],
        )

    def spend(self) -> Iterator[Insight]:
        """Money on tasks, what one result cost, and a week that stands out."""
        whole = self.report.metrics
        if not whole.spent_inr:
            return
        cites = [self.cite("spent, INR", whole.spent_inr, whole.planned)]
        text = f"₹{_grouped(whole.spent_inr)} went into tasks"
        if whole.results and whole.results[0].total:
            most = whole.results[0]
            each = _grouped(whole.spent_inr / most.total)
            text += f": ₹{each} for each of {_grouped(most.total)} {most.name}"
            cites.append(self.cite(most.name, most.total, most.tasks, result=most.name))
        weeks = [week for week in self.report.by_week if week.spent_inr]
        if len(weeks) >= FEW:
            peak = max(weeks, key=lambda week: week.spent_inr)
            usual = sum(week.spent_inr for week in weeks if week is not peak) / (len(weeks) - 1)
            if peak.spent_inr >= SPENT_MORE * usual:
                text += (
                    f"; the week from {_day(peak.starts_on)} took ₹{_grouped(peak.spent_inr)} of it,"
                    f" the others ₹{_grouped(usual)} on average"
                )
                label = f"spent from {_day(peak.starts_on)}, INR"
                cites.append(self.cite(label, peak.spent_inr, peak.planned, week=peak.starts_on))
        yield Insight(kind="spend", text=f"{text}.", recommendation=None, cites=cites)

    def time(self) -> Iterator[Insight]:
        whole = self.report.metrics
        if whole.timed < SOME or not whole.minutes_estimated:
            return
        ratio = whole.minutes_taken / whole.minutes_estimated
        if FASTER < ratio < SLOWER:
            return
        advice = (
            "Give the next move more minutes a day, or fewer tasks."
            if ratio > 1
            else "The next move can hold more in the same minutes."
        )
        yield Insight(
            kind="time",
            text=f"{_of(whole.timed, 'task')} took {whole.minutes_taken} minutes where"
            f" {whole.minutes_estimated} were planned.",
            recommendation=advice,
            cites=[
                self.cite("minutes taken", whole.minutes_taken, whole.timed, timed="true"),
                self.cite("minutes planned", whole.minutes_estimated, whole.timed, timed="true"),
            ],
        )

    def unrated(self) -> Iterator[Insight]:
        whole: Counts = self.report.metrics
        if whole.done < FEW or whole.rated * 2 >= whole.done:
            return
        yield Insight(
            kind="unrated",
            text=f"{whole.rated} of {whole.done} done tasks have a rating from you.",
            recommendation="Rate what you have done and note what came of it: that shows what worked.",
            cites=[
                self.cite("rated", whole.rated, whole.rated, rated="true"),
                self.cite("done", whole.done, whole.done, outcome="done"),
            ],
        )


def _of(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _day(day: object) -> str:
    return f"{day:%-d %B}"


def _grouped(value: float) -> str:
    """1,23,456 or 1,234.50."""
    text = grouped(round(value * 100))
    return text.removesuffix(".00")
