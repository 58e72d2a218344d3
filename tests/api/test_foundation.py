"""The foundation over HTTP."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.people import Person
from tests.problems import problem


class TestGet:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/foundation"), 401, "token_missing")

    async def test_everybody_has_an_empty_one(self, owner: Person) -> None:
        foundation = (await owner.get("/foundation")).json()["foundation"]
        assert foundation["workspace_id"] == str(owner.workspace_id)
        assert foundation["onboarding_completed"] is False
        assert (await owner.get("/foundation/summary")).json() == {"summary": "", "stale": False}

    async def test_embeddings_do_not_leave(self, owner: Person) -> None:
        foundation = (await owner.get("/foundation")).json()["foundation"]
        assert not [name for name in foundation if "embed" in name]


class TestUpdate:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.put("/api/v1/foundation", json={}), 401, "token_missing")

    async def test_other_workspace_is_untouched(self, owner: Person, stranger: Person) -> None:
        await stranger.put("/foundation", json={"company_name": "Theirs"})
        assert (await owner.get("/foundation")).json()["foundation"]["company_name"] is None

    async def test_a_part_that_is_not_sent_stays(self, owner: Person) -> None:
        whole = {"category": "Printed boxes", "positioning_statement": "We print boxes."}
        await owner.put("/foundation", json={"positioning": whole})
        part = {"positioning": {"category": None, "usps": ["Four days"]}}
        changed = (await owner.put("/foundation", json=part)).json()["foundation"]["positioning"]
        assert (changed["category"], changed["usps"]) == (None, ["Four days"])
        assert changed["positioning_statement"] == "We print boxes."

    async def test_only_what_is_sent_changes_and_counts_as_the_founders(
        self, owner: Person
    ) -> None:
        await owner.put("/foundation", json={"industry": "Packaging"})
        body = {"company_name": "Boxes", "messaging_guardrails": ["never say waterproof"]}
        changed = (await owner.put("/foundation", json=body)).json()["foundation"]
        assert changed["industry"] == "Packaging"
        assert changed["messaging_guardrails"] == ["never say waterproof"]
        assert changed["last_updated_by"] == "user"
        assert set(changed["provenance"]) == {"industry", "company_name", "messaging_guardrails"}
        assert changed["provenance"]["company_name"]["source"] == "user"

    @pytest.mark.parametrize(
        "change",
        [
            {"summary": "x"},
            {"onboarding_completed": True},
            {"truth_sheet": {}},
            {"company_stage": "huge"},
            {"website_url": "ftp://x"},
            {"offers": "many"},
        ],
    )
    async def test_bad_input(self, owner: Person, change: dict[str, Any]) -> None:
        problem(await owner.put("/foundation", json=change), 422, "validation_failed")


class TestHistory:
    async def history(self, person: Person, **asked: Any) -> dict[str, Any]:
        answer = await person.get("/foundation/history", params=asked)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/foundation/history"), 401, "token_missing")

    async def test_who_changed_what_from_what(self, owner: Person, stranger: Person) -> None:
        await owner.put("/foundation", json={"industry": "Packaging"})
        await owner.put("/foundation", json={"industry": "Boxes", "company_name": "Peti"})
        await stranger.put("/foundation", json={"industry": "Theirs"})
        page = await self.history(owner, field="industry")
        told = [(c["before"], c["after"], c["changed_by"], c["user_id"]) for c in page["changes"]]
        me = str(owner.id)
        assert told == [("Packaging", "Boxes", "user", me), (None, "Packaging", "user", me)]
        assert page["changes"][0]["source"]["source"] == "user"
        assert [(c["api_key_id"], c["run_id"]) for c in page["changes"]] == [(None, None)] * 2
        assert (await self.history(owner))["total"] == 3

    async def test_what_is_sent_unchanged_changes_nothing(self, owner: Person) -> None:
        before = (await owner.put("/foundation", json={"industry": "Boxes"})).json()["foundation"]
        after = (await owner.put("/foundation", json={"industry": "Boxes"})).json()["foundation"]
        assert after["provenance"] == before["provenance"]
        assert (await self.history(owner))["total"] == 1

    async def test_page_by_page(self, owner: Person) -> None:
        for number in range(3):
            await owner.put("/foundation", json={"industry": f"Number {number}"})
        first = await self.history(owner, limit=2)
        rest = await self.history(owner, limit=2, cursor=first["next_cursor"])
        seen = [change["after"] for page in (first, rest) for change in page["changes"]]
        assert seen == ["Number 2", "Number 1", "Number 0"]
        assert rest["next_cursor"] is None


class TestStaleSummary:
    @pytest.fixture
    async def summed_up(self, owner: Person, engine_worker: None) -> Person:
        with owner.sql() as sql:
            sql.execute(
                "update public.foundations set summary = 'Old words', onboarding_completed = true"
                " where workspace_id = %s",
                (owner.workspace_id,),
            )
        return owner

    async def stale(self, person: Person) -> bool:
        found: bool = (await person.get("/foundation/summary")).json()["stale"]
        return found

    async def test_a_change_of_what_it_rests_on(self, summed_up: Person) -> None:
        assert not await self.stale(summed_up)
        await summed_up.put("/foundation", json={"brand_voice": "friendly"})
        assert not await self.stale(summed_up)
        await summed_up.put("/foundation", json={"company_name": "Peti"})
        assert await self.stale(summed_up)

    async def test_an_icp_makes_it_stale_and_a_refresh_fresh(self, summed_up: Person) -> None:
        await summed_up.post("/icps", json={"name": "Clinics"})
        assert await self.stale(summed_up)
        body = {"request_type": "foundation", "request_data": {"action": "refresh"}}
        answer = (await summed_up.post("/agents/execute", json=body)).json()
        assert answer["success"], answer
        fresh = (await summed_up.get("/foundation/summary")).json()
        assert (fresh["summary"] == answer["output"]["summary"], fresh["stale"]) == (True, False)
        (change,) = (
            await summed_up.get("/foundation/history", params={"field": "summary", "limit": 1})
        ).json()["changes"]
        assert (change["before"], change["changed_by"]) == ("Old words", "engine")
        assert change["run_id"] is not None
