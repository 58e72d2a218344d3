"""ICPs over HTTP."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from backend.domain.icps import IcpPage
from tests.founders import COMPANY, at_the_start
from tests.people import Person
from tests.problems import problem


async def make(person: Person, name: str = "Shops", **fields: Any) -> dict[str, Any]:
    answer = await person.post("/icps", json={"name": name, **fields})
    assert answer.status_code == 200, answer.text
    icp: dict[str, Any] = answer.json()["icp"]
    return icp


class TestList:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/icps"), 401, "token_missing")

    async def test_other_workspace_sees_nothing(self, owner: Person, stranger: Person) -> None:
        await make(owner)
        assert (await stranger.get("/icps")).json()["icps"] == []

    async def test_the_bytes_from_postgres_are_the_model(self, paying_owner: Person) -> None:
        first, second = await make(paying_owner, "A"), await make(paying_owner, "B")
        raw = (await paying_owner.get("/icps")).json()
        assert IcpPage.model_validate(raw).model_dump(mode="json") == raw
        assert [icp["id"] for icp in raw["icps"]] == [second["id"], first["id"]]
        assert raw["total"] == 2


class TestCreate:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.post("/api/v1/icps", json={"name": "x"}), 401, "token_missing")

    async def test_the_first_is_primary_and_codes_count_up(self, paying_owner: Person) -> None:
        first, second = await make(paying_owner, "A"), await make(paying_owner, "B")
        assert (first["code"], first["is_primary"]) == ("ICP-001", True)
        assert (second["code"], second["is_primary"]) == ("ICP-002", False)

    async def test_the_free_plan_has_one(self, owner: Person) -> None:
        await make(owner)
        body = problem(await owner.post("/icps", json={"name": "B"}), 403, "plan_limit_reached")
        assert body["limit"] == 1

    async def test_the_limit_holds_against_parallel_creates(self, owner: Person) -> None:
        answers = await asyncio.gather(
            *(owner.post("/icps", json={"name": f"{n}"}) for n in range(8))
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [403] * 7

    @pytest.mark.parametrize(
        "change",
        [
            {"name": " "},
            {"name": None},
            {"is_primary": True},
            {"scores": {"pain_intensity": 101}},
            {"scores": {"luck": 1}},
            {"market_sophistication": {"stage": 6}},
            {"demographics": {"location": "Pune"}},
            {"code": "ICP-9"},
        ],
    )
    async def test_bad_input(self, owner: Person, change: dict[str, Any]) -> None:
        problem(await owner.post("/icps", json={"name": "x", **change}), 422, "validation_failed")


class TestOne:
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    async def test_other_workspace(self, owner: Person, stranger: Person, method: str) -> None:
        icp = await make(owner)
        body = {"json": {"name": "Mine now"}} if method == "PUT" else {}
        problem(await stranger.request(method, f"/icps/{icp['id']}", **body), 404, "icp_not_found")
        assert (await owner.get(f"/icps/{icp['id']}")).json()["icp"] == icp

    async def test_update_changes_only_what_is_sent(self, owner: Person) -> None:
        icp = await make(owner, tagline="keep", scores={"product_fit": 40})
        changed = (await owner.put(f"/icps/{icp['id']}", json={"name": "Cafés"})).json()["icp"]
        assert changed == {**icp, "name": "Cafés", "updated_at": changed["updated_at"]}

    async def test_deleting_a_target_keeps_the_move(self, owner: Person) -> None:
        icp = await make(owner)
        body = {"category": "rally", "goal": "x", "target_icp_id": icp["id"]}
        move = (await owner.post("/moves", json=body)).json()["move"]
        assert (await owner.delete(f"/icps/{icp['id']}")).json() == {"deleted": True}
        kept = (await owner.get(f"/moves/{move['id']}")).json()["move"]
        assert kept["target_icp_id"] is None


class TestSetPrimary:
    async def test_other_workspace(self, owner: Person, stranger: Person) -> None:
        icp = await make(owner)
        problem(await stranger.post(f"/icps/{icp['id']}/set-primary"), 404, "icp_not_found")

    async def test_unknown_id_leaves_the_primary_alone(self, owner: Person) -> None:
        icp = await make(owner)
        problem(await owner.post(f"/icps/{uuid4()}/set-primary"), 404, "icp_not_found")
        assert (await owner.get(f"/icps/{icp['id']}")).json()["icp"]["is_primary"]

    async def test_parallel_swaps_leave_exactly_one(self, paying_owner: Person) -> None:
        made = [await make(paying_owner, str(n)) for n in range(3)]
        answers = await asyncio.gather(
            *(paying_owner.post(f"/icps/{icp['id']}/set-primary") for icp in made * 4)
        )
        assert {answer.status_code for answer in answers} == {200}
        page = (await paying_owner.get("/icps")).json()["icps"]
        assert sum(icp["is_primary"] for icp in page) == 1


class TestGenerate:
    @pytest.fixture
    async def reading(self, paying_owner: Person, engine_worker: None) -> Person:
        founder = await at_the_start(paying_owner)
        await founder.bring("company.md", COMPANY.encode())
        await founder.ran(1, 2)
        return paying_owner

    async def test_profiles_with_scores_reasons_and_sources(self, reading: Person) -> None:
        body = (await reading.post("/icps/generate")).json()
        assert body["icps"], body
        for icp in body["icps"]:
            assert icp["sources"]["name"]
            assert set(icp["score_reasons"]) == set(icp["scores"])
            for reason in icp["score_reasons"].values():
                assert reason["reason"]
        assert [icp["is_primary"] for icp in body["icps"]].count(True) == 1
        listed = (await reading.get("/icps")).json()
        assert {icp["id"] for icp in listed["icps"]} == {icp["id"] for icp in body["icps"]}

    async def test_the_same_again_is_left_out_or_replaced(self, reading: Person) -> None:
        first = (await reading.post("/icps/generate")).json()
        again = (await reading.post("/icps/generate")).json()
        assert again["icps"] == []
        assert len(again["left_out"]) == len(first["icps"])
        replaced = (await reading.post("/icps/generate", json={"replace": True})).json()
        assert len(replaced["icps"]) == len(first["icps"])
        assert (await reading.get("/icps")).json()["total"] == len(first["icps"])

    async def test_no_room_in_the_plan(self, owner: Person) -> None:
        await owner.post("/icps", json={"name": "Clinics"})
        problem(await owner.post("/icps/generate"), 403, "plan_limit_reached")

    async def test_nobody_named(self, owner: Person, engine_worker: None) -> None:
        problem(await owner.post("/icps/generate"), 422, "no_buyers_named")

    async def test_the_stage_names_itself(self, owner: Person) -> None:
        body = {"name": "Clinics", "market_sophistication": {"stage": 5}}
        icp = (await owner.post("/icps", json=body)).json()["icp"]
        assert icp["market_sophistication"]["stage_name"] == "most aware"
