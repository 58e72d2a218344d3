"""What is remembered changes copy, daily wins and black box plays, as it does plans (test_learning)."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.test_sessions import grounded
from tests.people import Person

pytestmark = pytest.mark.usefixtures("engine_worker")
TOPIC = "bookkeeping for bakeries"


async def forget(person: Person) -> None:
    assert (await person.delete("/memory")).status_code == 200


async def made(person: Person, kind: str, session: str | None = None, **wish: Any) -> Any:
    body = {"request_type": kind, "request_data": wish, "session_id": session or str(uuid4())}
    answer = await person.post("/agents/execute", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["success"], answer.text
    return answer.json()["output"]


async def said(person: Person, about: str, **words: Any) -> None:
    body = {"output_type": about, "rating": 2, **words}
    assert (await person.post("/feedback", json=body)).status_code == 200


async def clear(person: Person, table: str) -> None:
    """As if nothing had been made yet, so that only memory tells two outputs apart."""
    statement = f"delete from public.{table} where workspace_id = %s"
    with person.sql() as sql:
        sql.execute(statement.encode(), (person.workspace_id,))


class TestMuse:
    async def write(
        self, person: Person, session: str | None = None, **wish: Any
    ) -> dict[str, Any]:
        wish = {"content_type": "social", "topic": TOPIC, **wish}
        asset: dict[str, Any] = (await made(person, "muse", session, **wish))["asset"]
        await clear(person, "muse_assets")
        return asset

    async def test_an_earlier_wish_of_the_session(self, paying_owner: Person) -> None:
        await grounded(paying_owner)
        first = await self.write(paying_owner)
        session = str(uuid4())
        proof = {"content_type": "email", "topic": "show a number as proof that it works"}
        await self.write(paying_owner, session, **proof)
        assert (await self.write(paying_owner, session))["structure"] != first["structure"]
        assert (await self.write(paying_owner))["content"] == first["content"]

    async def test_feedback_and_what_was_thrown_away(self, paying_owner: Person) -> None:
        await grounded(paying_owner)
        first = await self.write(paying_owner)
        tired = "stop describing the problem that costs buyers time or money"
        await said(
            paying_owner, "email", length_preference="shorter", what_needs_improvement=[tired]
        )
        learned = await self.write(paying_owner)
        assert learned["structure"] != first["structure"]
        assert len(learned["blocks"]) < len(first["blocks"])
        await forget(paying_owner)
        assert (await self.write(paying_owner))["content"] == first["content"]


class TestDailyWins:
    async def test_what_was_skipped_steps_back(self, paying_owner: Person) -> None:
        await grounded(paying_owner)
        first = await self.find(paying_owner)
        again = await self.find(paying_owner)
        assert [win["hook"] for win in again] == [win["hook"] for win in first]
        tired = next(win for win in first if win["source_kind"] == "evidence")
        assert (await paying_owner.post(f"/daily-wins/{tired['id']}/skip")).status_code == 200
        await said(paying_owner, "daily_win", length_preference="shorter")
        learned = await self.find(paying_owner)
        assert learned[0]["topic"] != tired["topic"]
        assert max(len(win["outline"]) for win in learned) < len(tired["outline"])

    async def find(self, person: Person) -> list[dict[str, Any]]:
        """A run's ideas; then a month goes by, and all may come again."""
        wins: list[dict[str, Any]] = (await made(person, "daily_wins"))["wins"]
        with person.sql() as sql:
            sql.execute(
                "update public.daily_wins set won_on = won_on - 31 where workspace_id = %s",
                (person.workspace_id,),
            )
        return sorted(wins, key=lambda win: -win["relevance_score"])


class TestBlackbox:
    async def test_remarks_lead_to_another_play(self, paying_owner: Person) -> None:
        await grounded(paying_owner)
        first = await self.plan(paying_owner)
        await said(paying_owner, "strategy", what_needs_improvement=[first.partition(": ")[2]])
        assert await self.plan(paying_owner) != first
        await forget(paying_owner)
        assert await self.plan(paying_owner) == first

    async def plan(self, person: Person) -> str:
        wish = {"focus_area": "acquisition", "risk_level": 3}
        name: str = (await made(person, "blackbox", **wish))["strategy"]["name"]
        await clear(person, "blackbox_strategies")
        return name
