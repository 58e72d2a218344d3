"""A run of a real model, recorded and replayed: by somebody else, without a key, with nobody to ask."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from backend.core.config import Settings
from backend.services.models.google import Google
from backend.services.models.replay import Replay
from backend.skills.composers import scoring
from tests.api.test_sessions import execute
from tests.fakes.gemini import Gemini
from tests.founders import COMPANY, at_the_start
from tests.loopback import serving
from tests.people import Person
from tests.problems import problem
from tests.services.paying import month
from tests.workers import working

GOAL = {"goal": "10 demo bookings from bakeries", "category": "capture", "duration_days": 2}


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Gemini, str]]:
    gemini = Gemini()
    with serving(gemini.app) as url:
        yield gemini, url


async def grounded(person: Person) -> None:
    """By hand up to the facts, which the composer would give as well."""
    founder = await at_the_start(person)
    await founder.bring("company.md", COMPANY.encode())
    await founder.ran(1, 2)


def planned(answer: dict[str, Any]) -> list[tuple[str, str]]:
    assert answer["success"], answer
    days = answer["output"]["move"]["execution"]
    return [(task["title"], task["deliverable"]) for day in days for task in day["tasks"]]


async def test_recorded_here_replayed_there(
    owner: Person,
    stranger: Person,
    settings: Settings,
    service: tuple[Gemini, str],
    tmp_path: Path,
) -> None:
    gemini, url = service
    await asyncio.to_thread(scoring.warm_up)  # the first run is not to wait for it
    key = type(settings.database_url)("a-key")
    changes = {"model_provider": "google", "model_base_url": url, "gemini_api_key": key}
    async with working(settings, Google(settings.model_copy(update=changes))):
        await grounded(owner)
        real = await execute(owner, str(uuid4()), **GOAL)
    answer = await owner.get(f"/agents/runs/{real['run_id']}/recording")
    recording = answer.json()
    assert recording["complete"], recording
    asked_for = ["execution_planning", "move_planning", "output_reflection"]
    assert [a["skill"] for a in recording["answers"]] == asked_for
    problem(await stranger.get(f"/agents/runs/{real['run_id']}/recording"), 404, "run_not_found")

    async with working(settings):
        await grounded(stranger)
    file = tmp_path / "run.json"
    file.write_text(answer.text)
    replay = Replay(settings.model_copy(update={"model_provider": f"replay:{file}"}))
    asked = len(gemini.requests)
    async with working(settings, replay):
        again = await execute(stranger, str(uuid4()), **GOAL)
        other = await stranger.post(
            "/agents/execute",
            json={"request_type": "moves", "request_data": {**GOAL, "goal": "Sell more ovens"}},
        )
    assert planned(again) == planned(real)
    assert again["tokens_used"] == real["tokens_used"] > 0
    assert again["cost"] == 0
    assert month(stranger)[0] == 0
    assert len(gemini.requests) == asked
    assert other.json()["success"] is False
    assert "has no answer to this prompt" in other.json()["error"]


async def test_composed_runs_have_nothing_to_record(owner: Person, engine_worker: None) -> None:
    await grounded(owner)
    done = await execute(owner, str(uuid4()), **GOAL)
    recording = (await owner.get(f"/agents/runs/{done['run_id']}/recording")).json()
    assert (recording["answers"], recording["complete"]) == ([], True)
    assert recording["request_data"]["goal"] == GOAL["goal"]


def test_what_is_no_recording_is_refused_by_name(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"format": 2}))
    with pytest.raises(Exception, match="is no recording"):
        Replay(settings.model_copy(update={"model_provider": f"replay:{file}"}))
