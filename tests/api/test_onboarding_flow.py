"""The flow of the onboarding: all at once, by hand, left out, and contradictions settled."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from backend.domain.onboarding_steps import REQUIRED, STEPS
from tests.founders import Founder, part
from tests.people import Person
from tests.problems import problem

RIVAL = """# Lantern Ledger price list

Lantern Ledger was founded in 2020 in Pune by Meera Kulkarni.

| Plan | Price per month |
|---|---|
| Bakeries | Rs 1,100 |
| Dental clinics | Rs 2,400 |

Unlike Tally, Lantern Ledger needs no accountant to enter bills.
We do not serve companies above 50 crore.
Do not say "guaranteed refund" in any advertisement.
"""


async def run_all(founder: Founder, **wish: Any) -> dict[str, Any]:
    """Start a run over several steps and follow its progress to the end."""
    started = await founder.person.post(f"{founder.path}/run", json=wish)
    assert started.status_code == 200, started.text
    async with asyncio.timeout(60):
        while True:
            now: dict[str, Any] = (await founder.person.get(f"{founder.path}/run")).json()
            if now["status"] not in ("queued", "running"):
                return now
            await asyncio.sleep(0.1)


async def data(founder: Founder, step: int) -> dict[str, Any]:
    found: dict[str, Any] = (await founder.person.get(f"{founder.path}/steps/{step}")).json()
    assert found["step"] == step
    return found


class TestRunAll:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.post(f"/api/v1{founder.path}/run"), 401, "token_missing")
        problem(await http.get(f"/api/v1{founder.path}/run"), 401, "token_missing")

    async def test_other_workspace(self, reader: Founder, stranger: Person) -> None:
        problem(await stranger.post(f"{reader.path}/run", json={}), 404, "session_not_found")
        problem(await stranger.get(f"{reader.path}/run"), 404, "session_not_found")

    async def test_before_any(self, founder: Founder) -> None:
        problem(await founder.person.get(f"{founder.path}/run"), 404, "run_not_found")
        problem(await founder.person.post(f"{founder.path}/run"), 409, "evidence_missing")
        answer = await founder.person.post(f"{founder.path}/run", json={"to_step": 26})
        problem(answer, 422, "validation_failed")

    async def test_every_step_and_then_complete(self, reader: Founder) -> None:
        ended = await run_all(reader)
        assert (ended["status"], ended["done"], ended["total"]) == (
            "completed",
            len(STEPS),
            len(STEPS),
        )
        assert set((await reader.states()).values()) == {"completed"}
        session = part(await reader.person.post(f"{reader.path}/complete"), "session")
        assert session["completed_steps"] == list(STEPS)
        foundation = (await reader.person.get("/foundation")).json()["foundation"]
        for column in ("market_research", "positioning", "brand_voice", "soundbite_library"):
            assert foundation["provenance"][column]["source"] == "evidence"

    async def test_up_to_a_step(self, reader: Founder) -> None:
        ended = await run_all(reader, to_step=5)
        assert (ended["done"], ended["total"]) == (5, 5)
        states = await reader.states()
        assert [states[n] for n in (5, 6)] == ["completed", "not_started"]

    async def test_what_was_written_by_hand_is_kept(self, reader: Founder) -> None:
        await run_all(reader, to_step=14)
        mine = {"category": "Ledgers for bakers", "reasoning": "It is what they say."}
        answer = await reader.person.put(f"{reader.path}/steps/10", json=mine)
        assert answer.status_code == 200, answer.text
        assert (await reader.states())[11] == "stale"
        await reader.ran(5)
        await run_all(reader)
        ten = await data(reader, 10)
        assert (ten["status"], ten["by"]) == ("completed", "user")
        assert ten["data"]["category"] == "Ledgers for bakers"
        await reader.person.post(f"{reader.path}/complete")
        foundation = (await reader.person.get("/foundation")).json()["foundation"]
        assert foundation["positioning"]["category"] == "Ledgers for bakers"

    async def test_two_at_once(self, reader: Founder) -> None:
        answers = await asyncio.gather(
            *(reader.person.post(f"{reader.path}/run", json={}) for _ in range(4))
        )
        assert {answer.status_code for answer in answers} <= {200, 409}
        await run_all_ended(reader)
        assert set((await reader.states()).values()) == {"completed"}

    async def test_what_was_learned_is_remembered_at_once(self, reader: Founder) -> None:
        """Step 24: found by meaning, though the session is not closed yet; twice is the same."""
        await run_all(reader)
        counts = (await reader.person.get(f"{reader.path}/steps/24")).json()["data"]
        assert counts["vectors"] >= 3
        assert counts["entities"] > counts["relationships"] > 0
        assert await reader.ran(24) == counts
        kinds = (await reader.person.get("/memory")).json()["memories"]
        assert {memory["type"] for memory in kinds if memory["store"] == "vector"} >= {
            "foundation",
            "icp",
        }


async def run_all_ended(founder: Founder) -> None:
    async with asyncio.timeout(60):
        while founder.unfinished():
            await asyncio.sleep(0.1)


class TestByHand:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.put(f"/api/v1{founder.path}/steps/6", json={}), 401, "token_missing")

    async def test_other_workspace(self, reader: Founder, stranger: Person) -> None:
        answer = await stranger.put(f"{reader.path}/steps/6", json={})
        problem(answer, 404, "session_not_found")

    async def test_not_reached(self, founder: Founder) -> None:
        answer = await founder.person.put(f"{founder.path}/steps/6", json={})
        problem(answer, 409, "step_not_reached")

    @pytest.mark.parametrize("step", [1, 2, 3, 4, 24, 25])
    async def test_facts_are_not_written_by_hand(self, founder: Founder, step: int) -> None:
        answer = await founder.person.put(f"{founder.path}/steps/{step}", json={})
        problem(answer, 409, "step_not_editable")

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"categori": "x"}, "body/categori"),
            ({"alternatives": [{"name": "x"}]}, "body/alternatives/0/why"),
            ({"category": 7}, "body/category"),
        ],
    )
    async def test_out_of_shape(self, reader: Founder, body: dict[str, Any], pointer: str) -> None:
        await run_all(reader, to_step=10)
        answer = await reader.person.put(f"{reader.path}/steps/10", json=body)
        found = problem(answer, 422, "validation_failed")
        assert found["errors"][0]["pointer"] == pointer


class TestSkip:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.post(f"/api/v1{founder.path}/steps/6/skip"), 401, "token_missing")

    async def test_other_workspace(self, reader: Founder, stranger: Person) -> None:
        problem(await stranger.post(f"{reader.path}/steps/6/skip"), 404, "session_not_found")

    @pytest.mark.parametrize("step", sorted(REQUIRED))
    async def test_what_the_foundation_rests_on(self, founder: Founder, step: int) -> None:
        answer = await founder.person.post(f"{founder.path}/steps/{step}/skip")
        problem(answer, 409, "step_required")

    async def test_all_that_may_be_skipped_and_complete(self, reader: Founder) -> None:
        await reader.ran(1, 2)
        for number, step in STEPS.items():
            if step.skippable:
                answer = await reader.person.post(f"{reader.path}/steps/{number}/skip")
                assert answer.json()["status"] == "skipped", answer.text
            else:
                await reader.ran(number)
        part(await reader.person.post(f"{reader.path}/complete"), "session")
        foundation = (await reader.person.get("/foundation")).json()["foundation"]
        assert foundation["positioning"]["positioning_statement"]
        assert foundation["competitors"] == []

    async def test_a_skipped_step_may_be_run_after_all(self, reader: Founder) -> None:
        await reader.ran(1, 2)
        await reader.person.post(f"{reader.path}/steps/3/skip")
        await reader.ran(3)
        assert (await reader.states())[3] == "completed"


class TestContradictions:
    @pytest.fixture
    async def torn(self, reader: Founder) -> Founder:
        await reader.bring("prices.md", RIVAL.encode())
        await reader.ran(1, 2, 3)
        return reader

    async def conflict(self, torn: Founder) -> dict[str, Any]:
        found = (await data(torn, 3))["data"]["conflicts"]
        (price,) = [entry for entry in found if entry["attribute"] == "price"]
        return dict(price)

    async def test_both_quotes_with_their_place(self, torn: Founder) -> None:
        conflict = await self.conflict(torn)
        sides = {side["source"]: side for side in conflict["sides"]}
        assert {name: side["value"] for name, side in sides.items()} == {
            "company.md": "Rs 900",
            "prices.md": "Rs 1,100",
        }
        side = sides["prices.md"]
        text = await torn.text(side["evidence_id"])
        assert side["quote"] in text.split("\n")[side["line"] - 1]

    async def test_unsettled_it_is_used_nowhere(self, torn: Founder) -> None:
        conflict = await self.conflict(torn)
        await run_all(torn)
        assert (await data(torn, 4))["data"]["open_conflicts"] == [conflict["id"]]
        sides = {side["fact_id"] for side in conflict["sides"]}
        for step in (13, 18, 19):
            assert not sides & _ids((await data(torn, step))["data"]), step
        rules = (await data(torn, 17))["data"]["rules"]
        assert [rule["kind"] for rule in rules].count("open_conflict") == 1
        tiers = (await data(torn, 6))["data"]["tiers"]
        assert {tier["name"] for tier in tiers if tier["disputed"]} == {"Bakeries"}

    async def test_one_side_stands_also_after_a_new_extraction(self, torn: Founder) -> None:
        conflict = await self.conflict(torn)
        winner, loser = conflict["sides"]
        wish = {"conflict_id": conflict["id"], "keep": winner["fact_id"], "note": "The new list"}
        answer = await torn.run(4, resolutions=[wish])
        given = answer.json()["data"]
        assert given["open_conflicts"] == []
        assert [fact["quote"] for fact in given["truth_sheet"]["rejected"]] == [loser["quote"]]
        again = (await torn.ran(2, 3, 4))["truth_sheet"]["rejected"]
        assert [fact["quote"] for fact in again] == [loser["quote"]]

    async def test_people_times_and_claims_are_settled_like_prices(self, founder: Founder) -> None:
        page = "Sample Studio is a team of 9 people. Refunds within 7 days. We accept walk-ins."
        deck = "Sample Studio is a team of 14 people. Refunds within 30 days. No walk-ins."
        await founder.bring("page.md", f"# Sample Studio\n\n{page}\n".encode())
        await founder.bring("deck.md", f"# Sample Studio\n\n{deck}\n".encode())
        await founder.ran(1, 2, 3)
        found = (await data(founder, 3))["data"]["conflicts"]
        assert {conflict["attribute"] for conflict in found} == {"team", "refund", "claim"}
        wishes = [
            {"conflict_id": one["id"], "keep": one["sides"][0]["fact_id"], "note": ""}
            for one in found
        ]
        given = (await founder.run(4, resolutions=wishes)).json()["data"]
        assert given["open_conflicts"] == []
        rejected = {fact["quote"] for fact in given["truth_sheet"]["rejected"]}
        assert rejected == {one["sides"][1]["quote"] for one in found}

    async def test_what_repeats_a_side_falls_with_it(self, founder: Founder) -> None:
        told = "Our depot holds 240 crates.\n\nWith 240 crates our depot is the largest in town."
        await founder.bring("old.md", f"# Sample Depot\n\n{told}\n".encode())
        await founder.bring("new.md", b"# Sample Depot\n\nOur depot holds 310 crates.\n")
        await founder.ran(1, 2, 3)
        (conflict,) = (await data(founder, 3))["data"]["conflicts"]
        old, new = sorted(conflict["sides"], key=lambda side: side["value"])
        assert [place["quote"] for place in old["again"]]
        wish = {"conflict_id": conflict["id"], "keep": new["fact_id"]}
        given = (await founder.run(4, resolutions=[wish])).json()["data"]
        lost = [old["quote"], *(place["quote"] for place in old["again"])]
        assert {fact["quote"] for fact in given["truth_sheet"]["rejected"]} == set(lost)

    async def test_both_are_right(self, torn: Founder) -> None:
        conflict = await self.conflict(torn)
        wish = {"conflict_id": conflict["id"], "keep": "both", "note": "Old and new clients"}
        given = (await torn.run(4, resolutions=[wish])).json()["data"]
        assert (given["open_conflicts"], given["truth_sheet"]["rejected"]) == ([], [])

    async def test_unknown_ones(self, torn: Founder) -> None:
        conflict = await self.conflict(torn)
        wish = {"conflict_id": "C77", "keep": "both"}
        problem(await torn.run(4, resolutions=[wish]), 422, "unknown_conflict")
        wish = {"conflict_id": conflict["id"], "keep": "F99"}
        problem(await torn.run(4, resolutions=[wish]), 422, "unknown_fact")


class TestMarketSize:
    async def test_by_the_founders_numbers_alone(self, reader: Founder) -> None:
        await run_all(reader)
        silent = (await data(reader, 22))["data"]
        assert silent["tam"] is None
        assert {gap["slot"] for gap in silent["missing"]} >= {"customers_total"}
        numbers = {"customers_total": 40000, "reachable_percent": 25}
        given = (await reader.run(22, market=numbers)).json()["data"]
        assert (given["tam"]["customers"], given["sam"]["customers"]) == (40000, 10000)
        assert given["som"] is None
        again = (await reader.run(22, market={"winnable_percent": 2})).json()["data"]
        assert again["som"]["customers"] == 200
        assert "2%" in again["som"]["formula"]

    async def test_a_share_is_no_more_than_all(self, reader: Founder) -> None:
        answer = await reader.run(22, market={"reachable_percent": 120})
        problem(answer, 422, "validation_failed")


def _ids(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = value.get("sources", [])
        listed = own if isinstance(own, list) else [fact for ids in own.values() for fact in ids]
        return {*listed, *(fact for item in value.values() for fact in _ids(item))}
    return {fact for item in value for fact in _ids(item)} if isinstance(value, list) else set()
