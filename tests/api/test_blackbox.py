"""The black box over HTTP: strategies by area and risk, gates from risk 7 on, accepted once into a move."""

import asyncio
from typing import Any

import pytest
from httpx import Response

from backend.skills.composers.blackbox import plays
from tests.api.test_muse import writer
from tests.founders import Founder, part
from tests.people import Person
from tests.problems import problem

__all__ = ["writer"]  # a fixture
AREAS = ("acquisition", "retention", "revenue", "brand_equity", "virality")


async def generate(person: Person, **wish: Any) -> Response:
    return await person.post("/blackbox/generate", json={"risk_level": 5, **wish})


async def made(person: Person, **wish: Any) -> dict[str, Any]:
    return part(await generate(person, **wish), "strategy")


def test_plays_cover_every_area_at_every_risk() -> None:
    for area in AREAS:
        here = [play.risk for play in plays() if area in play.areas]
        assert min(low for low, _ in here) <= 3
        assert max(high for _, high in here) == 10


class TestGenerate:
    @pytest.mark.parametrize("area", AREAS)
    async def test_three_phases_a_downside_and_an_end(self, writer: Founder, area: str) -> None:
        strategy = await made(writer.person, focus_area=area, risk_level=5)
        assert [phase["name"] for phase in strategy["phases"]] == ["Hook", "Pivot", "Close"]
        assert all(phase["steps"] for phase in strategy["phases"])
        assert strategy["kill_criteria"]
        assert strategy["potential_downside"].startswith("If it fails")
        assert 1 <= strategy["risk_level"] < 7
        assert (strategy["unsupported"], strategy["status"]) == (0, "generated")
        assert strategy["execution_steps"] == [
            step["title"] for phase in strategy["phases"] for step in phase["steps"]
        ]

    async def test_risk_seven_waits_and_is_kept_as_approved(self, writer: Founder) -> None:
        person = writer.person
        held = (await generate(person, risk_level=8)).json()
        assert held["strategy"] is None
        assert held["requires_approval"] is True
        assert (await person.get("/blackbox/strategies")).json()["total"] == 0
        gate = part(await person.get(f"/approvals/{held['approval_gate_id']}"), "approval")
        assert gate["pending_output"]["risk_level"] >= 7
        await person.post(f"/approvals/{held['approval_gate_id']}/approve", json={})
        page: dict[str, Any] = {"strategies": []}
        for _ in range(100):
            page = (await person.get("/blackbox/strategies")).json()
            if page["strategies"]:
                break
            await asyncio.sleep(0.1)
        assert page["strategies"][0]["phases"] == gate["pending_output"]["phases"]
        assert page["strategies"][0]["claims"]

    async def test_the_same_wish_again_is_another_play(self, writer: Founder) -> None:
        first = await made(writer.person, focus_area="retention", risk_level=3)
        second = await made(writer.person, focus_area="retention", risk_level=3)
        assert first["play"] != second["play"]

    @pytest.mark.parametrize("risk", [0, 11, 5.5, "high", None])
    async def test_a_risk_that_there_is_not(self, writer: Founder, risk: Any) -> None:
        problem(await generate(writer.person, risk_level=risk), 422, "validation_failed")

    async def test_an_icp_that_was_just_deleted(self, writer: Founder) -> None:
        icp = part(await writer.person.post("/icps", json={"name": "Bakers"}), "icp")
        await writer.person.delete(f"/icps/{icp['id']}")
        problem(await generate(writer.person, icp_id=icp["id"]), 404, "icp_not_found")

    async def test_without_documents_it_asks_for_them(
        self, founder: Founder, engine_worker: None
    ) -> None:
        body = problem(await generate(founder.person), 422, "nothing_to_build_on")
        assert body["missing"]


class TestAccept:
    async def test_it_becomes_a_draft_that_can_start(self, writer: Founder) -> None:
        person = writer.person
        strategy = await made(person, focus_area="virality")
        answer = (await person.post(f"/blackbox/strategies/{strategy['id']}/accept")).json()
        move = answer["move"]
        assert answer["strategy"]["status"] == "accepted"
        assert answer["strategy"]["move_id"] == move["id"]
        assert (move["category"], move["source"], move["source_id"]) == (
            "ignite", "blackbox", strategy["id"],
        )  # fmt: skip
        assert set(move["contingencies"]) == set(strategy["kill_criteria"])
        started = part(await person.post(f"/moves/{move['id']}/start"), "move")
        assert started["status"] == "active"
        tasks = (await person.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
        assert [task["title"] for task in tasks] == strategy["execution_steps"]

    async def test_once_however_many_try_at_once(self, writer: Founder) -> None:
        person = writer.person
        strategy = await made(person)
        path = f"/blackbox/strategies/{strategy['id']}/accept"
        answers = await asyncio.gather(*(person.post(path) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
        refused = next(answer for answer in answers if answer.status_code == 409)
        problem(refused, 409, "strategy_not_acceptable")
        assert (await person.get("/moves")).json()["total"] == 1

    async def test_over_the_plans_moves_nothing_happens(self, writer: Founder) -> None:
        person = writer.person
        strategy = await made(person)
        for _ in range(10):
            await person.post("/moves", json={"category": "rally", "goal": "Tea"})
        path = f"/blackbox/strategies/{strategy['id']}"
        problem(await person.post(f"{path}/accept"), 403, "plan_limit_reached")
        assert part(await person.get(path), "strategy")["status"] == "generated"

    async def test_what_was_discarded_stays_so(self, writer: Founder) -> None:
        strategy = await made(writer.person)
        path = f"/blackbox/strategies/{strategy['id']}"
        gone = part(await writer.person.post(f"{path}/discard"), "strategy")
        assert gone["status"] == "discarded"
        problem(await writer.person.post(f"{path}/accept"), 409, "strategy_not_acceptable")

    async def test_of_another_workspace(self, writer: Founder, stranger: Person) -> None:
        strategy = await made(writer.person)
        path = f"/blackbox/strategies/{strategy['id']}"
        for verb, target in (
            ("POST", f"{path}/accept"),
            ("POST", f"{path}/discard"),
            ("GET", path),
            ("DELETE", path),
        ):
            problem(await stranger.request(verb, target), 404, "strategy_not_found")
        assert (await stranger.get("/blackbox/strategies")).json()["total"] == 0


async def test_lists_by_area_and_state_and_deletes(writer: Founder) -> None:
    person = writer.person
    first = await made(person, focus_area="revenue", risk_level=2)
    second = await made(person, focus_area="retention", risk_level=2)
    listed = await person.get("/blackbox/strategies", params={"focus_area": "revenue"})
    assert [row["id"] for row in listed.json()["strategies"]] == [first["id"]]
    page = (await person.get("/blackbox/strategies", params={"limit": 1})).json()
    assert (page["total"], page["strategies"][0]["id"]) == (2, second["id"])
    rest = await person.get("/blackbox/strategies", params={"cursor": page["next_cursor"]})
    assert [row["id"] for row in rest.json()["strategies"]] == [first["id"]]
    assert (await person.delete(f"/blackbox/strategies/{first['id']}")).json() == {"deleted": True}
