"""Plans at work: what goes side by side, what is gone on without, what is planned anew, what ends the run."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from backend.agents.base import RunContext, Specialist, Step
from backend.agents.specialists import SPECIALISTS
from backend.agents.wishes import wish
from backend.cognitive import planning
from backend.cognitive.planning import Wish
from backend.core.errors import Conflict, UpstreamFailed
from backend.domain import run_traces
from backend.skills.registry import SkillRegistry
from tests.fakes import five_calls
from tests.fakes.models import PaidModel
from tests.stage import Stage
from tests.workers import working

Request = five_calls.FiveCallsRequest


class Kitchen:
    """A specialist whose steps write down when they begin and end."""

    def __init__(self) -> None:
        self.steps: list[Step[Any]] = []
        self.log: list[str] = []
        self.found: dict[str, Any] = {}

    def step(self, id: str, *after: str, fails: Exception | None = None, **more: Any) -> None:
        async def run(ctx: RunContext, request: Request) -> dict[str, Any]:
            self.log.append(f"{id} begins")
            await asyncio.sleep(0.05)
            self.log.append(f"{id} ends")
            if fails:
                raise fails
            return {"made": id, "of": sorted(ctx.found)}

        self.steps.append(Step(id, f"Make {id}", run, depends_on=after, **more))

    def install(self) -> None:
        async def nothing(*_: Any) -> None:
            return None

        async def act(ctx: RunContext, request: Request) -> dict[str, Any]:
            self.found = dict(ctx.found)
            return {"result": {"type": "meal"}, "demands": {}}

        async def persist(ctx: RunContext, request: Request, draft: dict[str, Any]) -> Any:
            return draft["result"]

        SPECIALISTS[five_calls.REQUEST_TYPE] = Specialist(
            agent="cook",
            wish=wish.Wish(Request, nothing),
            skills=lambda request: [],
            act=act,
            persist=persist,
            steps=lambda request: self.steps,
        )


@pytest.fixture
def kitchen(stage: Stage) -> Iterator[Kitchen]:
    kitchen = Kitchen()
    kitchen.install()
    yield kitchen
    five_calls.uninstall()


async def outcome(stage: Stage) -> tuple[dict[str, Any], run_traces.Trace]:
    user = stage.sign_up()
    run_id = await stage.desk.admit(user, five_calls.REQUEST_TYPE, {})
    async with working(stage.settings):
        await stage.desk.wait(user, run_id, 20)
    trace = await run_traces.trace(stage.database.reader(user), run_id)
    return stage.run(run_id), trace


def planned(trace: run_traces.Trace) -> dict[str, dict[str, Any]]:
    assert trace.execution_plan
    return {step["step_id"]: step for step in trace.execution_plan["steps"]}


class TestWalk:
    async def test_independent_steps_overlap_and_dependent_ones_wait(
        self, stage: Stage, kitchen: Kitchen
    ) -> None:
        kitchen.step("dough")
        kitchen.step("sauce")
        kitchen.step("pizza", "dough", "sauce")
        run, trace = await outcome(stage)
        assert run["success"], run
        assert set(kitchen.log[:2]) == {"dough begins", "sauce begins"}
        assert kitchen.log[4:] == ["pizza begins", "pizza ends"]
        assert kitchen.found["pizza"]["of"] == ["dough", "sauce"]
        plan = trace.execution_plan
        assert plan
        assert (plan["strategy"], plan["made_by"]) == ("hybrid", "rules")
        assert {step["status"] for step in plan["steps"]} == {"completed"}
        seqs = [e["seq"] for e in stage.sql("select seq from public.run_events where run_id = %s order by seq", run["id"])]  # fmt: skip  # noqa: E501
        assert seqs == list(range(1, len(seqs) + 1))

    async def test_dispensable_step_is_gone_on_without(
        self, stage: Stage, kitchen: Kitchen
    ) -> None:
        kitchen.step("olives", fails=UpstreamFailed("No olives."), can_fail=True)
        kitchen.step("pizza", "olives")
        run, trace = await outcome(stage)
        assert run["success"], run
        assert kitchen.found == {"pizza": {"made": "pizza", "of": []}}
        olives = planned(trace)["olives"]
        assert (olives["status"], olives["error"]) == ("failed", "No olives.")
        assert olives["fallback_strategy"] == "go on without it"

    async def test_spare_step_takes_the_place_of_a_failed_one_once(
        self, stage: Stage, kitchen: Kitchen
    ) -> None:
        kitchen.step("fresh", fails=UpstreamFailed("Shop closed."), fallback="tinned")
        kitchen.step("tinned", spare=True)
        kitchen.step("pizza", "fresh")
        run, trace = await outcome(stage)
        assert run["success"], run
        assert kitchen.found["pizza"]["of"] == ["tinned"]
        plan = trace.execution_plan
        assert plan
        assert plan["revision"] == 1
        assert plan["revised_because"] == "fresh failed: Shop closed."
        assert "fresh" not in planned(trace)
        assert planned(trace)["pizza"]["depends_on"] == ["tinned"]

    async def test_there_is_no_third_plan(self, stage: Stage, kitchen: Kitchen) -> None:
        kitchen.step("fresh", fails=UpstreamFailed("Shop closed."), fallback="tinned")
        kitchen.step("tinned", spare=True, fails=UpstreamFailed("No opener."), fallback="dried")
        kitchen.step("dried", spare=True)
        run, _ = await outcome(stage)
        assert (run["status"], run["error"]) == ("failed", "No opener.")

    async def test_needed_step_that_fails_ends_the_run_with_its_own_error(
        self, stage: Stage, kitchen: Kitchen
    ) -> None:
        kitchen.step("oven", fails=Conflict("No gas.", code="no_gas"))
        kitchen.step("pizza", "oven")
        run, trace = await outcome(stage)
        assert (run["status"], run["error_code"], run["error"]) == ("failed", "no_gas", "No gas.")
        assert "pizza begins" not in kitchen.log
        assert trace.execution_plan
        assert stage.reservation(run["id"])["status"] == "released"

    async def test_spare_steps_alone_are_not_done(self, stage: Stage, kitchen: Kitchen) -> None:
        kitchen.step("fresh", fallback="tinned")
        kitchen.step("tinned", spare=True)
        await outcome(stage)
        assert kitchen.log == ["fresh begins", "fresh ends"]


async def test_a_step_may_not_spend_more_than_its_plan_allows(
    stage: Stage, kitchen: Kitchen, tmp_path: Any
) -> None:
    async def greedy(ctx: RunContext, request: Request) -> dict[str, Any]:
        for number in range(40):
            await ctx.skill(five_calls.SKILL, five_calls.inputs(number))
        return {}

    kitchen.steps.append(
        Step("greedy", "Ask and ask", greedy, skill=five_calls.SKILL, can_fail=True)
    )
    paid = PaidModel(tmp_path / "receipts", live=True, cost=1_000)
    user = stage.sign_up()
    run_id = await stage.desk.admit(user, five_calls.REQUEST_TYPE, {})
    async with working(stage.settings, paid):
        await stage.desk.wait(user, run_id, 20)
    run = stage.run(run_id)
    assert run["success"], run
    card = SkillRegistry.load().get(five_calls.SKILL)
    spent = sum(call["charged_micro_usd"] for call in stage.calls(run_id))
    assert 0 < spent <= 3 * card.max_cost_micro_usd
    assert stage.month(user) == (spent, 0)
    trace = await run_traces.trace(stage.database.reader(user), run_id)
    assert "has used what its plan allows" in str(planned(trace)["greedy"]["error"])


class TestRules:
    @staticmethod
    def wish(budget: float | None, **more: Any) -> Wish:
        registry = SkillRegistry.load()
        plain = {"tools": (), "depends_on": (), "fallback": None, "spare": False}
        steps = [
            {"id": id, "description": id, "skill": skill, "can_fail": True, "priority": p, **plain}
            for id, skill, p in (
                ("trends", "market_research", "low"),
                ("rivals", "competitor_analysis", "high"),
                ("memory", None, "low"),
            )
        ]
        cards = {s: registry.get(s) for s in ("market_research", "competitor_analysis")}
        draft = [registry.get("move_planning")]
        return Wish("moves", "m", "q", draft, steps, cards, free=False, budget_usd=budget, **more)

    def test_what_the_budget_has_no_room_for_is_left_out_least_first(self) -> None:
        rich = planning.plan(self.wish(1.0))
        assert [s.step_id for s in rich.steps] == ["trends", "rivals", "memory", "step_1"]
        assert rich.total_estimated_cost == 0.12
        tight = planning.plan(self.wish(0.08))
        assert [s.step_id for s in tight.steps] == ["rivals", "memory", "step_1"]
        assert [out.step_id for out in tight.left_out] == ["trends"]
        poor = planning.plan(self.wish(0.01))
        assert [s.step_id for s in poor.steps] == ["memory", "step_1"]
        assert poor.steps[-1].depends_on == ["memory"]

    def test_same_wish_same_plan(self) -> None:
        assert planning.plan(self.wish(None)) == planning.plan(self.wish(None))
