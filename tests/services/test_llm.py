"""The model door: nothing is bought twice, nothing without cover, nothing live in a test."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from backend.core.database import Database
from backend.core.errors import BudgetExceeded, UpstreamFailed
from backend.domain import runs
from backend.domain.runs import ClaimedRun, LeaseLost
from backend.services import journal, llm
from backend.services.llm import (
    CallContext,
    Composer,
    LiveCallRefused,
    ModelDoor,
    ModelRequest,
    replays,
)
from tests.fakes.models import CAP_MICRO_USD, COST_MICRO_USD, PRICE, PaidModel, purchases
from tests.people import Person
from tests.services.paying import RESERVED, month, running


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


@pytest.fixture
async def run(owner: Person, database: Database) -> ClaimedRun:
    """A run of the owner, admitted and in this worker's hands."""
    return await running(owner, database)


async def claim_again(database: Database, run_id: UUID) -> ClaimedRun:
    """As another worker does when this one was taken for dead."""
    async with database.service("run_engine") as tx:
        claimed = await tx.one(*runs.claim(run_id))
    assert claimed is not None
    return ClaimedRun(**claimed)


def ask(goal: str = "g", **changes: Any) -> ModelRequest:
    request = ModelRequest(
        skill_id="echo",
        skill_version="1",
        inputs={"goal": goal},
        compose=lambda: {"said": goal},
        prompt=lambda: f"Say {goal}",
        max_cost_micro_usd=CAP_MICRO_USD,
    )
    return replace(request, **changes)


async def test_the_same_call_twice_at_once_is_bought_once(
    database: Database, run: ClaimedRun, owner: Person, tmp_path: Path
) -> None:
    model, calls = PaidModel(tmp_path / "r"), CallContext(run)
    model.gate.clear()
    door = ModelDoor(database, model)
    both = [asyncio.create_task(door.call(calls, ask())) for _ in range(2)]
    await asyncio.sleep(0.1)
    model.gate.set()
    first, second = await asyncio.gather(*both)
    assert first.output == second.output
    assert [first.replayed, second.replayed] == [False, True]
    assert list(purchases(tmp_path / "r").values()) == [1]
    assert month(owner) == (COST_MICRO_USD, RESERVED - COST_MICRO_USD)


class TestComposer:
    async def test_costs_nothing_and_says_what_it_is(
        self, database: Database, run: ClaimedRun, owner: Person
    ) -> None:
        reply = await ModelDoor(database, Composer()).call(CallContext(run), ask())
        assert (reply.output, reply.model, reply.cost_micro_usd) == ({"said": "g"}, "composer", 0)
        assert month(owner) == (0, RESERVED)

    async def test_is_journaled_like_any_model(self, database: Database, run: ClaimedRun) -> None:
        await ModelDoor(database, Composer()).call(CallContext(run), ask())
        again = await claim_again(database, run.id)
        calls = await replays(database, again)
        reply = await ModelDoor(database, Composer()).call(
            calls, ask(compose=lambda: {"said": "something else"})
        )
        assert reply.replayed
        assert reply.output == {"said": "g"}


class TestPaidModel:
    async def test_bills_out_of_the_reservation(
        self, database: Database, run: ClaimedRun, owner: Person, tmp_path: Path
    ) -> None:
        reply = await ModelDoor(database, PaidModel(tmp_path / "r")).call(CallContext(run), ask())
        assert (reply.tokens_input, reply.tokens_output, reply.price) == (100, 40, PRICE)
        assert month(owner) == (COST_MICRO_USD, RESERVED - COST_MICRO_USD)

    async def test_same_call_is_bought_once(
        self, database: Database, run: ClaimedRun, tmp_path: Path
    ) -> None:
        door, calls = ModelDoor(database, PaidModel(tmp_path / "r")), CallContext(run)
        first, second, other = [
            await door.call(calls, request) for request in (ask(), ask(), ask("other"))
        ]
        assert (first.replayed, second.replayed, other.replayed) == (False, True, False)
        assert sorted(purchases(tmp_path / "r").values()) == [1, 1]

    async def test_next_attempt_replays_what_was_bought(
        self, database: Database, run: ClaimedRun, owner: Person, tmp_path: Path
    ) -> None:
        door = ModelDoor(database, PaidModel(tmp_path / "r"))
        await door.call(CallContext(run), ask())
        again = await claim_again(database, run.id)
        reply = await door.call(await replays(database, again), ask())
        assert (reply.replayed, reply.cost_micro_usd) == (True, COST_MICRO_USD)
        assert sum(purchases(tmp_path / "r").values()) == 1
        assert month(owner) == (COST_MICRO_USD, RESERVED - COST_MICRO_USD)

    async def test_unknown_bill_is_charged_at_its_cap_and_shown_as_unknown(
        self, database: Database, run: ClaimedRun, owner: Person, tmp_path: Path
    ) -> None:
        door = ModelDoor(database, PaidModel(tmp_path / "r", cost=None))
        reply = await door.call(CallContext(run), ask())
        assert reply.cost_micro_usd is None
        assert month(owner) == (CAP_MICRO_USD, RESERVED - CAP_MICRO_USD)

    async def test_larger_cap_enlarges_the_reservation_within_the_budget(
        self, database: Database, run: ClaimedRun, owner: Person, tmp_path: Path
    ) -> None:
        door = ModelDoor(database, PaidModel(tmp_path / "r", cap=40_000, cost=39_000))
        await door.call(CallContext(run), ask(max_cost_micro_usd=40_000))
        assert month(owner) == (39_000, 1_000)

    async def test_without_cover_nothing_is_bought(
        self, database: Database, run: ClaimedRun, owner: Person, tmp_path: Path
    ) -> None:
        with owner.sql() as sql:
            sql.execute(
                "update public.users set budget_limit_monthly = 0.012 where id = %s", (owner.id,)
            )
        door = ModelDoor(database, PaidModel(tmp_path / "r", cap=40_000))
        with pytest.raises(BudgetExceeded) as refused:
            await door.call(CallContext(run), ask(max_cost_micro_usd=40_000))
        assert refused.value.detail == "Insufficient budget. Remaining: $0.0020"
        assert not purchases(tmp_path / "r")
        assert month(owner) == (0, RESERVED)

    async def test_card_caps_the_call(
        self, database: Database, run: ClaimedRun, tmp_path: Path
    ) -> None:
        door = ModelDoor(database, PaidModel(tmp_path / "r", cap=CAP_MICRO_USD + 1))
        with pytest.raises(BudgetExceeded) as refused:
            await door.call(CallContext(run), ask())
        assert refused.value.code == "skill_cap_exceeded"
        assert not purchases(tmp_path / "r")

    async def test_silence_is_bounded_and_counted_as_spent(
        self, database: Database, run: ClaimedRun, owner: Person, tmp_path: Path
    ) -> None:
        silent = PaidModel(tmp_path / "r")
        silent.gate.clear()
        with pytest.raises(UpstreamFailed) as failed:
            await ModelDoor(database, silent).call(CallContext(run), ask(timeout_seconds=0.05))
        assert failed.value.code == "model_timeout"
        assert month(owner) == (CAP_MICRO_USD, RESERVED - CAP_MICRO_USD)

    async def test_refusal_costs_nothing_and_may_be_tried_again(
        self, database: Database, run: ClaimedRun, owner: Person, tmp_path: Path
    ) -> None:
        def refuse() -> dict[str, Any]:
            raise UpstreamFailed("overloaded", code="model_overloaded")

        door = ModelDoor(database, PaidModel(tmp_path / "r"))
        with pytest.raises(UpstreamFailed):
            await door.call(CallContext(run), ask(compose=refuse))
        assert month(owner) == (0, RESERVED)
        reply = await door.call(CallContext(run), ask())
        assert reply.output == {"said": "g"}


class TestLease:
    async def test_worker_taken_for_dead_buys_nothing(
        self, database: Database, run: ClaimedRun, tmp_path: Path
    ) -> None:
        await claim_again(database, run.id)
        with pytest.raises(LeaseLost):
            await ModelDoor(database, PaidModel(tmp_path / "r")).call(CallContext(run), ask())
        assert not purchases(tmp_path / "r")

    async def test_answer_that_arrives_after_the_takeover_is_not_kept(
        self, database: Database, run: ClaimedRun, tmp_path: Path
    ) -> None:
        slow = PaidModel(tmp_path / "r")
        slow.gate.clear()
        late = asyncio.create_task(ModelDoor(database, slow).call(CallContext(run), ask()))
        async with asyncio.timeout(10):
            while not await self._is_open(database, run):
                await asyncio.sleep(0)
        await claim_again(database, run.id)
        slow.gate.set()
        with pytest.raises(LeaseLost):
            await late
        async with database.service("run_engine") as tx:
            assert await journal.finished(tx, run.id) == []

    @staticmethod
    async def _is_open(database: Database, run: ClaimedRun) -> bool:
        async with database.service("run_engine") as tx:
            row = await tx.one(
                "select 1 from public.run_calls where run_id = %(id)s and status = 'reserved'",
                {"id": run.id},
            )
        return row is not None


async def test_live_models_cannot_be_reached_from_a_test(
    database: Database, run: ClaimedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llm, "ALLOW_LIVE_CALLS", False)
    with pytest.raises(LiveCallRefused):
        await ModelDoor(database, PaidModel(tmp_path / "r", live=True)).call(
            CallContext(run), ask()
        )
    assert not purchases(tmp_path / "r")


def test_call_key_says_what_the_call_is() -> None:
    same = ask().key
    assert ask(prompt=lambda: "worded otherwise").key == same
    assert ask("other").key != same
    assert ask(skill_version="2").key != same
