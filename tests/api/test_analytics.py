"""Analytics over HTTP: every figure against rows that are counted here by hand."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from tests.api.test_moves import make
from tests.people import Person
from tests.problems import problem

PREFIX = "/api/v1"


def day_plan(day: int, *tasks: dict[str, Any]) -> dict[str, Any]:
    return {
        "day": day,
        "theme": "Work",
        "tasks": [{"title": f"Task {day}", **task} for task in tasks],
    }


async def started(person: Person, days: int = 10, **fields: Any) -> list[dict[str, Any]]:
    """A move begun nine days ago, with one task a day: LinkedIn on even days, WhatsApp on odd ones."""
    move = await make(person, duration_days=days, **fields)
    plan = [
        day_plan(
            day, {"platform": "LinkedIn" if day % 2 == 0 else "WhatsApp", "estimated_minutes": 20}
        )
        for day in range(1, days + 1)
    ]
    assert (await person.put(f"/moves/{move['id']}", json={"execution": plan})).status_code == 200
    assert (await person.post(f"/moves/{move['id']}/start")).status_code == 200
    with person.sql() as sql:
        for table, columns in (
            ("moves", ("start_date", "end_date")),
            ("move_tasks", ("scheduled_date",)),
        ):
            for column in columns:
                key = "id" if table == "moves" else "move_id"
                sql.execute(
                    f"update public.{table} set {column} = {column} - 9 where {key} = %s",
                    (move["id"],),
                )
    listed = await person.get(f"/moves/{move['id']}/tasks")
    tasks: list[dict[str, Any]] = listed.json()["tasks"]
    return tasks


async def note(person: Person, task: dict[str, Any], **said: Any) -> None:
    answer = await person.put(f"/moves/{task['move_id']}/tasks/{task['id']}", json=said)
    assert answer.status_code == 200, answer.text


async def worked(person: Person, **fields: Any) -> list[dict[str, Any]]:
    """Ten tasks: LinkedIn done and praised, WhatsApp half left undone."""
    tasks = await started(person, **fields)
    for task in tasks[1:8:2]:  # days 2, 4, 6, 8: LinkedIn
        replies = [{"name": "Replies", "value": 3}]
        await note(
            person,
            task,
            status="completed",
            rating=5,
            results=replies,
            spent_inr=500,
            actual_minutes=40,
        )
    for task in tasks[0:5:2]:  # days 1, 3, 5: WhatsApp
        replies = [{"name": "replies", "value": 1}]
        await note(person, task, status="completed", rating=2, results=replies, actual_minutes=40)
    await note(person, tasks[6], status="skipped")
    return tasks


async def analytics(person: Person, **asked: Any) -> dict[str, Any]:
    answer = await person.get("/analytics", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["analytics"]
    return found


async def test_anonymous(http: AsyncClient) -> None:
    problem(await http.get("/api/v1/analytics"), 401, "token_missing")


async def test_an_empty_workspace_says_so(owner: Person, stranger: Person) -> None:
    await worked(stranger)
    found = await analytics(owner)
    assert {found["metrics"][name] for name in ("planned", "done", "posted", "runs")} == {0}
    assert found["metrics"]["average_rating"] is None
    assert (found["insights"], found["by_channel"], found["by_icp"]) == ([], [], [])
    assert found["note"].startswith("Nothing was planned")
    assert len(found["by_week"]) in (4, 5)


async def test_the_figures(owner: Person) -> None:
    icp = (await owner.post("/icps", json={"name": "Clinics"})).json()["icp"]
    await worked(owner, target_icp_id=icp["id"])
    found = await analytics(owner)
    whole = found["metrics"]
    assert (whole["planned"], whole["done"], whole["skipped"], whole["missed"], whole["open"]) == (
        (10, 7, 1, 1, 1)
    )
    assert whole["results"] == [{"name": "replies", "total": 15.0, "tasks": 7}]
    assert (whole["spent_inr"], whole["rated"], whole["average_rating"]) == (2000.0, 7, 3.71)
    assert (whole["timed"], whole["minutes_estimated"], whole["minutes_taken"]) == (7, 140, 280)
    linkedin, whatsapp = sorted(found["by_channel"], key=lambda group: group["key"])
    assert (linkedin["name"], linkedin["planned"], linkedin["done"]) == ("LinkedIn", 5, 4)
    assert (whatsapp["done"], whatsapp["skipped"], whatsapp["missed"]) == (3, 1, 1)
    assert [(group["key"], group["name"]) for group in found["by_icp"]] == [(icp["id"], "Clinics")]
    assert [(group["key"], group["name"]) for group in found["by_play"]] == [("-", None)]
    assert sum(week["planned"] for week in found["by_week"]) == 10
    assert found["note"] is None


async def test_every_number_of_an_insight_leads_to_its_rows(owner: Person) -> None:
    await worked(owner)
    found = await analytics(owner)
    kinds = [insight["kind"] for insight in found["insights"]]
    assert kinds[:3] == ["results", "worked", "done"], kinds
    assert {"spend", "time"} <= set(kinds)
    for insight in found["insights"]:
        for cite in insight["cites"]:
            assert cite["tasks"].startswith(f"{PREFIX}/analytics/tasks?")
            listed = await owner.get(cite["tasks"].removeprefix(PREFIX))
            assert listed.json()["total"] == cite["rows"], (insight["text"], cite)
    (results,) = [i for i in found["insights"] if i["kind"] == "results"]
    assert results["text"] == (
        "Your tasks brought 15 replies (7 tasks counted); 12 of them came from LinkedIn."
    )
    (rated,) = [i for i in found["insights"] if i["kind"] == "worked"]
    assert rated["text"] == (
        "You rated the tasks on LinkedIn 5.0 of 5 on average (4 tasks), those on WhatsApp 2.0 (3 tasks)."
    )


async def test_what_was_posted(owner: Person) -> None:
    tasks = await started(owner)
    await note(owner, tasks[1], status="completed", deliverable_url="https://example.com/post")
    with owner.sql() as sql:
        sql.execute(
            "insert into public.daily_wins (workspace_id, topic, hook, platform, status, posted_at, won_on)"
            " values (%s, 't', 'h', 'linkedin', 'posted', now(), current_date), (%s, 't', 'h', 'x',"
            " 'posted', now() - interval '400 days', current_date - 400)",
            (owner.workspace_id, owner.workspace_id),
        )
    found = await analytics(owner)
    assert (found["metrics"]["posted"], found["metrics"]["ideas_found"]) == (2, 1)
    assert {group["key"]: group["posted"] for group in found["by_channel"]} == {
        "linkedin": 2,
        "whatsapp": 0,
    }


async def test_the_tasks_page_by_page(owner: Person) -> None:
    tasks = await worked(owner)
    seen, cursor = [], None
    for _ in range(4):
        asked = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = (await owner.get("/analytics/tasks", params=asked)).json()
        assert page["total"] == 10
        seen += [task["id"] for task in page["tasks"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == ([task["id"] for task in tasks], None)
    bad = await owner.get("/analytics/tasks", params={"cursor": "bm8="})
    assert bad.status_code == 422


@pytest.mark.parametrize(
    ("first", "last", "status", "code"),
    [
        (0, -1, 422, "period_out_of_range"),
        (0, 366, 422, "period_out_of_range"),
        (-27, 0, 200, None),
        (-28, 0, 403, "plan_required"),
    ],
)
async def test_periods(owner: Person, first: int, last: int, status: int, code: str | None) -> None:
    now = date.fromisoformat((await analytics(owner))["today"])
    asked = {"first": str(now + timedelta(first)), "last": str(now + timedelta(last))}
    answer = await owner.get("/analytics", params=asked)
    assert answer.status_code == status, answer.text
    if code:
        problem(answer, status, code)


async def test_a_year_comes_with_growth(owner: Person) -> None:
    with owner.sql() as sql:
        sql.execute(
            "update public.subscriptions set plan = 'growth' where user_id = %s", (owner.id,)
        )
    now = date.fromisoformat((await analytics(owner))["today"])
    assert (await analytics(owner, first=str(now - timedelta(365))))["by_week"]


async def test_the_engine_answers_the_same(owner: Person, engine_worker: None) -> None:
    await worked(owner)
    body = {"request_type": "analytics", "request_data": {"query": "How did the last 2 weeks go?"}}
    answer = (await owner.post("/agents/execute", json=body)).json()
    assert (answer["success"], answer["cost"]) == (True, 0.0), answer
    told = answer["output"]["analytics"]
    days = date.fromisoformat(told["last"]) - date.fromisoformat(told["first"])
    assert days == timedelta(13)
    assert told["metrics"]["done"] == 7
