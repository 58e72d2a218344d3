"""What is remembered changes the next plan, visibly; and what is erased changes it no more."""

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.api.test_sessions import execute, memories, until
from tests.founders import COMPANY, at_the_start
from tests.people import Person

pytestmark = pytest.mark.usefixtures("engine_worker")
GOAL = {"goal": "10 demo bookings from bakeries", "category": "capture"}


async def grounded(person: Person) -> None:
    """Evidence read and the company named: a plan speaks of what it sells."""
    founder = await at_the_start(person)
    await founder.bring("company.md", COMPANY.encode())
    await founder.ran(1, 2, 3, 4, 5)


async def plan(person: Person) -> dict[str, Any]:
    answer = await execute(person, str(uuid4()), **GOAL)
    assert answer["success"], answer
    move: dict[str, Any] = answer["output"]["move"]
    return move


async def forget(person: Person) -> None:
    """Everything, once the last plan has become a memory: that follows the answer by a job."""
    await until(person, 1, type="move")
    assert (await person.delete("/memory")).status_code == 200


def tasks(move: dict[str, Any]) -> list[dict[str, Any]]:
    return [task for day in move["execution"] for task in day["tasks"]]


def plays(move: dict[str, Any]) -> set[str]:
    return {task["card"] for task in tasks(move)}


def sentences(move: dict[str, Any]) -> float:
    texts = [task["description"] for task in tasks(move) if task["description"]]
    return sum(len(re.findall(r"[.!?](?: |$)", text)) for text in texts) / len(texts)


async def test_next_plan_plays_other_cards_than_the_last(paying_owner: Person) -> None:
    await grounded(paying_owner)
    first = await plan(paying_owner)
    await until(paying_owner, 1, type="move")
    second = await plan(paying_owner)
    assert plays(second) != plays(first)
    assert len(plays(second) - plays(first)) >= 2
    await until(paying_owner, 2, type="move")
    await forget(paying_owner)
    third = await plan(paying_owner)
    assert plays(third) == plays(first)


async def test_feedback_changes_the_next_plan_until_it_is_erased(paying_owner: Person) -> None:
    await grounded(paying_owner)
    before = await plan(paying_owner)
    calls = [task for task in tasks(before) if task["platform"] == "phone"]
    assert calls, "the first plan has calls to be tired of"
    await forget(paying_owner)
    said = {
        "output_type": "move",
        "rating": 2,
        "what_needs_improvement": ["far too many phone calls"],
        "length_preference": "shorter",
        "detail_preference": "less_detail",
    }
    assert (await paying_owner.post("/feedback", json=said)).status_code == 200
    after = await plan(paying_owner)
    fewer = [task for task in tasks(after) if task["platform"] == "phone"]
    assert len(fewer) < len(calls)
    assert len(tasks(after)) < len(tasks(before))
    assert sentences(after) < sentences(before)
    kept = await memories(paying_owner, type="feedback")
    assert any("far too many phone calls" in item["content"] for item in kept)

    await forget(paying_owner)
    assert (await paying_owner.get("/feedback/preferences")).json()["preferences"][
        "preferred_length"
    ] == "just_right"
    again = await plan(paying_owner)
    assert tasks(again) == tasks(before)


async def test_feedback_of_another_workspace_teaches_nothing(
    paying_owner: Person, stranger: Person
) -> None:
    await grounded(paying_owner)
    before = await plan(paying_owner)
    await forget(paying_owner)
    said = {"output_type": "move", "rating": 1, "what_needs_improvement": ["no phone calls"]}
    await stranger.post("/feedback", json=said)
    assert tasks(await plan(paying_owner)) == tasks(before)


async def test_run_tells_that_it_was_reminded(owner: Person) -> None:
    await grounded(owner)
    answer = await execute(owner, str(uuid4()), **GOAL)
    trace = (await owner.get(f"/agents/runs/{answer['run_id']}")).json()["run"]
    assert trace["tools_used"] == ["recall_memory"]
    steps = {step["step_id"]: step for step in trace["execution_plan"]["steps"]}
    assert steps["recall"]["status"] == "completed"
    assert steps["step_1"]["depends_on"] == ["recall"]
    assert trace["skills_used"] == ["move_planning"]
