"""Workers killed (SIGKILL) while the steps run: the run goes on; nothing is lost, nothing there twice."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from backend.core.config import Settings
from backend.domain.onboarding_steps import STEPS
from tests.founders import COMPANY, FILES, Founder, at_the_start
from tests.people import Person
from tests.workers import environment, working

KILLED_AT = (1, 12)
"""Steps done when a worker dies: in the facts, in the middle. A third death would end the run as poison."""


@contextlib.contextmanager
def mortal_worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "backend.worker"], env=environment(settings))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def brought(person: Person) -> Founder:
    founder = await at_the_start(person)
    await founder.bring("company.md", COMPANY.encode())
    for name in ("tiles.pdf", "yoga.docx"):
        await founder.bring(name, FILES[name][0])
    return founder


async def progress(founder: Founder) -> dict[str, Any]:
    found: dict[str, Any] = (await founder.person.get(f"{founder.path}/run")).json()
    return found


async def done_at_least(founder: Founder, steps: int) -> None:
    async with asyncio.timeout(90):
        while (now := await progress(founder)).get("done", 0) < steps:
            assert now["status"] in ("queued", "running"), now
            await asyncio.sleep(0.01)


async def ended(founder: Founder) -> dict[str, Any]:
    async with asyncio.timeout(120):
        while (now := await progress(founder))["status"] in ("queued", "running"):
            await asyncio.sleep(0.1)
    return now


def quotes(founder: Founder, step: str = "2") -> list[str]:
    with founder.person.sql() as sql:
        row = sql.execute(
            "select step_data -> %s -> 'data' -> 'facts' from public.onboarding_sessions where id = %s",
            (step, founder.session_id),
        ).fetchone()
    assert row is not None
    return [fact["quote"] for fact in row[0]]


async def test_killed_again_and_again(settings: Settings, owner: Person, stranger: Person) -> None:
    founder, undisturbed = await brought(owner), await brought(stranger)
    answer = await founder.person.post(f"{founder.path}/run", json={})
    assert answer.status_code == 200, answer.text
    for done in KILLED_AT:
        with mortal_worker(settings):
            await done_at_least(founder, done)
    async with working(settings):
        assert (await ended(founder))["status"] == "completed"
        await undisturbed.person.post(f"{undisturbed.path}/run", json={})
        assert (await ended(undisturbed))["status"] == "completed"

    assert set((await founder.states()).values()) == {"completed"}
    assert len(await founder.vault()) == 3
    assert quotes(founder) == quotes(undisturbed)
    assert founder.count("public.agent_executions") == 1
    with founder.person.sql() as sql:
        held = sql.execute(
            "select count(*) from public.budget_reservations where workspace_id = %s"
            " and status = 'held'",
            (owner.workspace_id,),
        ).fetchone()
        kept = sql.execute(
            "select step_data from public.onboarding_sessions where id = %s", (founder.session_id,)
        ).fetchone()
    assert held == (0,)
    assert kept is not None
    assert set(kept[0]) == {str(number) for number in STEPS}
    for each in (founder, undisturbed):
        completed = await each.person.post(f"{each.path}/complete")
        assert completed.status_code == 200, completed.text
        assert (await each.person.get("/icps")).json()["total"] == 1
