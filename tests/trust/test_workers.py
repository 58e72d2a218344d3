"""R1 at full size: workers killed at every boundary of many runs (small: tests/cognitive/test_crash.py)."""

import asyncio
import itertools
import time
from pathlib import Path
from uuid import UUID

import pytest

from backend.services.jobs import STALLED_AFTER_SECONDS
from tests.fakes import five_calls
from tests.fakes.dying_worker import PLACES
from tests.fakes.models import purchases
from tests.stage import Stage, stage
from tests.trust.conftest import Figure
from tests.workers import crew_of_the_dying

__all__ = ["stage"]
RUNS, WORKERS = 200, 2
GRACE_SECONDS = 2.0
COUNT = "select count(*) as n from public.agent_executions where status in ('completed', 'failed')"
RESUMED = """
select run_id, extract(epoch from created_at)::float8 as at
from public.run_events where data ->> 'node' = 'resume'
"""


async def test_killed_at_every_boundary(
    stage: Stage, tmp_path: Path, full: bool, figure: Figure
) -> None:
    if not full:
        pytest.skip("small form: tests/cognitive/test_crash.py")
    user = stage.sign_up(budget_usd=100.0)
    wishes = list(itertools.islice(itertools.cycle(PLACES), RUNS))
    runs: list[tuple[str, UUID]] = [
        (place, await stage.desk.admit(user, five_calls.REQUEST_TYPE, {"die": place}))
        for place in wishes
    ]
    began = time.monotonic()
    with crew_of_the_dying(stage.settings, tmp_path, size=WORKERS, max_attempts=2) as crew:
        async with asyncio.timeout(3600):
            while stage.sql(COUNT)[0]["n"] < RUNS:
                assert crew.poll() is None, "a worker ended in another way than SIGKILL"
                await asyncio.sleep(0.5)
    calls = [call for _, run_id in runs for call in stage.calls(run_id)]
    bought = purchases(tmp_path / "receipts")
    in_flight = wishes.count("after_purchase")
    assert all(stage.run(run_id)["status"] == "completed" for _, run_id in runs)
    assert len(calls) == RUNS * five_calls.CALLS
    assert sum(n - 1 for n in bought.values()) == in_flight, "bought twice without being cut off"
    charged = sum(call["charged_micro_usd"] for call in calls)
    assert stage.month(user) == (charged, 0)
    resumes = stage.sql(RESUMED)
    assert len(resumes) == RUNS - wishes.count("settled")
    died = {row["run_id"]: (tmp_path / "markers" / str(row["run_id"])).stat() for row in resumes}
    resumed = max(row["at"] - died[row["run_id"]].st_mtime for row in resumes)
    figure(
        "R1",
        runs=RUNS,
        deaths=len((tmp_path / "deaths").read_text()),
        ended=RUNS,
        ledger_rows=len(calls),
        lost=0,
        duplicated=0,
        slowest_resume_s=round(resumed, 1),
        took_s=round(time.monotonic() - began),
    )
    assert resumed <= STALLED_AFTER_SECONDS + GRACE_SECONDS
