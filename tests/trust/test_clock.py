"""R11: the clock of a worker's machine jumps by days, to and fro: the ledger's clock is the database's."""

import asyncio
import random
import time
from pathlib import Path

import pytest

from tests.fakes import five_calls
from tests.fakes.models import purchases
from tests.stage import Stage, stage
from tests.trust.conftest import Figure
from tests.trust.crew import Worker

__all__ = ["stage"]
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
RUNS, SMALL = 200, 4
FARTHEST_DAYS = 40
ENDED = "select count(*) as n from public.agent_executions where status in ('completed', 'failed')"
HELD = "select count(*) as n from public.budget_reservations where status = 'held'"


@pytest.mark.skipif(LIBRARY is None, reason="needs libfaketime (Debian: faketime)")
async def test_jumps_while_runs_go_on(
    stage: Stage, tmp_path: Path, full: bool, figure: Figure
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0")
    worker = Worker(
        stage.settings,
        str(tmp_path / "receipts"),
        module="tests.fakes.paying_worker",
        LD_PRELOAD=str(LIBRARY),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_CACHE_DURATION="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    user = stage.sign_up(budget_usd=100.0)
    order = random.Random(11)
    jumps = 0
    wanted = RUNS if full else SMALL
    runs = [await stage.desk.admit(user, five_calls.REQUEST_TYPE, {}) for _ in range(wanted)]
    began = time.monotonic()
    worker.start()
    try:
        async with asyncio.timeout(600):
            while stage.sql(ENDED)[0]["n"] < wanted or stage.sql(HELD)[0]["n"]:
                clock.write_text(f"{order.randint(-FARTHEST_DAYS, FARTHEST_DAYS):+d}d")
                jumps += 1
                await asyncio.sleep(0.5)
    finally:
        worker.stop()
    bought = purchases(tmp_path / "receipts")
    calls = [call for run_id in runs for call in stage.calls(run_id)]
    figure(
        "R11",
        runs=wanted,
        jumps=jumps,
        days=FARTHEST_DAYS,
        calls=len(calls),
        bought_twice=sum(n - 1 for n in bought.values()),
        took_s=round(time.monotonic() - began),
    )
    assert all(stage.run(run_id)["status"] == "completed" for run_id in runs)
    assert len(calls) == len(bought) == wanted * five_calls.CALLS
    assert set(bought.values()) == {1}
    assert stage.month(user) == (sum(call["charged_micro_usd"] for call in calls), 0)
    assert all(call["created_at"].date() == calls[0]["created_at"].date() for call in calls)
