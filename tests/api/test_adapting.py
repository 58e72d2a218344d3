"""Moves planned by the engine, tasks that move, days that are missed, and the turn of the day."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from backend.core.config import Settings
from backend.core.database import Database
from backend.domain import due
from backend.domain.adapting import lay_out
from tests.api.test_moves import make, make_started
from tests.founders import COMPANY, Founder, at_the_start, part
from tests.people import Person
from tests.problems import problem

TODAY = date(2026, 12, 7)


@pytest.fixture
async def founder(paying_owner: Person, engine_worker: None) -> Founder:
    found = await at_the_start(paying_owner)
    await found.bring("company.md", COMPANY.encode())
    await found.ran(1, 2, 3, 4, 5)
    return found


async def planned(founder: Founder, **fields: Any) -> dict[str, Any]:
    wish = {"goal": "ten clinics on the yearly plan", **fields}
    return part(await founder.person.post("/moves/generate", json=wish), "move")


async def tasks_of(person: Person, move: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
    return found


def days_ago(person: Person, move: dict[str, Any], days: int) -> None:
    """As if the move had started so many days earlier."""
    with person.sql() as sql:
        sql.execute(
            "update public.moves set start_date = start_date - %s, end_date = end_date - %s where id = %s",
            (days, days, move["id"]),
        )
        sql.execute(
            "update public.move_tasks set scheduled_date = scheduled_date - %s where move_id = %s",
            (days, move["id"]),
        )


class TestGenerate:
    async def test_every_wish_is_kept(self, founder: Founder) -> None:
        icp = part(await founder.person.post("/icps", json={"name": "Clinics"}), "icp")
        first = date.today() + timedelta(days=40)
        move = await planned(
            founder,
            category="capture",
            duration_days=5,
            minutes_per_day=60,
            context="We have a stall at the dental fair.",
            target_icp_id=icp["id"],
            start_date=str(first),
        )
        assert (move["category"], move["status"], move["minutes_per_day"]) == (
            "capture",
            "scheduled",
            60,
        )
        assert (move["start_date"], move["end_date"]) == (str(first), str(first + timedelta(4)))
        assert move["context"] == "We have a stall at the dental fair."
        assert move["target_icp"]["id"] == icp["id"]
        assert [day["day"] for day in move["execution"]] == [1, 2, 3, 4, 5]
        assert all(day["total_minutes"] <= 60 for day in move["execution"])
        assert move["success_metrics"]
        assert move["contingencies"]

    @pytest.mark.parametrize("days", [0, 91, 400])
    async def test_days_out_of_bounds(self, owner: Person, days: int) -> None:
        wish = {"goal": "sell more", "duration_days": days}
        problem(await owner.post("/moves/generate", json=wish), 422, "validation_failed")

    async def test_a_start_in_the_past(self, owner: Person) -> None:
        wish = {"goal": "sell more", "start_date": "2026-01-31"}
        problem(await owner.post("/moves/generate", json=wish), 422, "date_in_past")

    async def test_the_months_moves_are_used_up(self, owner: Person) -> None:
        for _ in range(10):
            await make(owner)
        answer = await owner.post("/moves/generate", json={"goal": "sell more"})
        assert problem(answer, 403, "plan_limit_reached")["used"] == 10

    async def test_an_icp_that_was_just_deleted(self, founder: Founder) -> None:
        icp = part(await founder.person.post("/icps", json={"name": "Clinics"}), "icp")
        await founder.person.delete(f"/icps/{icp['id']}")
        wish = {"goal": "sell more", "target_icp_id": icp["id"]}
        problem(await founder.person.post("/moves/generate", json=wish), 404, "icp_not_found")


class TestTasks:
    async def test_moved_rated_and_counted(self, paying_owner: Person) -> None:
        move = await make_started(paying_owner)
        task = (await tasks_of(paying_owner, move))[0]
        before = date.fromisoformat(task["scheduled_date"])
        day = str(before + timedelta(days=9))
        change = {
            "scheduled_date": day,
            "rating": 4,
            "results": [{"name": "replies", "value": 3}],
            "spent_inr": 450.5,
        }
        path = f"/moves/{move['id']}/tasks/{task['id']}"
        moved = part(await paying_owner.put(path, json=change), "task")
        assert (moved["scheduled_date"], moved["moved_from"]) == (day, str(before))
        assert (moved["day_number"], moved["rating"], moved["spent_inr"]) == (10, 4, 450.5)
        assert moved["results"] == [{"name": "replies", "value": 3}]
        grown = part(await paying_owner.get(f"/moves/{move['id']}"), "move")
        assert (grown["end_date"], grown["duration_days"]) == (day, 10)

    @pytest.mark.parametrize(("days", "code"), [(-1, "date_in_past"), (90, "date_out_of_range")])
    async def test_a_day_that_cannot_be(self, paying_owner: Person, days: int, code: str) -> None:
        move = await make_started(paying_owner)
        task = (await tasks_of(paying_owner, move))[0]
        day = date.fromisoformat(task["scheduled_date"]) + timedelta(days=days)
        path = f"/moves/{move['id']}/tasks/{task['id']}"
        problem(await paying_owner.put(path, json={"scheduled_date": str(day)}), 422, code)

    async def test_two_people_move_the_same_task(self, paying_owner: Person) -> None:
        """Whoever comes second, with the version they had seen, is told so."""
        move = await make_started(paying_owner)
        task = (await tasks_of(paying_owner, move))[0]
        path = f"/moves/{move['id']}/tasks/{task['id']}"
        seen = (await paying_owner.put(path, json={"priority": "must-do"})).headers["etag"]
        first = date.fromisoformat(task["scheduled_date"])
        answers = [
            await paying_owner.put(
                path,
                json={"scheduled_date": str(first + timedelta(days=days))},
                headers={"if-match": seen},
            )
            for days in (2, 3)
        ]
        assert [answer.status_code for answer in answers] == [200, 412]
        (now,) = [t for t in await tasks_of(paying_owner, move) if t["id"] == task["id"]]
        assert now["scheduled_date"] == str(first + timedelta(days=2))

    async def test_spending_is_rolled_up_into_the_campaign(self, paying_owner: Person) -> None:
        campaign = part(await paying_owner.post("/campaigns", json={"name": "X"}), "campaign")
        move = await make_started(paying_owner)
        await paying_owner.put(f"/moves/{move['id']}", json={"campaign_id": campaign["id"]})
        for task in (await tasks_of(paying_owner, move))[:2]:
            path = f"/moves/{move['id']}/tasks/{task['id']}"
            await paying_owner.put(path, json={"spent_inr": 100, "status": "completed"})
        shown = part(await paying_owner.get(f"/campaigns/{campaign['id']}"), "campaign")
        assert (shown["spent_inr"], shown["progress"]) == (200, 67)


class TestAdapt:
    async def test_nothing_missed(self, paying_owner: Person) -> None:
        move = await make_started(paying_owner)
        answer = await paying_owner.post(f"/moves/{move['id']}/adapt")
        adapted = part(answer, "adapted")
        assert (adapted["missed_days"], adapted["moved"], adapted["dropped"]) == ([], [], [])

    async def test_not_active(self, paying_owner: Person) -> None:
        move = await make(paying_owner)
        answer = await paying_owner.post(f"/moves/{move['id']}/adapt")
        problem(answer, 409, "move_not_active")

    async def test_missed_days_are_laid_out_anew(self, founder: Founder) -> None:
        move = await planned(founder, category="capture")
        await founder.person.post(f"/moves/{move['id']}/start")
        days_ago(founder.person, move, 3)
        answer = await founder.person.post(f"/moves/{move['id']}/adapt")
        adapted = part(answer, "adapted")
        assert adapted["missed_days"] == [1, 2, 3]
        assert adapted["message"].startswith("Days 1, 2 and 3 passed with")
        tasks = await tasks_of(founder.person, move)
        open_ = [task for task in tasks if task["status"] == "pending"]
        today = (await founder.person.get(f"/moves/{move['id']}")).json()["move"]
        first = date.fromisoformat(today["start_date"]) + timedelta(days=3)
        assert all(date.fromisoformat(task["scheduled_date"]) >= first for task in open_)
        minutes: dict[str, int] = {}
        for task in open_:
            day = task["scheduled_date"]
            minutes[day] = minutes.get(day, 0) + task["estimated_minutes"]
        assert max(minutes.values()) <= 90
        must = [task for task in tasks if task["priority"] == "must-do"]
        assert all(task["status"] != "skipped" for task in must)
        again = part(await founder.person.post(f"/moves/{move['id']}/adapt"), "adapted")
        assert (again["missed_days"], again["moved"]) == ([], [])


def task(name: str, day: int, **changes: Any) -> dict[str, Any]:
    fields = {"estimated_minutes": 30, "priority": "should-do", "status": "pending", "card": None}
    return {"id": name, "scheduled_date": TODAY + timedelta(days=day), **fields, **changes}


def laid(listed: list[dict[str, Any]], end: int, mode: Any = "keep_end") -> tuple[Any, list[str]]:
    moved, dropped = lay_out(
        listed, TODAY, TODAY + timedelta(days=end), TODAY + timedelta(days=60), 60, mode
    )
    return {t["id"]: (day - TODAY).days for t, day in moved}, [t["id"] for t, _ in dropped]


class TestLayout:
    def test_nice_to_have_is_dropped_the_rest_finds_room(self) -> None:
        listed = [task("a", -2, priority="nice-to-have"), task("b", -1), task("c", 0), task("d", 0)]
        assert laid(listed, 3) == ({"b": 0, "d": 1}, ["a"])

    def test_tasks_of_one_play_stay_on_days_of_their_own(self) -> None:
        listed = [task("a", -1, card="x"), task("b", 0, card="x"), task("c", 1, card="x")]
        assert laid(listed, 4) == ({"a": 0, "b": 1, "c": 2}, [])

    def test_without_room_only_must_dos_outlast_the_end(self) -> None:
        listed = [task(n, -1, estimated_minutes=60) for n in "ab"]
        listed += [task("c", -1, estimated_minutes=60, priority="must-do")]
        assert laid(listed, 0) == ({"a": 0, "c": 1}, ["b"])
        assert laid(listed, 0, "extend") == ({"a": 0, "b": 1, "c": 2}, [])

    def test_a_task_longer_than_a_day_gets_a_day(self) -> None:
        assert laid([task("a", -1, estimated_minutes=200)], 2) == ({"a": 0}, [])

    def test_what_was_done_today_counts(self) -> None:
        done = task("a", 0, status="completed", estimated_minutes=60)
        assert laid([done, task("b", -1)], 2) == ({"b": 1}, [])


class TestTurnOfTheDay:
    async def test_what_is_due_begins_and_days_are_counted(
        self, paying_owner: Person, app: FastAPI, settings: Settings
    ) -> None:
        database: Database = app.state.database
        move = await make(paying_owner)
        later = await make(paying_owner)
        for one, days in ((move, 0), (later, 30)):
            day = date.today() + timedelta(days=days + 1)
            await paying_owner.put(f"/moves/{one['id']}", json={"start_date": str(day)})
        with paying_owner.sql() as sql:
            sql.execute(
                "update public.moves set start_date = start_date - 3, end_date = end_date - 3"
                " where id = %s",
                (move["id"],),
            )
        async with database.service("turn_of_the_day") as tx:
            assert await due.turn(tx) >= 1
        shown = part(await paying_owner.get(f"/moves/{move['id']}"), "move")
        assert (shown["status"], shown["current_day"]) == ("active", 1)
        waiting = part(await paying_owner.get(f"/moves/{later['id']}"), "move")
        assert waiting["status"] == "scheduled"
        days_ago(paying_owner, move, 2)
        async with database.service("turn_of_the_day") as tx:
            await due.turn(tx)
        counted = part(await paying_owner.get(f"/moves/{move['id']}"), "move")
        assert counted["current_day"] == 3
