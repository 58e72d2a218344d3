"""The queue and the desk: admission, waiting, following, and what happens when things go away."""

import asyncio
import itertools
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from backend.core.auth import AuthenticatedUser
from backend.core.errors import BudgetExceeded, NotFound
from backend.core.redis import connect
from backend.services import jobs
from backend.services.run_desk import RunDesk
from backend.services.usage_tracker import RUN_RESERVE_MICRO_USD
from tests.fakes import five_calls
from tests.fakes.models import CAP_MICRO_USD, COST_MICRO_USD, PaidModel, purchases
from tests.stage import Stage
from tests.workers import working


async def admit(stage: Stage, user: AuthenticatedUser) -> UUID:
    return await stage.desk.admit(user, five_calls.REQUEST_TYPE, {})


class TestAdmission:
    async def test_a_hundred_at_once_on_a_budget_for_ten(
        self, stage: Stage, tmp_path: Path
    ) -> None:
        user = stage.sign_up(budget_usd=10 * RUN_RESERVE_MICRO_USD / 1_000_000)
        results = await asyncio.gather(
            *(admit(stage, user) for _ in range(100)), return_exceptions=True
        )
        admitted = [result for result in results if isinstance(result, UUID)]
        refused = [result for result in results if isinstance(result, BudgetExceeded)]
        assert (len(admitted), len(refused)) == (10, 90)
        assert {error.detail for error in refused} == {"Insufficient budget. Remaining: $0.0000"}
        assert stage.month(user) == (0, 10 * RUN_RESERVE_MICRO_USD)
        assert stage.sql("select count(*) as n from public.agent_executions")[0]["n"] == 10
        async with working(stage.settings, PaidModel(tmp_path / "r")):
            for run_id in admitted:
                assert (await stage.desk.wait(user, run_id, 60))["status"] == "completed"
        bought = 10 * five_calls.CALLS
        assert sum(purchases(tmp_path / "r").values()) == bought
        assert stage.month(user) == (bought * COST_MICRO_USD, 0)

    async def test_nothing_is_queued_when_refused(self, stage: Stage) -> None:
        user = stage.sign_up(budget_usd=0)
        with pytest.raises(BudgetExceeded):
            await admit(stage, user)
        assert stage.sql("select id from jobs.procrastinate_jobs") == []
        assert stage.sql("select run_id from public.run_events") == []


class TestDesk:
    async def test_events_come_in_order_and_resume_after_any_of_them(self, stage: Stage) -> None:
        user = stage.sign_up()
        run_id = await admit(stage, user)
        async with working(stage.settings):
            events = [event async for event in stage.desk.follow(user, run_id)]
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert (events[0].type, events[-1].type) == ("started", "complete")
        assert events[-1].data["output"]["type"] == "five_calls"
        later = [event async for event in stage.desk.follow(user, run_id, after=events[3].seq)]
        assert later == events[4:]

    async def test_a_strangers_run_is_not_found(self, stage: Stage) -> None:
        run_id = await admit(stage, stage.sign_up())
        stranger = stage.sign_up()
        with pytest.raises(NotFound):
            await stage.desk.wait(stranger, run_id, 5)
        with pytest.raises(NotFound):
            await stage.desk.wait(stranger, uuid4(), 5)

    async def test_waiting_ends_at_its_deadline_and_the_run_goes_on(
        self, stage: Stage, tmp_path: Path
    ) -> None:
        user, slow = stage.sign_up(), PaidModel(tmp_path / "r")
        slow.gate.clear()
        run_id = await admit(stage, user)
        async with working(stage.settings, slow):
            assert (await stage.desk.wait(user, run_id, 0.3))["status"] in ("queued", "running")
            slow.gate.set()
            assert (await stage.desk.wait(user, run_id, 20))["status"] == "completed"

    async def test_works_without_redis(self, stage: Stage) -> None:
        gone = stage.settings.model_copy(
            update={"redis_url": type(stage.settings.redis_url)("redis://127.0.0.1:1/0")}
        )
        user, redis = stage.sign_up(), connect(gone)
        async with RunDesk(stage.database, redis, jobs.create_jobs_app(gone)) as desk:
            run_id = await desk.admit(user, five_calls.REQUEST_TYPE, {})
            async with working(gone):
                run = await desk.wait(user, run_id, 20)
        await redis.aclose()
        assert run["status"] == "completed"


class TestQueue:
    async def test_a_stopped_worker_hands_back_what_it_cannot_finish(
        self, stage: Stage, tmp_path: Path
    ) -> None:
        user, stuck = stage.sign_up(), PaidModel(tmp_path / "r")
        stuck.gate.clear()
        run_id = await admit(stage, user)
        async with working(stage.settings, stuck, grace_seconds=0.1):
            async with asyncio.timeout(20):
                while not stage.calls(run_id):
                    await asyncio.sleep(0.02)
        assert stage.sql("select status from jobs.procrastinate_jobs")[0]["status"] == "todo"
        async with working(stage.settings, PaidModel(tmp_path / "r")):
            assert (await stage.desk.wait(user, run_id, 20))["status"] == "completed"
        cut_off = five_calls.CALLS * COST_MICRO_USD + CAP_MICRO_USD
        assert stage.month(user) == (cut_off, 0)

    async def test_a_run_without_a_job_is_queued_again(self, stage: Stage) -> None:
        user = stage.sign_up()
        run_id = await admit(stage, user)
        stage.sql("delete from jobs.procrastinate_jobs")
        stage.sql("update public.agent_executions set started_at = now() - interval '1 minute'")
        async with working(stage.settings):
            assert (await stage.desk.wait(user, run_id, 20))["status"] == "completed"

    async def test_runs_of_one_lock_go_one_after_the_other(
        self, stage: Stage, tmp_path: Path
    ) -> None:
        user, model = stage.sign_up(), PaidModel(tmp_path / "r")
        ids = [
            await stage.desk.admit(user, five_calls.REQUEST_TYPE, {}, lock="session:1")
            for _ in range(3)
        ]
        async with working(stage.settings, model):
            for run_id in ids:
                assert (await stage.desk.wait(user, run_id, 20))["status"] == "completed"
        owners = stage.sql("select run_id from public.run_calls order by created_at")
        changes = [a for a, b in itertools.pairwise(owners) if a != b]
        assert len(changes) == len(ids) - 1

    async def test_old_reservations_are_given_back(self, stage: Stage) -> None:
        user = stage.sign_up()
        run_id = await admit(stage, user)
        stage.sql("update public.budget_reservations set expires_at = now() - interval '1 s'")
        queue = jobs.create_jobs_app(stage.settings)
        async with queue.open_async():
            await queue.configure_task("expire_reservations", queue=jobs.QUEUE).defer_async(
                timestamp=0
            )
        async with working(stage.settings):
            async with asyncio.timeout(20):
                while stage.reservation(run_id)["status"] == "held":
                    await asyncio.sleep(0.02)
            await stage.desk.wait(user, run_id, 20)
        assert stage.month(user) == (0, 0)
