"""Requests to the agents that ask for the impossible: a clear outcome, nothing stored, nothing spent."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.api.test_sessions import execute, grounded
from tests.people import Person
from tests.problems import problem

pytestmark = pytest.mark.usefixtures("engine_worker")
EXECUTE = "/agents/execute"


def runs_of(person: Person) -> tuple[int, int, int]:
    """Runs, moves, and micro-USD set aside."""
    with person.sql() as sql:
        row = sql.execute(
            "select (select count(*) from public.agent_executions where workspace_id = %(id)s),"
            " (select count(*) from public.moves where workspace_id = %(id)s),"
            " (select coalesce(sum(reserved_micro_usd), 0) from public.budget_months"
            "   where user_id = %(user)s)",
            {"id": person.workspace_id, "user": person.id},
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


@pytest.mark.parametrize("path", [EXECUTE, f"{EXECUTE}/stream", "/agents/runs"])
class TestRefused:
    async def test_unknown_request_type(self, owner: Person, path: str) -> None:
        body = {"request_type": "world_domination", "request_data": {}}
        document = problem(await owner.post(path, json=body), 422, "validation_failed")
        assert document["errors"][0]["pointer"] == "body/request_type"
        assert runs_of(owner) == (0, 0, 0)

    @pytest.mark.parametrize("request_type", ["moves", "foundation", "onboarding"])
    async def test_empty_request_data(self, owner: Person, path: str, request_type: str) -> None:
        body = {"request_type": request_type, "request_data": {}}
        document = problem(await owner.post(path, json=body), 422, "validation_failed")
        assert document["errors"][0]["pointer"].startswith("body/request_data")
        assert runs_of(owner) == (0, 0, 0)

    async def test_a_megabyte_of_text(self, owner: Person, path: str) -> None:
        body = {"request_type": "moves", "request_data": {"query": "x" * 1_000_000}}
        problem(await owner.post(path, json=body), 422, "validation_failed")
        more = {"request_type": "moves", "request_data": {"query": "x" * 2_000_000}}
        problem(await owner.post(path, json=more), 413, "payload_too_large")
        assert runs_of(owner) == (0, 0, 0)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("10 demo bookings from bakeries in 3 days and over 4 weeks", "3 days and 4 weeks"),
        (
            "win bakeries with 15 minutes a day and 3 hours a day",
            "15 minutes a day and 3 hours a day",
        ),
        ("win bakeries on linkedin, but without linkedin", "linkedin"),
    ],
)
async def test_what_contradicts_itself_is_asked_back(owner: Person, query: str, asked: str) -> None:
    answer = await execute(owner, str(uuid4()), query=query)
    assert answer["success"] is False
    assert answer["output"]["type"] == "clarification_needed"
    assert asked in " ".join(answer["output"]["questions"])
    assert answer["cost"] == 0
    assert runs_of(owner) == (1, 0, 0)


@pytest.mark.parametrize("noun", ["moves", "campaigns"])
async def test_whoever_waits_for_a_plan_is_asked_back_too(owner: Person, noun: str) -> None:
    wish = {"query": "win bakeries with 15 minutes a day and 3 hours a day"}
    if noun == "campaigns":
        wish["goal"] = wish["query"]
    document = problem(
        await owner.post(f"/{noun}/generate", json=wish), 422, "clarification_needed"
    )
    assert "15 minutes a day and 3 hours a day" in " ".join(document["questions"])


@pytest.mark.parametrize(
    "query",
    [
        "10 demo bookings from bakeries in 7 days, within one week",
        "win bakeries on whatsapp, not on linkedin, 30 minutes a day",
    ],
)
async def test_what_agrees_with_itself_is_planned(owner: Person, query: str) -> None:
    await grounded(owner)
    answer = await execute(owner, str(uuid4()), query=query)
    assert answer["success"], answer


async def test_outcome_is_told_in_the_trace(owner: Person) -> None:
    answer = await execute(owner, str(uuid4()), query="win bakeries in 3 days over 2 weeks")
    trace: dict[str, Any] = (await owner.get(f"/agents/runs/{answer['run_id']}")).json()["run"]
    assert trace["perceived_input"]["requires_clarification"] is True
    assert "3 days" in json.dumps(trace["final_output"])
