"""Tasks onto days: two to eight a day, within the minutes, dependencies on earlier days."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from backend.skills.composers.render import Task

FLOOR, CEILING = 2, 8
WEEK = 7
MOST_TRIED = 60
"""Plays that are tried for a day that would stay under two tasks."""
_ANY = 1440
SHORT = 3
"""Plans of up to this many days may do a task and what follows from it on the same day."""

_PRIORITY = {"must-do": 0, "should-do": 1, "nice-to-have": 2}


@dataclass(slots=True)
class _Pending:
    task: Task
    play: int
    day: int | None = None


@dataclass(slots=True)
class Week:
    """The days being filled, and what waits."""

    days: int
    minutes: int
    placed: dict[int, list[_Pending]] = field(default_factory=dict)
    waiting: list[_Pending] = field(default_factory=list)
    plays: int = 0
    spare: list[list[Task]] = field(default_factory=list)
    """Plays of the reserve that had no room on the day they were asked for."""

    def add(self, tasks: list[Task]) -> None:
        """A play's tasks join the queue, in the order of their importance to the plan."""
        self.waiting += [_Pending(task, self.plays) for task in tasks]
        self.plays += 1

    def load(self, day: int) -> int:
        return sum(p.task.minutes for p in self.placed.get(day, []))


def fill(
    days: int,
    minutes: int,
    chosen: list[list[Task]],
    closing: dict[int, list[Task]],
    reserve: Iterator[list[Task]],
) -> dict[int, list[Task]]:
    """Days 1 to `days`, each with its tasks in working order.

    `chosen` are the tasks of each play in order of importance, `closing` are fixed to their day, `reserve`
    gives further plays for days that would stay under two tasks.
    """
    week = Week(days, minutes, {day: [] for day in range(1, days + 1)})
    for tasks in chosen:
        week.add(tasks)
    for day in range(1, days + 1):
        week.placed[day] = [_Pending(task, -1, day) for task in closing.get(day, [])]
        _fill_day(week, day, reserve)
    return {day: _ordered(placed) for day, placed in week.placed.items()}


def _fill_day(week: Week, day: int, reserve: Iterator[list[Task]]) -> None:
    quota = _quota(week, day)
    while len(week.placed[day]) < quota:
        candidate = _next(week, day, strict=True)
        if candidate is None:
            break
        _place(week, day, candidate)
    while len(week.placed[day]) < FLOOR:
        candidate = _next(week, day, strict=False) or _more(week, day, reserve)
        if candidate is None and _two_shorter(week, day, reserve):
            return
        candidate = (
            candidate
            or _next(week, day, strict=False, room=_ANY)
            or _too_long(week, day)
            or _exchanged(week, day, reserve)
        )
        if candidate is None:
            return
        _place(week, day, candidate)


def _more(week: Week, day: int, reserve: Iterator[list[Task]]) -> _Pending | None:
    """A task for a day that would stay short: a new one, but on the last day rather one from before.

    Hardly a card ends on the day it begins, so the reserve has little for the last day.
    """
    if day < week.days:
        return _from_reserve(week, day, reserve) or _borrowed(week, day)
    return _borrowed(week, day) or _from_reserve(week, day, reserve)


def _borrowed(week: Week, day: int) -> _Pending | None:
    """The smallest task of the latest earlier day that has more than enough, if nothing follows from it."""
    for earlier in range(day - 1, 0, -1):
        placed = week.placed[earlier]
        room = week.minutes - week.load(day)
        movable = [
            p for p in placed if p.play >= 0 and p.task.minutes <= room and not _followed(week, p)
        ]
        if len(placed) > FLOOR and movable:
            task = min(movable, key=lambda p: (p.task.minutes, p.play, p.task.index))
            placed.remove(task)
            week.waiting.append(task)
            return task
    return None


def _exchanged(week: Week, day: int, reserve: Iterator[list[Task]]) -> _Pending | None:
    """A task of an earlier day that finds another in its place: most plays take longer than the last day."""
    left = week.minutes - week.load(day)
    for earlier, room in [(at, room) for room in (left, _ANY) for at in range(day - 1, 0, -1)]:
        movable = [p for p in week.placed[earlier] if p.play >= 0 and not _followed(week, p)]
        for task in [p for p in movable if p.task.minutes <= room]:
            _take_back(week, earlier, task)
            week.waiting.remove(task)
            found = _from_reserve(week, earlier, reserve) or _too_long(week, earlier)
            if found:
                _place(week, earlier, found)
                week.waiting.append(task)
                return task
            week.waiting.append(task)
            _place(week, earlier, task)
    return None


def _two_shorter(week: Week, day: int, reserve: Iterator[list[Task]]) -> bool:
    """Put shorter tasks in place of the day's longest, which leaves too few minutes for a second one."""
    movable = [p for p in week.placed[day] if p.play >= 0]
    if not movable:
        return False
    longest = max(movable, key=lambda p: p.task.minutes)
    _take_back(week, day, longest)
    taken: list[_Pending] = []
    while len(week.placed[day]) < FLOOR:
        found = _next(week, day, strict=False)
        if found is None or found is longest:
            found = _from_reserve(week, day, reserve)
        if found is None or found is longest:
            for pending in taken:
                _take_back(week, day, pending)
            _place(week, day, longest)
            return False
        _place(week, day, found)
        taken.append(found)
    return True


def _take_back(week: Week, day: int, pending: _Pending) -> None:
    pending.day = None
    week.placed[day].remove(pending)
    week.waiting.append(pending)


def _followed(week: Week, pending: _Pending) -> bool:
    everything = [*week.waiting, *(p for placed in week.placed.values() for p in placed)]
    return any(p.play == pending.play and p.task.after == pending.task.index for p in everything)


def _quota(week: Week, day: int) -> int:
    """An even share of what waits, never under the floor."""
    days_left = week.days - day + 1
    share = -(-len(week.waiting) // days_left)
    return max(FLOOR, min(CEILING, share + 1))


def _next(week: Week, day: int, *, strict: bool, room: int | None = None) -> _Pending | None:
    """The waiting task to do today, within the minutes that are left or within `room`.

    `strict` keeps to the preferred day.
    """
    room = week.minutes - week.load(day) if room is None else room
    ready = [p for p in week.waiting if p.task.minutes <= room and _ready(week, p, day)]
    if strict:
        ready = [p for p in ready if _preferred(week, p) <= day]
        return min(ready, key=lambda p: _urgency(week, p), default=None)
    return min(ready, key=lambda p: (p.task.minutes, _urgency(week, p)), default=None)


def _urgency(week: Week, pending: _Pending) -> tuple[int, int, int, int]:
    begun = pending.task.after is not None
    return (
        _PRIORITY[pending.task.priority] if not begun else 0,
        0 if begun else 1,
        pending.play,
        pending.task.index,
    )


def _preferred(week: Week, pending: _Pending) -> int:
    """The card's day, squeezed into shorter plans; a play of a later week may begin at once."""
    if week.days >= WEEK:
        return pending.task.day
    return 1 + (pending.task.day - 1) * week.days // WEEK


def _ready(week: Week, pending: _Pending, day: int) -> bool:
    if any(p.play == pending.play and p.day == day for p in week.placed[day]) and not _may_share(
        week
    ):
        return False
    if pending.task.after is not None:
        earlier = _placed_on(week, pending.play, pending.task.after)
        if earlier is None or (earlier >= day and not _may_share(week)):
            return False
    return day + _follow_ups(week, pending) <= week.days or _may_share(week)


def _may_share(week: Week) -> bool:
    return week.days <= SHORT


def _placed_on(week: Week, play: int, index: int) -> int | None:
    for day, placed in week.placed.items():
        if any(p.play == play and p.task.index == index for p in placed):
            return day
    return None


def _follow_ups(week: Week, pending: _Pending) -> int:
    """Days still needed after this task for all that depends on it."""
    depth = 0
    followers = [
        p for p in week.waiting if p.play == pending.play and p.task.after == pending.task.index
    ]
    for follower in followers:
        depth = max(depth, 1 + _follow_ups(week, follower))
    return depth


def _place(week: Week, day: int, pending: _Pending) -> None:
    pending.day = day
    week.waiting.remove(pending)
    week.placed[day].append(pending)


def _from_reserve(week: Week, day: int, reserve: Iterator[list[Task]]) -> _Pending | None:
    """A task of a further play that has room today; plays that have none are kept for other days."""
    for tasks in itertools.chain(list(week.spare), itertools.islice(reserve, MOST_TRIED)):
        if not tasks:
            continue
        play = week.plays
        week.add(tasks)
        found = _next(week, day, strict=False)
        week.spare = [kept for kept in week.spare if kept is not tasks]
        if found:
            return found
        week.waiting = [p for p in week.waiting if p.play != play]
        week.spare.append(tasks)
    return None


def _too_long(week: Week, day: int) -> _Pending | None:
    """A task of a play set aside, though the day has no room for it: better than one task alone."""
    for tasks in list(week.spare):
        play = week.plays
        week.add(tasks)
        found = _next(week, day, strict=False, room=_ANY)
        if found:
            week.spare = [kept for kept in week.spare if kept is not tasks]
            return found
        week.waiting = [p for p in week.waiting if p.play != play]
    return None


def _ordered(placed: list[_Pending]) -> list[Task]:
    """Must-dos first, what depends on another after it, the closing tasks last."""
    indexed = list(enumerate(placed))
    indexed.sort(key=lambda item: (item[1].play < 0, _PRIORITY[item[1].task.priority], item[0]))
    ordered = [p for _, p in indexed]
    return [p.task for p in _after_dependencies(ordered)]


def _after_dependencies(placed: list[_Pending]) -> list[_Pending]:
    done: list[_Pending] = []
    rest = list(placed)
    while rest:
        free = next(
            p
            for p in rest
            if not any(
                q.play == p.play and q.task.index == p.task.after for q in rest if q is not p
            )
        )
        rest.remove(free)
        done.append(free)
    return done
