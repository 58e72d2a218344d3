"""The graph at work: what a revision does, what holds an output back, what a worker's process promises."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from backend.agents.base import RunContext, Specialist
from backend.agents.graph import create_raptorflow_graph
from backend.agents.specialists import SPECIALISTS
from backend.agents.specialists.grounding import Grounding
from backend.agents.wishes.wish import Wish
from backend.core.errors import Conflict
from tests.cognitive.test_reflection import EVIDENCE, LIE, TEXT, TRUE, fact
from tests.fakes import five_calls
from tests.stage import Stage
from tests.workers import environment, working

Act = Any


def plan_of(*tasks: str) -> dict[str, Any]:
    def task(title: str) -> dict[str, Any]:
        return {
            "title": title,
            "description": "Do it.",
            "deliverable": "A list",
            "estimated_minutes": 9,
        }

    days = [{"day": 1, "tasks": [task(title) for title in tasks]}]
    return {
        "name": "Plan",
        "execution": days,
        "success_metrics": ["ten calls"],
        "contingencies": {"if rain": "call"},
    }


@pytest.fixture
def draft() -> Iterator[dict[str, Any]]:
    """What the specialist of `analytics` will hand to the reflection, for this test."""
    result: dict[str, Any] = {}

    async def act(ctx: RunContext, request: five_calls.FiveCallsRequest) -> dict[str, Any]:
        known = Grounding([fact(TEXT.split(". ")[1].rstrip("."), "pricing")], [EVIDENCE], {})
        ctx.checker = known.checker()
        return {"result": result, "demands": {}}

    async def persist(
        ctx: RunContext, request: five_calls.FiveCallsRequest, kept: dict[str, Any]
    ) -> dict[str, Any]:
        return {"type": "kept", **kept["result"]}

    async def check(tx: Any, request: Any) -> None:
        return None

    SPECIALISTS[five_calls.REQUEST_TYPE] = Specialist(
        agent="tester",
        wish=Wish(five_calls.FiveCallsRequest, check),
        skills=lambda request: ["move_planning"],
        act=act,
        persist=persist,
    )
    yield result
    five_calls.uninstall()


async def outcome(stage: Stage, *, nameless: bool = False) -> dict[str, Any]:
    user = stage.sign_up()
    run_id = await stage.desk.admit(user, five_calls.REQUEST_TYPE, {})
    if nameless:
        stage.sql("update public.agent_executions set session_id = null where id = %s", run_id)
    async with working(stage.settings):
        await stage.desk.wait(user, run_id, 20)
    return stage.run(run_id)


def test_the_graph_has_all_its_nodes() -> None:
    drawn = create_raptorflow_graph().get_graph()
    before, after = (
        ["perceive", "route", "plan", "step", "replan"],
        ["reflect", "critic", "approve"],
    )
    nodes = [*before, "act", *after, "finish", "join"]
    assert [name for name in drawn.nodes if not name.startswith("__")] == nodes


async def test_a_lie_does_not_reach_the_output(stage: Stage, draft: dict[str, Any]) -> None:
    draft.update(plan_of(TRUE, LIE))
    run = await outcome(stage)
    assert [task["title"] for task in run["output"]["execution"][0]["tasks"]] == [TRUE]
    assert run["corrections_made"] == 1
    assert run["quality_score"] == 98, "one task a day is fewer than the card wants"


async def test_a_run_without_a_session_ends_like_any(stage: Stage, draft: dict[str, Any]) -> None:
    draft.update(plan_of(TRUE))
    run = await outcome(stage, nameless=True)
    assert (run["status"], run["error"], run["session_id"]) == ("completed", None, None)


async def test_what_needs_approval_does_not_ship(stage: Stage, draft: dict[str, Any]) -> None:
    draft.update(plan_of(TRUE), type="ad_copy")
    run = await outcome(stage)
    assert (run["status"], run["error_code"]) == ("waiting_approval", None)
    assert run["completed_at"] is None
    gate = stage.sql("select * from public.approval_gates where run_id = %s", run["id"])[0]
    assert (gate["status"], gate["gate_type"], gate["risk_level"]) == ("pending", "content", "high")
    assert gate["pending_output"] == run["output"]
    assert stage.reservation(run["id"])["status"] == "settled"


async def test_a_refusal_keeps_its_status_and_gives_the_money_back(
    stage: Stage, draft: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(ctx: RunContext, request: Any) -> dict[str, Any]:
        raise Conflict("Not now.", code="not_now", until="tomorrow")

    monkeypatch.setattr(
        SPECIALISTS[five_calls.REQUEST_TYPE].__class__, "act", property(lambda self: refuse)
    )
    run = await outcome(stage)
    assert (run["status"], run["error"], run["error_code"]) == ("failed", "Not now.", "not_now")
    assert run["output"] == {"type": "not_now", "until": "tomorrow"}
    assert stage.reservation(run["id"])["status"] == "released"


async def test_a_bug_is_tried_again_then_ends_the_run(stage: Stage, draft: dict[str, Any]) -> None:
    draft["execution"] = 3  # no list: the measurement trips over it
    stage.settings.run_max_attempts = 2
    run = await outcome(stage)
    assert (run["status"], run["error"]) == ("failed", "Internal server error")
    assert (run["attempts"], run["error_code"]) == (2, "engine_failed")


async def test_a_worker_ends_with_its_parent(stage: Stage) -> None:
    """SIGKILL to the parent leaves it no chance to say goodbye."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], env=environment(stage.settings), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    line = await asyncio.to_thread(parent.stdout.readline)
    worker = psutil.Process(int(line))
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    assert await asyncio.to_thread(psutil.wait_procs, [worker], 15) is not None
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


PARENT = textwrap.dedent(
    """
    import os, subprocess, sys
    worker = subprocess.Popen([sys.executable, "-m", "backend.worker",
         f"--exit-with-parent={os.getpid()}"])
    print(worker.pid, flush=True)
    worker.wait()
    """
)
