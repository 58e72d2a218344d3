"""Moves over HTTP: a class an endpoint; each begins with anonymous, another workspace, valid."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from backend.domain.moves import MovePage
from tests.people import Person
from tests.problems import problem

PLAN = [
    {
        "day": 1,
        "theme": "Ask",
        "tasks": [
            {
                "title": "Call ten shops",
                "type": "outreach",
                "estimated_minutes": 60,
                "priority": "must-do",
            },
            {"title": "Write the list", "type": "admin"},
        ],
    },
    {"day": 2, "theme": "Show", "tasks": [{"title": "Post the price", "platform": "site"}]},
]


async def make(person: Person, **fields: Any) -> dict[str, Any]:
    body = {"category": "capture", "goal": "Ten new shops", **fields}
    answer = await person.post("/moves", json=body)
    assert answer.status_code == 200, answer.text
    move: dict[str, Any] = answer.json()["move"]
    return move


async def make_started(person: Person) -> dict[str, Any]:
    move = await make(person)
    await person.put(f"/moves/{move['id']}", json={"execution": PLAN})
    answer = await person.post(f"/moves/{move['id']}/start")
    assert answer.status_code == 200, answer.text
    started: dict[str, Any] = answer.json()["move"]
    return started


class TestList:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/moves"), 401, "token_missing")

    async def test_other_workspace_sees_nothing(self, owner: Person, stranger: Person) -> None:
        await make(owner)
        assert (await stranger.get("/moves")).json()["moves"] == []

    async def test_newest_first_with_the_true_total(self, paying_owner: Person) -> None:
        made = [(await make(paying_owner, goal=f"goal {n}"))["id"] for n in range(5)]
        page = (await paying_owner.get("/moves", params={"limit": 2, "offset": 1})).json()
        assert [move["id"] for move in page["moves"]] == [made[3], made[2]]
        assert (page["total"], page["limit"], page["offset"]) == (5, 2, 1)

    async def test_a_cursor_walks_every_move_once(self, paying_owner: Person) -> None:
        made = {(await make(paying_owner))["id"] for _ in range(5)}
        seen: list[str] = []
        cursor: str | None = None
        while True:
            params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = (await paying_owner.get("/moves", params=params)).json()
            seen += [move["id"] for move in page["moves"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == 5
        assert set(seen) == made

    async def test_status_filter(self, owner: Person) -> None:
        draft = await make(owner)
        await make_started(owner)
        page = (await owner.get("/moves", params={"status": "draft"})).json()
        assert [move["id"] for move in page["moves"]] == [draft["id"]]
        assert page["total"] == 1

    async def test_the_bytes_from_postgres_are_the_model(self, owner: Person) -> None:
        icp = (await owner.post("/icps", json={"name": "Shops"})).json()["icp"]
        await make(owner, target_icp_id=icp["id"])
        raw = (await owner.get("/moves")).json()
        assert MovePage.model_validate(raw).model_dump(mode="json") == raw
        assert raw["moves"][0]["target_icp"] == {"id": icp["id"], "name": "Shops"}

    async def test_a_trailing_slash_is_the_same_address(self, owner: Person) -> None:
        assert (await owner.get("/moves/")).json() == (await owner.get("/moves")).json()

    @pytest.mark.parametrize(
        "params",
        [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"status": "sleeping"}, {"limit": "many"}],
    )
    async def test_bad_parameters(self, owner: Person, params: dict[str, Any]) -> None:
        body = problem(await owner.get("/moves", params=params), 422, "validation_failed")
        assert body["errors"][0]["pointer"].startswith("query/")

    @pytest.mark.parametrize("cursor", ["x", "eA==", "MjAyNnxub3QtYW4taWQ=", "%00"])
    async def test_bad_cursor(self, owner: Person, cursor: str) -> None:
        problem(await owner.get("/moves", params={"cursor": cursor}), 422, "cursor_invalid")


class TestCreate:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.post("/api/v1/moves", json={}), 401, "token_missing")

    async def test_target_of_another_workspace(self, owner: Person, stranger: Person) -> None:
        icp = (await stranger.post("/icps", json={"name": "Theirs"})).json()["icp"]
        body = {"category": "capture", "goal": "x", "target_icp_id": icp["id"]}
        problem(await owner.post("/moves", json=body), 404, "reference_not_found")
        assert (await owner.get("/moves")).json()["total"] == 0

    async def test_a_draft_named_after_its_category(self, owner: Person) -> None:
        move = await make(owner)
        assert move["name"] == "New Capture Move"
        assert (move["status"], move["duration_days"], move["progress"]) == ("draft", 7, 0)

    @pytest.mark.parametrize(
        "change",
        [
            {"category": "invade"},
            {"goal": "   "},
            {"goal": "x" * 5001},
            {"goal": "a\x00b"},
            {"duration_days": 0},
            {"duration_days": 91},
            {"target_icp_id": "7"},
            {"status": "active"},
            {"workspace_id": str(uuid4())},
            {"surprise": 1},
        ],
    )
    async def test_bad_input(self, owner: Person, change: dict[str, Any]) -> None:
        body = {"category": "capture", "goal": "x", **change}
        problem(await owner.post("/moves", json=body), 422, "validation_failed")

    async def test_malformed_json(self, owner: Person) -> None:
        answer = await owner.post(
            "/moves", content=b'{"category": ', headers={"content-type": "application/json"}
        )
        problem(answer, 422, "json_invalid")

    async def test_the_free_plan_has_ten_moves_a_month(self, owner: Person) -> None:
        for _ in range(10):
            await make(owner)
        answer = await owner.post("/moves", json={"category": "rally", "goal": "one more"})
        body = problem(answer, 403, "plan_limit_reached")
        assert body["limit"] == 10
        assert body["plan"] == "free"


class TestGet:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get(f"/api/v1/moves/{uuid4()}"), 401, "token_missing")

    async def test_other_workspace(self, owner: Person, stranger: Person) -> None:
        move = await make(owner)
        body = problem(await stranger.get(f"/moves/{move['id']}"), 404, "move_not_found")
        assert body["detail"] == "Move not found"

    async def test_with_icp_and_tasks(self, owner: Person) -> None:
        icp = (await owner.post("/icps", json={"name": "Shops"})).json()["icp"]
        move = await make(owner, target_icp_id=icp["id"])
        found = (await owner.get(f"/moves/{move['id']}")).json()["move"]
        assert found["target_icp"] == icp
        assert found["tasks"] == []

    async def test_malformed_id(self, owner: Person) -> None:
        problem(await owner.get("/moves/not-an-id"), 422, "validation_failed")


class TestUpdate:
    async def test_other_workspace(self, owner: Person, stranger: Person) -> None:
        move = await make(owner)
        problem(
            await stranger.put(f"/moves/{move['id']}", json={"name": "x"}), 404, "move_not_found"
        )
        assert (await owner.get(f"/moves/{move['id']}")).json()["move"]["name"] == move["name"]

    async def test_only_what_is_sent_changes(self, owner: Person) -> None:
        move = await make(owner, context="keep me")
        changed = (await owner.put(f"/moves/{move['id']}", json={"name": "Better"})).json()["move"]
        assert changed == {**move, "name": "Better", "updated_at": changed["updated_at"]}

    async def test_protected_fields_are_ignored(self, owner: Person, stranger: Person) -> None:
        move = await make(owner)
        sent = {
            "id": str(uuid4()),
            "workspace_id": str(stranger.workspace_id),
            "created_at": "2001-01-01",
        }
        changed = (await owner.put(f"/moves/{move['id']}", json=sent)).json()["move"]
        assert {k: changed[k] for k in sent} == {k: move[k] for k in sent}

    @pytest.mark.parametrize(
        "change",
        [{"status": "active"}, {"progress": 50}, {"source": "blackbox"}, {"name": None}, {"x": 1}],
    )
    async def test_fields_that_are_not_a_users_to_set(
        self, owner: Person, change: dict[str, Any]
    ) -> None:
        move = await make(owner)
        problem(await owner.put(f"/moves/{move['id']}", json=change), 422, "validation_failed")

    async def test_the_plan_is_fixed_once_started(self, owner: Person) -> None:
        move = await make_started(owner)
        answer = await owner.put(f"/moves/{move['id']}", json={"duration_days": 9})
        problem(answer, 409, "move_already_started")


class TestDelete:
    async def test_other_workspace(self, owner: Person, stranger: Person) -> None:
        move = await make(owner)
        problem(await stranger.delete(f"/moves/{move['id']}"), 404, "move_not_found")
        assert (await owner.get(f"/moves/{move['id']}")).status_code == 200

    async def test_deleted_once(self, owner: Person) -> None:
        move = await make(owner)
        assert (await owner.delete(f"/moves/{move['id']}")).json() == {"deleted": True}
        problem(await owner.delete(f"/moves/{move['id']}"), 404, "move_not_found")


class TestStates:
    async def test_start_sets_dates_and_makes_tasks(self, owner: Person) -> None:
        move = await make_started(owner)
        start = date.fromisoformat(move["start_date"])
        assert (move["status"], move["current_day"]) == ("active", 1)
        assert date.fromisoformat(move["end_date"]) == start + timedelta(days=6)
        tasks = (await owner.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
        assert [(t["title"], t["day_number"]) for t in tasks] == [
            ("Call ten shops", 1),
            ("Write the list", 1),
            ("Post the price", 2),
        ]
        assert date.fromisoformat(tasks[2]["scheduled_date"]) == start + timedelta(days=1)

    async def test_pausing_and_starting_again_makes_no_second_set_of_tasks(
        self, owner: Person
    ) -> None:
        move = await make_started(owner)
        assert (await owner.post(f"/moves/{move['id']}/pause")).json()["move"]["status"] == "paused"
        assert (await owner.post(f"/moves/{move['id']}/start")).json()["move"]["status"] == "active"
        assert (await owner.get(f"/moves/{move['id']}/tasks")).json()["total"] == 3

    async def test_a_paused_move_shifts_by_the_days_it_lay_still(self, owner: Person) -> None:
        move = await make_started(owner)
        await owner.post(f"/moves/{move['id']}/pause")
        with owner.sql() as sql:  # it was started four days ago and paused on its second day
            sql.execute(
                "update moves set start_date = start_date - 4, current_day = 2 where id = %s",
                (move["id"],),
            )
            sql.execute(
                "update move_tasks set scheduled_date = scheduled_date - 4 where move_id = %s",
                (move["id"],),
            )
        again = (await owner.post(f"/moves/{move['id']}/start")).json()["move"]
        today = date.fromisoformat(move["start_date"])
        assert date.fromisoformat(again["start_date"]) == today - timedelta(days=1)
        tasks = (await owner.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
        assert date.fromisoformat(tasks[2]["scheduled_date"]) == today

    async def test_complete(self, owner: Person) -> None:
        move = await make_started(owner)
        done = (await owner.post(f"/moves/{move['id']}/complete")).json()["move"]
        assert (done["status"], done["progress"]) == ("completed", 100)

    @pytest.mark.parametrize(
        ("before", "action", "code"),
        [
            ("active", "start", "move_not_startable"),
            ("completed", "start", "move_not_startable"),
            ("cancelled", "start", "move_not_startable"),
            ("draft", "pause", "move_not_active"),
            ("paused", "pause", "move_not_active"),
            ("draft", "complete", "move_not_completable"),
            ("completed", "complete", "move_not_completable"),
        ],
    )
    async def test_illegal_transitions(
        self, owner: Person, before: str, action: str, code: str
    ) -> None:
        move = await make(owner)
        with owner.sql() as sql:
            sql.execute("update moves set status = %s where id = %s", (before, move["id"]))
        body = problem(await owner.post(f"/moves/{move['id']}/{action}"), 409, code)
        assert body["status_is"] == before

    @pytest.mark.parametrize("action", ["start", "pause", "complete"])
    async def test_other_workspace(self, owner: Person, stranger: Person, action: str) -> None:
        move = await make_started(owner)
        problem(await stranger.post(f"/moves/{move['id']}/{action}"), 404, "move_not_found")


class TestTasks:
    async def test_other_workspace(self, owner: Person, stranger: Person) -> None:
        move = await make_started(owner)
        problem(await stranger.get(f"/moves/{move['id']}/tasks"), 404, "move_not_found")
        task = (await owner.get(f"/moves/{move['id']}/tasks")).json()["tasks"][0]
        answer = await stranger.put(
            f"/moves/{move['id']}/tasks/{task['id']}", json={"status": "skipped"}
        )
        problem(answer, 404, "task_not_found")

    async def test_progress_follows(self, owner: Person) -> None:
        move = await make_started(owner)
        tasks = (await owner.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
        path = f"/moves/{move['id']}/tasks"
        done = (await owner.put(f"{path}/{tasks[0]['id']}", json={"status": "completed"})).json()[
            "task"
        ]
        assert done["completed_at"] is not None
        await owner.put(f"{path}/{tasks[1]['id']}", json={"status": "skipped"})
        assert (await owner.get(f"/moves/{move['id']}")).json()["move"]["progress"] == 50
        undone = (await owner.put(f"{path}/{tasks[0]['id']}", json={"status": "pending"})).json()[
            "task"
        ]
        assert undone["completed_at"] is None
        assert (await owner.get(f"/moves/{move['id']}")).json()["move"]["progress"] == 0

    async def test_filters(self, owner: Person) -> None:
        move = await make_started(owner)
        page = (await owner.get(f"/moves/{move['id']}/tasks", params={"day": 2})).json()
        assert [task["title"] for task in page["tasks"]] == ["Post the price"]
        assert page["total"] == 1

    async def test_a_task_of_a_finished_move_is_fixed(self, owner: Person) -> None:
        move = await make_started(owner)
        task = (await owner.get(f"/moves/{move['id']}/tasks")).json()["tasks"][0]
        await owner.post(f"/moves/{move['id']}/complete")
        answer = await owner.put(
            f"/moves/{move['id']}/tasks/{task['id']}", json={"status": "completed"}
        )
        problem(answer, 409, "move_not_running")

    @pytest.mark.parametrize(
        "change",
        [
            {"status": "done"},
            {"actual_minutes": -1},
            {"deliverable_url": "javascript:alert(1)"},
            {"x": 1},
        ],
    )
    async def test_bad_input(self, owner: Person, change: dict[str, Any]) -> None:
        move = await make_started(owner)
        task = (await owner.get(f"/moves/{move['id']}/tasks")).json()["tasks"][0]
        answer = await owner.put(f"/moves/{move['id']}/tasks/{task['id']}", json=change)
        problem(answer, 422, "validation_failed")
