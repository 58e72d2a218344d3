"""Sessions: a second request remembers the first, with Redis or without, and never another workspace's."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from backend.core.config import Settings
from backend.core.redis import connect
from backend.core.redis_keys import working_memory
from tests.founders import COMPANY, at_the_start
from tests.people import Person

FIRST = {"goal": "10 demo bookings", "category": "capture", "duration_days": 5}
SECOND = "same as before but for dentists"


async def execute(person: Person, session: str, **data: Any) -> dict[str, Any]:
    body = {"request_type": "moves", "request_data": data, "session_id": session}
    answer = await person.post("/agents/execute", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def memories(person: Person, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.get("/memory", params=query)).json()["memories"]
    return found


async def until(person: Person, count: int, **query: Any) -> list[dict[str, Any]]:
    """The memories once there are so many: vectors follow the run's end by a job."""
    for _ in range(100):
        if len(found := await memories(person, **query)) >= count:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"fewer than {count} memories")


async def grounded(person: Person) -> None:
    """Evidence enough to plan from."""
    founder = await at_the_start(person)
    await founder.bring("company.md", COMPANY.encode())
    await founder.ran(1, 2)


async def remembers(owner: Person) -> dict[str, Any]:
    session = str(uuid4())
    await grounded(owner)
    await execute(owner, session, **FIRST)
    answer = await execute(owner, session, query=SECOND)
    assert answer["success"], answer
    move: dict[str, Any] = answer["output"]["move"]
    return move


@pytest.mark.usefixtures("engine_worker")
class TestSession:
    async def test_a_second_request_remembers_the_first(self, owner: Person) -> None:
        move = await remembers(owner)
        assert move["goal"] == "10 demo bookings for dentists"
        assert (move["category"], move["duration_days"]) == ("capture", 5)

    async def test_what_is_said_anew_wins(self, owner: Person) -> None:
        await grounded(owner)
        session = str(uuid4())
        await execute(owner, session, **FIRST)
        answer = await execute(owner, session, query="the same again but in 3 days")
        assert answer["output"]["move"]["duration_days"] == 3
        assert answer["output"]["move"]["goal"] == "10 demo bookings"

    async def test_the_icp_that_is_named_becomes_the_target(self, owner: Person) -> None:
        icp = (await owner.post("/icps", json={"name": "Dentists in Pune"})).json()["icp"]
        move = await remembers(owner)
        assert move["target_icp_id"] == icp["id"]

    async def test_another_session_asks_back(self, owner: Person) -> None:
        await execute(owner, str(uuid4()), **FIRST)
        answer = await execute(owner, str(uuid4()), query=SECOND)
        assert answer["output"]["type"] == "clarification_needed"
        assert "earlier" in answer["output"]["questions"][0]

    async def test_a_stranger_with_the_same_session_id(
        self, owner: Person, stranger: Person
    ) -> None:
        session = str(uuid4())
        await execute(owner, session, **FIRST)
        answer = await execute(stranger, session, query=SECOND)
        assert answer["output"]["type"] == "clarification_needed"

    async def test_the_session_id_may_stand_in_the_data(self, owner: Person) -> None:
        session = str(uuid4())
        body = {"request_type": "moves", "request_data": {**FIRST, "session_id": session}}
        answer = await owner.post("/agents/execute", json=body)
        assert answer.json()["session_id"] == session

    async def test_what_a_run_leaves(self, owner: Person) -> None:
        await grounded(owner)
        session = str(uuid4())
        await execute(owner, session, query="a week of calls to win five clinics")
        kinds = [m["type"] for m in await memories(owner, session_id=session)]
        assert kinds[:3] == ["execution", "conversation", "conversation"]
        await until(owner, 1, type="move")
        (found,) = await memories(owner, q="phoning clinics", type="move")
        assert found["reference_table"] == "moves"

    async def test_an_erased_session_is_forgotten(self, owner: Person) -> None:
        session = str(uuid4())
        await execute(owner, session, **FIRST)
        gone = (await owner.delete("/memory", params={"session_id": session})).json()
        assert gone["count"] >= 3
        answer = await execute(owner, session, query=SECOND)
        assert answer["output"]["type"] == "clarification_needed"

    async def test_ten_messages_for_an_hour(self, owner: Person, settings: Settings) -> None:
        session = uuid4()
        await execute(owner, str(session), **FIRST)
        redis = connect(settings)
        key = working_memory(owner.workspace_id, session)
        for _ in range(50):
            if await redis.exists(key):
                break
            await asyncio.sleep(0.05)
        assert 3500 < await redis.ttl(key) <= 3600
        await redis.aclose()
