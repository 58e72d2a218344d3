"""Approvals, runs and feedback over the API: what waits, who lets it pass, what ships."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import SPECIALISTS
from backend.agents.wishes.wish import Wish
from backend.core.config import Settings
from backend.domain import approvals, runs
from tests.fakes import five_calls
from tests.people import Person
from tests.workers import working

AD = {"type": "ad_copy", "content": "Fresh coffee in Bengaluru.", "word_count": 4}
REQUEST = {"request_type": five_calls.REQUEST_TYPE, "request_data": {}}


@pytest.fixture(scope="module")
async def worker(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """Somebody who executes runs of a type that makes an advertisement."""

    async def act(ctx: RunContext, request: Any) -> dict[str, Any]:
        return {"result": dict(AD), "demands": {}}

    async def persist(ctx: RunContext, request: Any, draft: dict[str, Any]) -> dict[str, Any]:
        return {"shipped": draft["result"]}

    async def check(tx: Any, request: Any) -> None:
        return None

    SPECIALISTS[five_calls.REQUEST_TYPE] = Specialist(
        agent="tester",
        wish=Wish(five_calls.FiveCallsRequest, check),
        skills=lambda request: [],
        act=act,
        persist=persist,
    )
    async with working(settings):
        yield
    five_calls.uninstall()


@pytest.fixture
async def held(owner: Person, worker: None) -> dict[str, Any]:
    """The answer to a request whose output waits for a verdict."""
    answer = await owner.post("/agents/execute", json=REQUEST)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def ended(person: Person, run_id: str) -> dict[str, Any]:
    """The trace of a run, once it has ended."""
    async with asyncio.timeout(20):
        while True:
            run: dict[str, Any] = (await person.get(f"/agents/runs/{run_id}")).json()["run"]
            if run["status"] in ("completed", "failed", "cancelled"):
                return run
            await asyncio.sleep(0.05)


class TestHeld:
    async def test_the_answer_says_that_it_waits(self, owner: Person, held: dict[str, Any]) -> None:
        assert (held["success"], held["requires_approval"]) == (True, True)
        assert (held["output"], held["error"]) == (AD, None)
        gate = (await owner.get(f"/approvals/{held['approval_gate_id']}")).json()["approval"]
        assert (gate["status"], gate["run_id"]) == ("pending", held["run_id"])
        assert gate["pending_output"] == AD
        assert gate["content_hash"] == approvals.content_hash(AD)
        listed = (await owner.get("/approvals/pending")).json()
        assert [entry["id"] for entry in listed["approvals"]] == [gate["id"]]
        assert set(listed["approvals"][0]) <= set(gate)

    async def test_a_stream_ends_where_it_waits(self, owner: Person, worker: None) -> None:
        answer = await owner.post("/agents/execute/stream", json=REQUEST)
        last = json.loads(answer.text.splitlines()[-1])
        assert (last["status"], last["output"]) == ("approval", AD)
        assert last["approval_gate_id"]

    async def test_of_nobody_else(self, stranger: Person, held: dict[str, Any]) -> None:
        gate = f"/approvals/{held['approval_gate_id']}"
        for answer in (
            await stranger.get(gate),
            await stranger.get(f"{gate}/status"),
            await stranger.post(f"{gate}/approve"),
            await stranger.post(f"{gate}/reject"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "approval_not_found")
        assert (await stranger.get("/approvals")).json()["total"] == 0

    async def test_its_run_can_be_cancelled(self, owner: Person, held: dict[str, Any]) -> None:
        assert (await owner.delete(f"/agents/runs/{held['run_id']}")).status_code == 200
        run = await ended(owner, held["run_id"])
        assert (run["status"], run["final_output"]) == ("cancelled", None)
        gate = await owner.get(f"/approvals/{held['approval_gate_id']}/status")
        assert gate.json()["status"] == "rejected"


class TestVerdict:
    async def test_what_is_approved_ships(self, owner: Person, held: dict[str, Any]) -> None:
        path = f"/approvals/{held['approval_gate_id']}/approve"
        stale = await owner.post(path, json={"content_hash": "0" * 64})
        assert (stale.status_code, stale.json()["code"]) == (409, "approval_content_changed")
        gate = (await owner.post(path)).json()["approval"]
        assert gate["status"] == "approved"
        run = await ended(owner, held["run_id"])
        assert (run["status"], run["final_output"]) == ("completed", {"shipped": AD})
        assert run["approval_gates"][0]["status"] == "approved"
        again = await owner.post(path)
        assert (again.status_code, again.json()["code"]) == (409, "approval_already_resolved")

    async def test_an_edit_ships_instead(self, owner: Person, held: dict[str, Any]) -> None:
        path = f"/approvals/{held['approval_gate_id']}/approve"
        refused = await owner.post(path, json={"modifications": {"type": "note"}})
        assert (refused.status_code, refused.json()["code"]) == (422, "modification_invalid")
        edit = {"content": "Good coffee in Bengaluru."}
        gate = (await owner.post(path, json={"modifications": edit})).json()["approval"]
        assert (gate["status"], gate["pending_output"]) == ("modified", AD)
        run = await ended(owner, held["run_id"])
        shipped = run["final_output"]["shipped"]
        assert shipped == {**AD, **edit}
        assert approvals.content_hash(shipped) == gate["content_hash"] != approvals.content_hash(AD)

    async def test_what_is_rejected_does_not_ship(
        self, owner: Person, held: dict[str, Any]
    ) -> None:
        gate = f"/approvals/{held['approval_gate_id']}"
        answer = await owner.post(f"{gate}/reject", json={"reason": "Too loud"})
        assert answer.json()["approval"]["rejection_reason"] == "Too loud"
        run = await ended(owner, held["run_id"])
        assert (run["status"], run["error_code"]) == ("cancelled", "approval_rejected")
        assert (run["error"], run["final_output"]) == ("Rejected: Too loud", None)

    async def test_after_its_time_nobody_can(self, owner: Person, held: dict[str, Any]) -> None:
        with owner.sql() as sql:
            sql.execute(
                "update public.approval_gates set expires_at = now() where id = %s",
                (held["approval_gate_id"],),
            )
        answer = await owner.post(f"/approvals/{held['approval_gate_id']}/approve")
        assert (answer.status_code, answer.json()["status_is"]) == (409, "expired")

    async def test_past_its_time_no_list_calls_it_pending(
        self, owner: Person, held: dict[str, Any]
    ) -> None:
        with owner.sql() as sql:
            sql.execute(
                "update public.approval_gates set expires_at = now() where id = %s",
                (held["approval_gate_id"],),
            )
        for path in ("/approvals/pending", "/approvals?status=pending"):
            page = (await owner.get(path)).json()
            assert (page["total"], page["approvals"]) == (0, []), path
        for path in ("/approvals", "/approvals?status=expired"):
            page = (await owner.get(path)).json()
            assert page["total"] == 1, path
            assert page["approvals"][0]["status"] == "expired", path

    async def test_fifty_verdicts_at_once_are_one(
        self, owner: Person, held: dict[str, Any]
    ) -> None:
        """TRUST U1."""
        gate = f"/approvals/{held['approval_gate_id']}"
        bodies: list[tuple[str, dict[str, Any]]] = [
            ("approve", {}),
            ("reject", {}),
            ("approve", {"modifications": {"content": "Edited."}}),
        ]
        answers = await asyncio.gather(
            *(owner.post(f"{gate}/{verb}", json=body) for verb, body in (bodies * 17)[:50])
        )
        codes = [answer.status_code for answer in answers]
        assert codes.count(200) == 1
        assert set(codes) <= {200, 409, 429, 503}, "late, too many at once, or the database is busy"
        won = next(answer for answer in answers if answer.status_code == 200).json()["approval"]
        run = await ended(owner, held["run_id"])
        if won["status"] == "rejected":
            assert run["status"] == "cancelled"
        else:
            shipped = run["final_output"]["shipped"]
            assert approvals.content_hash(shipped) == won["content_hash"]


class TestRuns:
    async def test_anonymous(self, owner: Person) -> None:
        for path in ("/agents/runs", "/approvals", "/feedback/preferences"):
            assert (await owner.http.get(f"/api/v1{path}")).status_code == 401

    async def test_a_queued_run_has_an_address(self, owner: Person, worker: None) -> None:
        answer = await owner.post("/agents/runs", json=REQUEST)
        assert answer.status_code == 202
        run_id = answer.json()["run_id"]
        assert answer.headers["location"] == f"/api/v1/agents/runs/{run_id}"
        lines = (await owner.get(f"/agents/runs/{run_id}/events")).text.splitlines()
        assert json.loads(lines[-1])["status"] == "approval"
        rest = await owner.get(
            f"/agents/runs/{run_id}/events", headers={"last-event-id": str(len(lines) - 1)}
        )
        assert rest.text.splitlines() == lines[-1:]
        listed = (await owner.get("/agents/runs?status=waiting_approval")).json()
        assert (listed["total"], listed["runs"][0]["id"]) == (1, run_id)
        assert (await owner.get("/agents/runs?request_type=moves")).json()["total"] == 0

    async def test_the_trace_is_whole(self, owner: Person, held: dict[str, Any]) -> None:
        run = (await owner.get(f"/agents/runs/{held['run_id']}")).json()["run"]
        assert run["execution_plan"]["steps"][0]["agent"] == "tester"
        assert run["routing_path"][:2] == ["perception:skipped", "request_type:analytics"]
        assert run["agents_invoked"] == ["tester"]
        nodes = [message["source_agent"] for message in run["messages"]]
        assert nodes == ["perceive", "route", "plan", "act", "reflect", "approve"]
        assert run["messages"][-1]["target_agent"] == "client"

    async def test_one_that_nobody_has_begun_is_cancelled_at_once(
        self, owner: Person, app: FastAPI
    ) -> None:
        run_id = uuid4()
        async with app.state.database.service(
            "admit_run"
        ) as tx:  # without a job: no worker sees it
            await runs.insert(
                tx,
                run_id,
                workspace_id=owner.workspace_id,
                user_id=owner.id,
                session_id=run_id,
                request_type=five_calls.REQUEST_TYPE,
                request_data={},
            )
        done = (await owner.delete(f"/agents/runs/{run_id}")).json()
        assert done == {"run_id": str(run_id), "status": "cancelled"}
        run = await ended(owner, str(run_id))
        assert (run["status"], run["error_code"]) == ("cancelled", "run_cancelled")
        again = await owner.delete(f"/agents/runs/{run_id}")
        assert (again.status_code, again.json()["code"]) == (409, "run_already_ended")

    async def test_of_nobody_else(self, stranger: Person, held: dict[str, Any]) -> None:
        run = f"/agents/runs/{held['run_id']}"
        for answer in (
            await stranger.get(run),
            await stranger.get(f"{run}/events"),
            await stranger.delete(run),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")
        assert (await stranger.get("/agents/runs")).json()["runs"] == []


class TestFeedback:
    async def test_it_teaches(self, owner: Person) -> None:
        start = (await owner.get("/feedback/preferences")).json()["preferences"]
        assert start["preferred_length"] == "just_right"
        said = {"output_type": "moves", "rating": 3, "length_preference": "shorter"}
        for tone in ("warm", "warm", "dry"):
            answer = await owner.post("/feedback", json={**said, "tone_preference": tone})
            assert answer.status_code == 200, answer.text
        assert answer.json()["feedback"]["rating"] == 3
        assert answer.json()["preferences"] == {
            "preferred_tone": "warm",
            "preferred_length": "shorter",
            "preferred_detail": "just_right",
            "tone_confidence": 0.4,
            "feedback_count": 3,
        }

    @pytest.mark.parametrize(
        "body", [{"output_type": "moves"}, {"output_type": "moves", "rating": 6}, {"rating": 3}]
    )
    async def test_malformed(self, owner: Person, body: dict[str, Any]) -> None:
        assert (await owner.post("/feedback", json=body)).status_code == 422
