"""A worker may die anywhere (TRUST R1): the run ends on another, and nothing is bought twice."""

import asyncio
from pathlib import Path
from uuid import UUID

from backend.services.usage_tracker import RUN_RESERVE_MICRO_USD
from tests.fakes import five_calls
from tests.fakes.dying_worker import PLACES, POISON
from tests.fakes.models import CAP_MICRO_USD, COST_MICRO_USD, purchases
from tests.stage import Stage
from tests.workers import crew_of_the_dying

MAX_ATTEMPTS = 2
MOST_DEATHS = 3
IN_FLIGHT = frozenset({"before_purchase", "after_purchase"})
ENDED = "select count(*) as n from public.agent_executions where status in ('completed', 'failed')"


async def test_a_killed_workers_run_ends_elsewhere(stage: Stage, tmp_path: Path) -> None:
    user = stage.sign_up()
    wishes = [*PLACES, POISON]
    runs = {wish: await _admit(stage, user, wish) for wish in wishes}
    with crew_of_the_dying(stage.settings, tmp_path, size=2, max_attempts=MAX_ATTEMPTS) as crew:
        async with asyncio.timeout(120):
            while stage.sql(ENDED)[0]["n"] < len(wishes):
                assert crew.poll() is None, "a worker ended in another way than SIGKILL"
                await asyncio.sleep(0.1)
    bought = purchases(tmp_path / "receipts")
    for place in PLACES:
        _ended_once(stage, runs[place], place, bought)
    _given_up(stage, runs[POISON])
    lost = CAP_MICRO_USD * len(IN_FLIGHT)
    assert stage.month(user) == (len(PLACES) * five_calls.CALLS * COST_MICRO_USD + lost, 0)
    assert len((tmp_path / "deaths").read_text()) == len(PLACES) + MOST_DEATHS


async def _admit(stage: Stage, user: object, wish: str) -> UUID:
    return await stage.desk.admit(user, five_calls.REQUEST_TYPE, {"die": wish})  # type: ignore[arg-type]


def _ended_once(stage: Stage, run_id: UUID, place: str, bought: dict[str, int]) -> None:
    """Five calls, each journaled once and bought once; a call cut off in flight is counted, not hidden."""
    run, calls = stage.run(run_id), stage.calls(run_id)
    assert (run["status"], run["success"]) == ("completed", True), place
    assert run["attempts"] == (1 if place == "settled" else 2), place
    assert len(calls) == five_calls.CALLS
    receipts = {key: n for key, n in bought.items() if key.startswith(str(run_id))}
    twice = {key for key, n in receipts.items() if n > 1}
    assert len(receipts) == five_calls.CALLS
    assert len(twice) == (place == "after_purchase"), place
    assert sum(call["attempts"] - 1 for call in calls) == (place in IN_FLIGHT), place
    lost = CAP_MICRO_USD if place in IN_FLIGHT else 0
    charged = five_calls.CALLS * COST_MICRO_USD + lost
    assert sum(call["charged_micro_usd"] for call in calls) == charged
    assert round(run["total_cost"] * 1_000_000) == charged
    assert stage.reservation(run_id)["status"] == "settled"
    events = stage.sql(
        "select seq, type from public.run_events where run_id = %s order by seq", run_id
    )
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events].count("complete") == 1


def _given_up(stage: Stage, run_id: UUID) -> None:
    run = stage.run(run_id)
    assert (run["status"], run["error_code"]) == ("failed", "run_gave_up")
    assert run["attempts"] == MOST_DEATHS + 1
    assert stage.reservation(run_id)["status"] == "released"
    assert stage.reservation(run_id)["amount_micro_usd"] == RUN_RESERVE_MICRO_USD
