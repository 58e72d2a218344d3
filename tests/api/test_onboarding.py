"""Onboarding over HTTP, from an empty session to a filled foundation: real runs by a real worker."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from backend.core.config import Settings
from backend.services import embeddings
from tests.conftest import TestDatabase
from tests.founders import COMPANY, PLAIN, STEPS, Founder, at_the_start, part
from tests.people import Person, sign_up
from tests.problems import problem

REQUIRED = [1, 2, 4, 7, 13, 15, 23]
"""What completion needs."""


@pytest.fixture(scope="module")
async def done(
    settings: Settings, pg_shared: TestDatabase, http: AsyncClient, engine_worker: None
) -> Founder:
    """Onboarding completed, on the free plan. Shared: look, but change nothing."""
    founder = await at_the_start(sign_up(settings, pg_shared.superuser_dsn, http))
    await founder.bring("company.md", COMPANY.encode())
    await founder.ran(*STEPS)
    answer = await founder.person.post(f"{founder.path}/complete")
    assert answer.status_code == 200, answer.text
    return founder


class TestSession:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/onboarding/session"), 401, "token_missing")
        problem(await http.post("/api/v1/onboarding/session"), 401, "token_missing")

    async def test_each_workspace_has_its_own(self, owner: Person, stranger: Person) -> None:
        first, second = await at_the_start(owner), await at_the_start(stranger)
        assert first.session_id != second.session_id

    async def test_at_the_start(self, founder: Founder) -> None:
        session = await founder.session()
        assert session["workspace_id"] == str(founder.person.workspace_id)
        assert (session["status"], session["current_step"], session["evidence"]) == (
            "in_progress",
            1,
            [],
        )
        assert [(step["step"], step["status"]) for step in session["steps"]] == [
            (step, "not_started") for step in STEPS
        ]

    async def test_posting_gives_the_one_there_is(self, founder: Founder) -> None:
        again = part(await founder.person.post("/onboarding/session"), "session")
        assert again == await founder.session()

    async def test_posting_makes_a_lost_one_anew(self, founder: Founder) -> None:
        with founder.person.sql() as sql:
            sql.execute(
                "delete from public.onboarding_sessions where id = %s", (founder.session_id,)
            )
        problem(await founder.person.get("/onboarding/session"), 404, "session_not_found")
        made = await asyncio.gather(*(founder.person.post("/onboarding/session") for _ in range(4)))
        assert len({part(answer, "session")["id"] for answer in made}) == 1


class TestRun:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.post(f"/api/v1{founder.path}/steps/1/run"), 401, "token_missing")

    async def test_other_workspace(self, reader: Founder, stranger: Person) -> None:
        theirs = Founder(stranger, reader.session_id)
        problem(await theirs.run(1), 404, "session_not_found")
        assert (await reader.states())[1] == "not_started"
        assert theirs.count("public.agent_executions") == 0

    async def test_without_a_body(self, reader: Founder) -> None:
        answer = await reader.person.post(f"{reader.path}/steps/1/run")
        body = answer.json()
        assert (body.pop("by"), body.pop("at")[:2]) == ("onboarding", "20")
        assert body == {
            "step": 1,
            "status": "completed",
            "data": {
                "items": 1,
                "readable": 1,
                "words": len(COMPANY.split()),
                "pages": 1,
                "failed": [],
                "missing": [],
            },
        }

    @pytest.mark.parametrize("step", [0, 26, -1, 10**12])
    async def test_steps_that_are_not_there(self, reader: Founder, step: int) -> None:
        body = problem(await reader.run(step), 404, "step_not_available")
        assert body["available"] == list(STEPS)

    async def test_a_step_that_was_not_reached(self, reader: Founder) -> None:
        await reader.ran(1)
        body = problem(await reader.run(4), 409, "step_not_reached")
        assert (body["detail"], body["current_step"]) == ("Step 2 comes first.", 2)

    async def test_nothing_to_read(self, founder: Founder, engine_worker: None) -> None:
        problem(await founder.run(1), 409, "evidence_missing")
        assert founder.count("public.agent_executions") == 0

    async def test_one_at_a_time(self, reader: Founder) -> None:
        with reader.person.sql() as sql:
            sql.execute(
                "insert into public.agent_executions"
                " (workspace_id, user_id, session_id, request_type, request_data, status,"
                " heartbeat_at) values (%s, %s, %s, 'onboarding', '{}', 'running', now())",
                (reader.person.workspace_id, reader.person.id, reader.session_id),
            )
        problem(await reader.run(1), 409, "step_running")

    async def test_a_budget_that_cannot_bear_it(self, reader: Founder) -> None:
        with reader.person.sql() as sql:
            sql.execute(
                "update public.users set budget_limit_monthly = 0 where id = %s",
                (reader.person.id,),
            )
        body = problem(await reader.run(1), 402, "budget_exceeded")
        assert body["detail"] == "Insufficient budget. Remaining: $0.0000"

    async def test_who_waits_no_longer_loses_nothing(
        self,
        reader: Founder,
        app: FastAPI,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(settings, "run_wait_seconds", 0.0001)
        answer = await reader.run(1)
        body = problem(answer, 503, "run_pending")
        assert answer.headers["retry-after"]
        await app.state.run_desk.wait(reader.person.user, UUID(body["run_id"]), 20)
        assert (await reader.states())[1] == "completed"

    async def test_running_again_makes_later_steps_stale(self, reader: Founder) -> None:
        await reader.ran(1, 2, 3, 4, 5)
        await reader.ran(2)
        states = await reader.states()
        assert [states[n] for n in (1, 2, 3, 4, 5, 6)] == [
            "completed",
            "completed",
            "stale",
            "stale",
            "stale",
            "not_started",
        ]
        stale = (await reader.person.get(f"{reader.path}/steps/4")).json()
        assert stale["status"] == "stale"
        assert stale["data"]["truth_sheet"]["facts"]
        assert problem(await reader.run(6), 409, "step_stale")["steps_due"] == [4]

    async def test_after_completion(self, done: Founder) -> None:
        problem(await done.run(2), 409, "onboarding_completed")


class TestCorrections:
    @pytest.fixture
    async def facts(self, reader: Founder) -> list[dict[str, Any]]:
        await reader.ran(1, 2, 3)
        found: list[dict[str, Any]] = (await reader.person.get(f"{reader.path}/steps/2")).json()[
            "data"
        ]["facts"]
        return found

    async def sheet(self, reader: Founder, *corrections: dict[str, Any]) -> dict[str, Any]:
        answer = await reader.run(4, corrections=list(corrections))
        assert answer.status_code == 200, answer.text
        sheet: dict[str, Any] = answer.json()["data"]["truth_sheet"]
        return sheet

    async def test_without_any_all_facts_stand(
        self, reader: Founder, facts: list[dict[str, Any]]
    ) -> None:
        sheet = await self.sheet(reader)
        assert [fact["id"] for fact in sheet["facts"]] == [fact["id"] for fact in facts]
        assert (sheet["rejected"], sheet["corrected"]) == ([], [])

    async def test_accept_correct_reject(
        self, reader: Founder, facts: list[dict[str, Any]]
    ) -> None:
        first, second, third = facts[:3]
        said = "Lantern Ledger keeps the books of bakeries in Pune and Satara."
        sheet = await self.sheet(
            reader,
            {"fact_id": first["id"], "verdict": "correct", "correction": f"  {said} "},
            {"fact_id": second["id"], "verdict": "accept"},
            {"fact_id": third["id"], "verdict": "reject"},
        )
        assert [fact["id"] for fact in sheet["rejected"]] == [third["id"]]
        assert sheet["corrected"] == [{"fact_id": first["id"], "was": first["fact"], "now": said}]
        kept = {fact["id"]: fact for fact in sheet["facts"]}
        assert kept[second["id"]]["quote"] == second["quote"]
        assert third["id"] not in kept
        now = kept[first["id"]]
        text = await reader.text(now["evidence_id"])
        assert text[now["start"] : now["end"]] == now["quote"] == said
        assert [item["source_name"] for item in await reader.vault()] == [
            "company.md",
            "Your corrections",
        ]

    async def test_the_same_again_changes_nothing(
        self, reader: Founder, facts: list[dict[str, Any]]
    ) -> None:
        wish = {"fact_id": facts[0]["id"], "verdict": "correct", "correction": "We keep books."}
        first = await self.sheet(reader, wish)
        assert await self.sheet(reader, wish) == first
        assert len(await reader.vault()) == 2

    async def test_an_unknown_fact(self, reader: Founder, facts: list[dict[str, Any]]) -> None:
        before = await reader.session()
        answer = await reader.run(4, corrections=[{"fact_id": "F99", "verdict": "reject"}])
        assert problem(answer, 422, "unknown_fact")["detail"] == "There is no fact F99."
        assert await reader.session() == before

    @pytest.mark.parametrize(
        ("correction", "pointer"),
        [
            ({"fact_id": "F01", "verdict": "maybe"}, "body/corrections/0/verdict"),
            ({"fact_id": "F01", "verdict": "correct"}, "body/corrections/0"),
            (
                {"fact_id": "F01", "verdict": "correct", "correction": " \x1c "},
                "body/corrections/0/correction",
            ),
            (
                {"fact_id": "F01", "verdict": "correct", "correction": "a\0b"},
                "body/corrections/0/correction",
            ),
            ({"fact_id": "F01", "verdict": "accept", "note": "x"}, "body/corrections/0/note"),
        ],
    )
    async def test_malformed(
        self, reader: Founder, correction: dict[str, Any], pointer: str
    ) -> None:
        body = problem(await reader.run(4, corrections=[correction]), 422, "validation_failed")
        assert body["errors"][0]["pointer"] == pointer

    async def test_other_steps_take_none(self, reader: Founder) -> None:
        wish = {"fact_id": "F01", "verdict": "correct", "correction": "We keep books."}
        problem(await reader.run(1, corrections=[wish]), 422, "corrections_not_taken")
        assert len(await reader.vault()) == 1


class TestStep:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.get(f"/api/v1{founder.path}/steps/1"), 401, "token_missing")

    async def test_other_workspace(self, founder: Founder, stranger: Person) -> None:
        problem(await stranger.get(f"{founder.path}/steps/1"), 404, "session_not_found")

    async def test_before_it_ran(self, founder: Founder) -> None:
        answer = await founder.person.get(f"{founder.path}/steps/2")
        assert answer.json() == {
            "step": 2,
            "status": "not_started",
            "data": None,
            "by": None,
            "at": None,
        }

    async def test_what_it_gave(self, reader: Founder) -> None:
        await reader.ran(1)
        given = (await reader.run(2)).json()
        assert (await reader.person.get(f"{reader.path}/steps/2")).json() == given

    async def test_absent(self, founder: Founder) -> None:
        problem(await founder.person.get(f"{founder.path}/steps/26"), 404, "step_not_available")

    async def test_vectors_stay_inside(self, done: Founder) -> None:
        answer = await done.person.get(f"{done.path}/steps/23")
        assert set(answer.json()["data"]) == {"summary", "missing"}
        assert "step_data" not in await done.session()


class TestComplete:
    async def test_anonymous(self, http: AsyncClient, founder: Founder) -> None:
        problem(await http.post(f"/api/v1{founder.path}/complete"), 401, "token_missing")

    async def test_other_workspace(self, reader: Founder, stranger: Person) -> None:
        await reader.ran(*STEPS)
        problem(await stranger.post(f"{reader.path}/complete"), 404, "session_not_found")
        assert (await reader.session())["status"] == "in_progress"

    async def test_what_is_missing_is_said(self, reader: Founder) -> None:
        await reader.ran(1, 2)
        body = problem(
            await reader.person.post(f"{reader.path}/complete"), 409, "onboarding_incomplete"
        )
        assert body["missing_steps"] == [4, 7, 13, 15, 23]
        assert body["detail"] == "Steps still to run: 4, 7, 13, 15, 23."

    async def test_stale_steps_are_missing_too(self, reader: Founder) -> None:
        await reader.ran(*STEPS)
        await reader.bring("films.txt", PLAIN.encode())
        answer = await reader.person.post(f"{reader.path}/complete")
        assert problem(answer, 409, "onboarding_incomplete")["missing_steps"] == REQUIRED

    async def test_the_session_is_closed(self, done: Founder) -> None:
        session = await done.session()
        assert (session["status"], session["completed_steps"]) == ("completed", list(STEPS))
        me = (await done.person.get("/auth/me")).json()
        assert me["onboarding"] == {"current_step": 25, "status": "completed"}
        assert me["user"]["onboarding_completed_at"] == session["completed_at"]

    async def test_again_changes_nothing(self, done: Founder) -> None:
        before = [
            await done.session(),
            (await done.person.get("/foundation")).json(),
            (await done.person.get("/icps")).json(),
        ]
        answers = await asyncio.gather(
            *(done.person.post(f"{done.path}/complete") for _ in range(3))
        )
        assert [part(answer, "session") for answer in answers] == [before[0]] * 3
        assert [
            await done.session(),
            (await done.person.get("/foundation")).json(),
            (await done.person.get("/icps")).json(),
        ] == before

    async def test_the_foundation_says_where_it_comes_from(self, done: Founder) -> None:
        foundation = (await done.person.get("/foundation")).json()["foundation"]
        assert foundation["company_name"] == "Lantern Ledger"
        assert (foundation["onboarding_completed"], foundation["last_updated_by"]) == (
            True,
            "onboarding",
        )
        facts = {fact["id"]: fact for fact in foundation["truth_sheet"]["facts"]}
        provenance = foundation["provenance"]
        assert provenance["company_name"]["source"] == "evidence"
        named = [facts[id]["quote"] for id in provenance["company_name"]["facts"]]
        assert any("Lantern Ledger" in quote for quote in named)
        for offer in foundation["offers"]:
            assert any(offer["price_text"] in facts[id]["quote"] for id in offer["sources"])
        assert foundation["positioning"]["positioning_statement"]
        assert set(provenance) >= {"company_name", "offers", "positioning", "truth_sheet"}

    async def test_summary_and_its_vector(self, done: Founder) -> None:
        summary = (await done.person.get("/foundation/summary")).json()["summary"]
        assert "Lantern Ledger" in summary
        with done.person.sql() as sql:
            row = sql.execute(
                "select summary_embedding::text, embedder from public.foundations"
                " where workspace_id = %s",
                (done.person.workspace_id,),
            ).fetchone()
        assert row is not None
        kept, embedder = json.loads(row[0]), row[1]
        assert embedder == embeddings.EMBEDDER_ID
        assert kept == pytest.approx(embeddings.encode_one(summary).tolist(), abs=1e-4)

    async def test_the_free_plan_keeps_one_icp_and_says_so(self, done: Founder) -> None:
        (icp,) = (await done.person.get("/icps")).json()["icps"]
        assert (icp["code"], icp["is_primary"]) == ("ICP-001", True)
        assert icp["sources"]
        given = (await done.person.get(f"{done.path}/steps/15")).json()["data"]
        limit = given["plan_limit"]
        assert [profile["name"] for profile in given["icps"]] == [icp["name"]]
        assert (limit["plan"], limit["max_icps"]) == ("free", 1)
        assert limit["left_out"]
        assert limit["message"].startswith("The Free plan ")

    async def test_a_paid_plan_keeps_every_audience(
        self, paying_owner: Person, engine_worker: None
    ) -> None:
        founder = await at_the_start(paying_owner)
        await founder.bring("company.md", COMPANY.encode())
        await founder.ran(*STEPS)
        given = (await paying_owner.get(f"{founder.path}/steps/15")).json()["data"]
        assert given["plan_limit"] is None
        part(await paying_owner.post(f"{founder.path}/complete"), "session")
        icps = (await paying_owner.get("/icps")).json()["icps"]
        assert 2 <= len(icps) <= 3
        assert {icp["name"] for icp in icps} == {icp["name"] for icp in given["icps"]}
        assert [icp["is_primary"] for icp in icps].count(True) == 1
