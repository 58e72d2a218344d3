"""A plan that fell behind, laid out anew: a missed day is acknowledged, not doubled (ADR 0085).

What was missed and is only nice to have is dropped. The rest goes onto the next days that have room within
the founder's minutes, in the plan's own order; tasks of one play stay on days of their own, in turn. What
finds no room before the end is dropped, but for a must-do the move grows. With `extend` nothing but the
nice-to-have is dropped.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from backend.core.database import Tx
from backend.core.errors import Conflict
from backend.domain import moves, tasks
from backend.domain.calendar import today

Mode = Literal["keep_end", "extend"]
MOST_TASKS_A_DAY = 8
SHORTEST_DAY = 15
"""Minutes below which a day is not taken to be full: one task always fits."""

LOCK = """
select * from public.moves where workspace_id = %(workspace_id)s and id = %(id)s for update
"""
TASKS = """
select id, title, day_number, position, scheduled_date, estimated_minutes, priority, status, card
from public.move_tasks where workspace_id = %(workspace_id)s and move_id = %(id)s
order by day_number, position, id
"""
PLACE = """
update public.move_tasks set scheduled_date = %(day)s, day_number = %(number)s, position = %(position)s,
  moved_from = coalesce(moved_from, scheduled_date)
where workspace_id = %(workspace_id)s and id = %(id)s
"""
DROP = """
update public.move_tasks set status = 'skipped'
where workspace_id = %(workspace_id)s and id = any (%(ids)s)
"""
STAND = """
update public.moves set current_day = least(duration_days, greatest(1, %(today)s::date - start_date + 1))
where workspace_id = %(workspace_id)s and id = %(id)s
"""


class Moved(BaseModel):
    id: UUID
    title: str
    from_date: date
    to_date: date


class Dropped(BaseModel):
    id: UUID
    title: str
    why: str


class Adapted(BaseModel):
    """What was missed and what became of it. `message` says so in a sentence or two."""

    missed_days: list[int]
    missed_tasks: int
    moved: list[Moved]
    dropped: list[Dropped]
    end_date_before: date
    end_date: date
    message: str


@dataclass(slots=True)
class _Layout:
    """Days being filled: minutes and tasks of each, and where each play stands."""

    minutes: int
    load: Counter[date]
    count: Counter[date]
    last_of_card: dict[str, date]

    def room(self, day: date, task: dict[str, Any]) -> bool:
        fits = self.load[day] + task["estimated_minutes"] <= self.minutes or not self.count[day]
        return fits and self.count[day] < MOST_TASKS_A_DAY

    def put(self, day: date, task: dict[str, Any]) -> None:
        self.load[day] += task["estimated_minutes"]
        self.count[day] += 1
        if task["card"]:
            self.last_of_card[task["card"]] = day


def lay_out(
    listed: Sequence[dict[str, Any]], now: date, end: date, last: date, minutes: int, mode: Mode
) -> tuple[list[tuple[dict[str, Any], date]], list[tuple[dict[str, Any], str]]]:
    """(task, new day) of what moves, (task, why) of what is dropped. `last` is the last day there can be."""
    layout = _Layout(max(minutes, SHORTEST_DAY), Counter(), Counter(), {})
    open_ = []
    for task in listed:
        if task["status"] in ("pending", "in_progress"):
            open_.append(task)
        elif task["status"] == "completed" and task["scheduled_date"] >= now:
            layout.put(task["scheduled_date"], task)
    moved, dropped = [], []
    for task in open_:
        late = task["scheduled_date"] < now
        if late and task["priority"] == "nice-to-have":
            dropped.append((task, "It was nice to have, and its day is over."))
            continue
        day = max(now, task["scheduled_date"])
        if task["card"] in layout.last_of_card:
            day = max(day, layout.last_of_card[task["card"]] + timedelta(1))
        while day < last and not layout.room(day, task):
            day += timedelta(1)
        if day > last or (day > end and mode == "keep_end" and task["priority"] != "must-do"):
            dropped.append((task, "The days that are left have no room for it."))
            continue
        layout.put(day, task)
        if day != task["scheduled_date"]:
            moved.append((task, day))
    return moved, dropped


async def adapt(tx: Tx, id: UUID, mode: Mode) -> Adapted:
    """Lay an active move's open tasks out anew from today.

    Raises NotFound, and Conflict `move_not_active`.
    """
    move = await tx.one(LOCK, {"id": id})
    if move is None:
        raise moves.table.missing()
    if move["status"] != "active":
        raise Conflict(
            f"Only an active move can be adapted. This one is {move['status']}.",
            code="move_not_active",
            status_is=move["status"],
        )
    now = await today(tx)
    listed = await tx.all(TASKS, {"id": id})
    missed = [
        t for t in listed if t["status"] in ("pending", "in_progress") and t["scheduled_date"] < now
    ]
    start, end = move["start_date"], move["end_date"]
    if not missed:
        return _told(move, [], [], [], end)
    last = start + timedelta(tasks.MOST_DAYS - 1)
    moved, dropped = lay_out(listed, now, max(end, now), last, _minutes(move), mode)
    for place, (task, day) in enumerate(moved):
        number = (day - start).days + 1
        values = {"id": task["id"], "day": day, "number": number, "position": 100 + place}
        await tx.run(PLACE, values)
    await tx.run(DROP, {"ids": [task["id"] for task, _ in dropped]})
    await tx.run(tasks.STRETCH, {"move_id": id})
    await tx.run(tasks.PROGRESS, {"move_id": id})
    await tx.run(STAND, {"id": id, "today": now})
    after = await moves.table.get(tx, id)
    return _told(move, missed, moved, dropped, after["end_date"])


def _minutes(move: dict[str, Any]) -> int:
    """What the founder has a day; where nobody said, the fullest day of the plan."""
    sums = [
        sum(task.get("estimated_minutes") or 30 for task in day.get("tasks") or [])
        for day in move["execution"]
    ]
    return int(move["minutes_per_day"] or max(sums, default=90))


def _told(
    move: dict[str, Any],
    missed: Sequence[dict[str, Any]],
    moved: Sequence[tuple[dict[str, Any], date]],
    dropped: Sequence[tuple[dict[str, Any], str]],
    end: date,
) -> Adapted:
    days = sorted({task["day_number"] for task in missed})
    return Adapted(
        missed_days=days,
        missed_tasks=len(missed),
        moved=[
            Moved(id=task["id"], title=task["title"], from_date=task["scheduled_date"], to_date=day)
            for task, day in moved
        ],
        dropped=[Dropped(id=task["id"], title=task["title"], why=why) for task, why in dropped],
        end_date_before=move["end_date"],
        end_date=end,
        message=_message(days, len(missed), len(moved), len(dropped), move["end_date"], end),
    )


def _message(
    days: Sequence[int], missed: int, moved: int, dropped: int, before: date, end: date
) -> str:
    if not days:
        return "No day was missed. The plan stays as it is."
    which = (
        f"Day {days[0]}"
        if len(days) == 1
        else f"Days {', '.join(map(str, days[:-1]))} and {days[-1]}"
    )
    what = f"{which} passed with {missed} open {'task' if missed == 1 else 'tasks'}. That happens."
    did = f"{moved} moved to days with room, {dropped} dropped."
    later = f" The last day is now {end.day} {end:%B}." if end != before else " The last day stays."
    return f"{what} {did}{later}"
