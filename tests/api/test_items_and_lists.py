"""What every noun's items and lists can do: versions, order, members, deleting many at once."""

import asyncio
import base64
import json
from datetime import date, timedelta
from typing import Any, get_args
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from backend.api import versions
from backend.api.deps import transaction
from backend.api.paging import PART, SortedPageRoute
from backend.domain.moves import ListedMove
from tests.api.test_http import depends_on
from tests.api.test_moves import make, make_started
from tests.api.test_tenancy import furnish
from tests.people import Person
from tests.problems import problem

NO_VERSIONS = {
    "edit_step": "a step is an answer in its session, not a row",
    "set_morning": "a switch; the last word counts",
    "update_workspace": "one person's settings; the last word counts",
}
"""Writes with PUT or PATCH that take no `If-Match`, and why."""


class TestVersions:
    def test_every_put_is_versioned_or_on_the_list(self, app: FastAPI) -> None:
        routes = [
            route.original_route
            for route in iter_route_contexts(app.routes)
            if isinstance(route.original_route, APIRoute)
        ]
        changing = [route for route in routes if route.methods & {"PUT", "PATCH"}]
        assert len(changing) >= 4
        without = {
            route.name
            for route in changing
            if not (depends_on(route.dependant, transaction) and versions.subject(route))
        }
        assert without == set(NO_VERSIONS)

    @pytest.mark.parametrize(
        ("path", "body", "changes"),
        [
            ("/moves", {"category": "capture", "goal": "Ten shops"}, {"goal": "Twelve shops"}),
            ("/icps", {"name": "Bakeries"}, {"name": "Clinics"}),
            ("/foundation", None, {"company_name": "Lantern"}),
        ],
    )
    async def test_a_write_holds_only_for_the_version_it_was_made_on(
        self, owner: Person, path: str, body: Any, changes: Any
    ) -> None:
        if body:
            made = await owner.post(path, json=body)
            (row,) = made.json().values()
            path, read = f"{path}/{row['id']}", await owner.get(f"{path}/{row['id']}")
            assert made.headers["etag"] == read.headers["etag"]
        first = (await owner.get(path)).headers["etag"]
        changed = await owner.put(path, json=changes, headers={"if-match": first})
        assert changed.status_code == 200, changed.text
        assert changed.headers["etag"] == (await owner.get(path)).headers["etag"] != first
        late = await owner.put(path, json=changes, headers={"if-match": first})
        problem(late, 412, "precondition_failed")
        assert late.headers["etag"] == changed.headers["etag"]
        either = f'"abc", {changed.headers["etag"]}'
        again = await owner.put(path, json=changes, headers={"if-match": either})
        assert again.status_code == 200
        anyway = await owner.put(path, json=changes, headers={"if-match": "*"})
        assert anyway.status_code == 200

    async def test_one_of_many_writers_on_the_same_version_wins(self, owner: Person) -> None:
        move = await make(owner)
        tag = (await owner.get(f"/moves/{move['id']}")).headers["etag"]
        answers = await asyncio.gather(
            *(
                owner.put(
                    f"/moves/{move['id']}", json={"goal": f"Goal {n}"}, headers={"if-match": tag}
                )
                for n in range(12)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 11

    async def test_of_two_who_move_the_same_task_one_is_told(self, owner: Person) -> None:
        move = await make_started(owner)
        (task, *_) = (await owner.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
        path = f"/moves/{move['id']}/tasks/{task['id']}"
        tag = (await owner.put(path, json={"status": "in_progress"})).headers["etag"]
        today = date.fromisoformat(task["scheduled_date"])
        days = [(today + timedelta(n)).isoformat() for n in (1, 2)]
        answers = await asyncio.gather(
            *(
                owner.put(path, json={"scheduled_date": day}, headers={"if-match": tag})
                for day in days
            )
        )
        (won, told) = sorted(answers, key=lambda answer: answer.status_code)
        problem(told, 412, "precondition_failed")
        assert won.json()["task"]["scheduled_date"] in days
        (now, *_) = (
            task
            for task in (await owner.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
            if path.endswith(task["id"])
        )
        assert now == won.json()["task"]

    async def test_deleting_and_acting_are_writes_too(self, owner: Person) -> None:
        started = await make_started(owner)
        path = f"/moves/{started['id']}"
        stale = {"if-match": '"1"'}
        problem(await owner.post(f"{path}/pause", headers=stale), 412, "precondition_failed")
        problem(await owner.delete(path, headers=stale), 412, "precondition_failed")
        task = (await owner.get(f"{path}/tasks")).json()["tasks"][0]
        answer = await owner.put(
            f"{path}/tasks/{task['id']}", json={"status": "completed"}, headers=stale
        )
        problem(answer, 412, "precondition_failed")
        assert (await owner.get(path)).json()["move"]["progress"] == 0

    @pytest.mark.parametrize("header", ["", "abc", '"a" "b"', "W/", '"a', "ä"])
    async def test_what_is_no_tag_is_refused(self, owner: Person, header: str) -> None:
        move = await make(owner)
        answer = await owner.put(
            f"/moves/{move['id']}", json={"goal": "Other"}, headers={"if-match": header.encode()}
        )
        problem(answer, 422, "if_match_invalid")

    async def test_what_is_no_id_is_said_as_without_a_tag(self, owner: Person) -> None:
        for header in ("*", '"1"'):
            answer = await owner.delete("/moves/no-id", headers={"if-match": header})
            problem(answer, 422, "validation_failed")

    async def test_a_weak_tag_matches_nothing(self, owner: Person) -> None:
        move = await make(owner)
        tag = (await owner.get(f"/moves/{move['id']}")).headers["etag"]
        answer = await owner.put(
            f"/moves/{move['id']}", json={"goal": "Other"}, headers={"if-match": f"W/{tag}"}
        )
        problem(answer, 412, "precondition_failed")

    async def test_another_workspaces_item_stays_absent(
        self, owner: Person, stranger: Person
    ) -> None:
        move = await make(owner)
        answer = await stranger.put(
            f"/moves/{move['id']}", json={"goal": "Mine"}, headers={"if-match": '"1"'}
        )
        problem(answer, 404, "move_not_found")


def orders(route: SortedPageRoute) -> list[str]:
    """What the list can be sorted by, as its model says it."""
    (listed, _) = get_args(route.query.model_fields["sort"].annotation)
    return list(get_args(listed))


async def test_what_is_deleted_is_gone(app: FastAPI, paying_owner: Person) -> None:
    ids = (await furnish(paying_owner, app.state.database)).ids
    win = await paying_owner.get(f"/daily-wins/{ids['win_id']}")
    assert win.json()["win"]["id"] == ids["win_id"]
    key = f"/api-keys/{ids['api_key_id']}"
    renamed = await paying_owner.put(key, json={"name": "Accounts"})
    assert renamed.json()["api_key"]["name"] == "Accounts"
    endpoint = f"/webhook-endpoints/{ids['endpoint_id']}"
    assert (await paying_owner.delete(endpoint)).json() == {"deleted": True}
    problem(await paying_owner.get(endpoint), 404, "endpoint_not_found")
    problem(await paying_owner.get(f"{endpoint}/deliveries"), 404, "endpoint_not_found")


class TestSort:
    async def make_some(self, owner: Person) -> None:
        for name, days in (("beta", 9), ("Alpha", 10), ("गति", 3), ("alpha", 7), ("Ceta", 7)):
            await make(owner, name=name, duration_days=days)

    @pytest.mark.parametrize("sort", ["name", "-name", "duration_days", "-start_date", "status"])
    async def test_pages_by_cursor_and_by_offset_are_the_whole_list(
        self, owner: Person, sort: str
    ) -> None:
        await self.make_some(owner)
        await owner.post(f"/moves/{(await make_started(owner))['id']}/pause")
        whole = (await owner.get("/moves", params={"sort": sort, "limit": 50})).json()
        assert whole["total"] == len(whole["moves"]) == 6
        assert whole["next_cursor"] is None
        column = sort.removeprefix("-")
        values = [move[column] for move in whole["moves"]]
        there = [v.lower() if isinstance(v, str) else v for v in values if v is not None]
        if all(str(value).isascii() for value in there):
            assert there == sorted(there, reverse=sort.startswith("-"))
        assert values == [v for v in values if v is not None] + [None] * values.count(None)
        seen, params = [], {"sort": sort, "limit": 2}
        while True:
            page = (await owner.get("/moves", params=params)).json()
            seen += page["moves"]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        assert seen == whole["moves"]
        second = await owner.get("/moves", params={"sort": sort, "limit": 2, "offset": 2})
        assert second.json()["moves"] == whole["moves"][2:4]

    async def test_rows_are_the_same_as_without(self, owner: Person) -> None:
        icp = (await owner.post("/icps", json={"name": "Bakeries"})).json()["icp"]
        await make(owner, target_icp_id=icp["id"])
        sorted_page = (await owner.get("/moves", params={"sort": "-created_at"})).json()
        assert sorted_page == (await owner.get("/moves")).json()
        icps = (await owner.get("/icps", params={"sort": "name"})).json()
        assert icps == (await owner.get("/icps")).json()

    async def test_filters_hold(self, owner: Person) -> None:
        await make(owner)
        started = await make_started(owner)
        page = (await owner.get("/moves", params={"sort": "name", "status": "active"})).json()
        assert [move["id"] for move in page["moves"]] == [started["id"]]
        assert page["total"] == 1

    async def test_a_stranger_sees_nothing(self, owner: Person, stranger: Person) -> None:
        await make(owner)
        page = (await stranger.get("/moves", params={"sort": "name"})).json()
        assert page["moves"] == []
        assert page["total"] == 0

    async def test_every_list_in_every_order_it_offers_is_the_same_rows(
        self, app: FastAPI, paying_owner: Person
    ) -> None:
        for _ in range(2):
            await furnish(paying_owner, app.state.database)
        await paying_owner.put("/foundation", json={"company_name": "Lantern"})
        sorted_lists = {
            context.path: context.original_route
            for context in iter_route_contexts(app.routes)
            if isinstance(context.original_route, SortedPageRoute)
        }
        assert len(sorted_lists) >= 9
        for address, route in sorted_lists.items():
            path, key = str(address).removeprefix("/api/v1"), route.shape.key
            opened = (await paying_owner.get(path)).json()
            assert opened[key], path
            newest = "-started_at" if "started_at" in route.shape.members else "-created_at"
            assert (await paying_owner.get(path, params={"sort": newest})).json() == opened, path
            for order in orders(route):
                seen, params = [], {"sort": order, "limit": 1}
                while (page := (await paying_owner.get(path, params=params)).json())["next_cursor"]:
                    seen += page[key]
                    params["cursor"] = page["next_cursor"]
                assert sorted(row["id"] for row in seen) == sorted(row["id"] for row in opened[key])

    @pytest.mark.parametrize("sort", ["", "id", "nome", "name desc", "name;--", "workspace_id"])
    async def test_an_unknown_order_is_refused(self, owner: Person, sort: str) -> None:
        problem(await owner.get("/moves", params={"sort": sort}), 422, "validation_failed")

    async def test_malformed_cursors_are_refused(self, owner: Person) -> None:
        await self.make_some(owner)
        page = await owner.get("/moves", params={"sort": "name", "limit": 1})
        of_name = page.json()["next_cursor"]
        newest = (await owner.get("/moves", params={"limit": 1})).json()["next_cursor"]
        forged = [
            base64.b64encode(json.dumps(value).encode()).decode()
            for value in (
                ["duration_days", "many", str(uuid4())],
                ["duration_days", "99999999999999", str(uuid4())],
                ["duration_days", 7, str(uuid4())],
                ["duration_days", "\0", str(uuid4())],
                ["duration_days", "7", "no id"],
                ["duration_days"],
                {"a": 1},
                7,
            )
        ]
        for cursor in (of_name, newest, "?", "AAAA", "9" * 900, *forged):
            answer = await owner.get("/moves", params={"sort": "duration_days", "cursor": cursor})
            problem(answer, 422, "cursor_invalid")


class TestFields:
    async def test_rows_have_only_what_was_asked_for(self, owner: Person) -> None:
        move = await make(owner, name="पहला कदम")
        for params in ({}, {"sort": "name"}):
            answer = await owner.get("/moves", params={"fields": "name,id", **params})
            assert int(answer.headers["content-length"]) == len(answer.content)
            assert answer.headers["content-type"] == PART  # not the shape of a whole page
            page = answer.json()
            assert page["moves"] == [{"name": "पहला कदम", "id": move["id"]}]
            assert page["total"] == 1

    @pytest.mark.parametrize("fields", ["", ",", "id,", "id,nome", "id name", "*"])
    async def test_unknown_members_are_refused(self, owner: Person, fields: str) -> None:
        problem(await owner.get("/moves", params={"fields": fields}), 422, "validation_failed")

    async def test_every_member_can_be_asked_for(self, owner: Person) -> None:
        await make(owner)
        names = ",".join(ListedMove.model_fields)
        page = (await owner.get("/moves", params={"fields": names})).json()
        assert page == (await owner.get("/moves")).json()

    async def test_huge_pages_are_refused(self, owner: Person) -> None:
        for limit in ("0", "101", "1000000000000000000000"):
            answer = await owner.get("/moves", params={"limit": limit, "sort": "name"})
            problem(answer, 422, "validation_failed")


class TestBulkDelete:
    async def test_what_is_there_goes_and_the_rest_is_named(
        self, owner: Person, stranger: Person
    ) -> None:
        mine = [(await make(owner))["id"] for _ in range(3)]
        theirs = (await make(stranger))["id"]
        absent = str(uuid4())
        answer = await owner.post(
            "/moves/bulk-delete", json={"ids": [mine[0], theirs, mine[1], absent, mine[0]]}
        )
        assert answer.json() == {"deleted": mine[:2], "not_found": [theirs, absent]}
        left = (await owner.get("/moves")).json()["moves"]
        assert [move["id"] for move in left] == [mine[2]]
        assert (await stranger.get(f"/moves/{theirs}")).status_code == 200

    async def test_of_icps(self, owner: Person) -> None:
        icp = (await owner.post("/icps", json={"name": "Bakeries"})).json()["icp"]
        answer = await owner.post("/icps/bulk-delete", json={"ids": [icp["id"]]})
        assert answer.json()["deleted"] == [icp["id"]]

    async def test_of_every_noun(self, app: FastAPI, paying_owner: Person) -> None:
        tenant = await furnish(paying_owner, app.state.database)
        paths = [route.path for route in iter_route_contexts(app.routes) if route.path]
        bulk = [path.removeprefix("/api/v1") for path in paths if path.endswith("/bulk-delete")]
        assert len(bulk) >= 9
        for path in bulk:
            noun = path.removesuffix("/bulk-delete")
            deleting = (
                p for p in paths if p.startswith(f"/api/v1{noun}/{{") and p.endswith("_id}")
            )
            id = tenant.ids[next(deleting).rpartition("{")[2].removesuffix("}")]
            answer = await paying_owner.post(path, json={"ids": [id, str(uuid4())]})
            assert (answer.status_code, answer.json()["deleted"]) == (200, [id]), path

    @pytest.mark.parametrize("ids", [[], ["no"], None, [str(uuid4())] * 101])
    async def test_bad_lists_are_refused(self, owner: Person, ids: Any) -> None:
        problem(await owner.post("/moves/bulk-delete", json={"ids": ids}), 422, "validation_failed")
