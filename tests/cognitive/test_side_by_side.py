"""A campaign's moves are planned side by side: overlapping, bounded, bought once, within the budget, and said
when they fail."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from backend.cognitive.engine import CognitiveEngine
from backend.core.auth import AuthenticatedUser
from backend.core.config import Settings
from backend.core.redis import connect
from backend.services import llm, recordings
from backend.services.egress import Egress
from backend.services.llm import ModelDoor, ModelProvider
from backend.services.models.google import Google
from backend.services.models.prices import price_of
from backend.services.models.replay import Replay
from backend.worker import create_engine
from tests.api.test_injection import plan
from tests.fakes.gemini import USAGE, Gemini, asked
from tests.loopback import serving
from tests.stage import Stage
from tests.workers import environment

OUTLINE, MOVE = "Plan a campaign:", "Plan a move:"
NAMES = ["Be seen", "Be asked", "Be trusted", "Be kept", "Be told of", "Be missed"]
REQUEST = {"objective": "lead_gen", "goal": "demo bookings from bakeries", "duration_days": 30}
WIDTH = 3
PRICE = price_of("gemini-3.8-flash")
assert PRICE is not None
BILL = PRICE.cost_micro_usd(110, 100, 10)
"""Of the fake's usage, with the model of the outline and the moves."""
CAP = 20_000
"""Of the card of a move; a call is covered at no more."""


def outline() -> dict[str, Any]:
    """Six moves in two phases, of five days each."""
    moves = [
        {"name": name, "category": "capture", "purpose": f"{name} by bakers", "duration_days": 5}
        for name in NAMES
    ]
    phases = [
        {"name": name, "category": "capture", "purpose": "Bakers ask for a demo", "moves": part}
        for name, part in (("First", moves[:3]), ("Then", moves[3:]))
    ]
    return {"name": "Bakers ask", "goal": "demo bookings from bakeries", "phases": phases}


class Slow(JSONResponse):
    """An answer that takes a while; how many are under way at once is counted."""

    def __init__(self, planner: "Planner", content: Any, status: int) -> None:
        super().__init__(content, status)
        self._planner = planner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        planner = self._planner
        planner.now += 1
        planner.peak = max(planner.peak, planner.now)
        try:
            await asyncio.sleep(planner.seconds)
        finally:
            planner.now -= 1
        await super().__call__(scope, receive, send)


class Planner:
    """The fake's side: it outlines six moves and takes its time to plan each."""

    def __init__(self, gemini: Gemini) -> None:
        self.seconds, self.now, self.peak = 0.25, 0, 0
        self.failing = ""
        self.usage: dict[str, int] = USAGE
        self.begun: Callable[[int], None] = lambda number: None
        """Told how many moves were asked for so far."""
        self.gemini = gemini
        gemini.requests.clear()
        gemini.always = self._answer

    def _answer(self, gemini: Gemini, body: dict[str, Any], stream: bool) -> JSONResponse:
        prompt = asked(body)
        if not prompt.startswith(MOVE):
            said = json.dumps(outline()) if prompt.startswith(OUTLINE) else gemini.composed(prompt)
            return JSONResponse(_said(said, USAGE))
        self.begun(len(self.moves()))
        name = _named(prompt)
        if name == self.failing:
            error = {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}
            return Slow(self, {"error": error}, 400)
        text = json.dumps(plan(f"Ring a baker and ask: {name.lower()}?"))
        return Slow(self, _said(text, self.usage), 200)

    def moves(self) -> list[str]:
        """The moves that were asked for, in order."""
        prompts = map(asked, self.gemini.requests)
        return [_named(prompt) for prompt in prompts if prompt.startswith(MOVE)]


def _said(text: str, usage: dict[str, int]) -> dict[str, Any]:
    content = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}
    return {"candidates": [{**content, "index": 0}], "usageMetadata": usage}


def _named(prompt: str) -> str:
    return str(json.loads(prompt.split("<data>\n")[1].split("\n</data>")[0])["name"])


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Gemini, str]]:
    gemini = Gemini()
    with serving(gemini.app) as url:
        yield gemini, url


@pytest.fixture
def planner(service: tuple[Gemini, str]) -> Iterator[Planner]:
    yield Planner(service[0])
    service[0].always = None


Engine = Callable[..., Awaitable[CognitiveEngine]]


@pytest.fixture
async def engine(
    stage: Stage, service: tuple[Gemini, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Engine]:
    """Makes engines that ask so many at once, of the fake or of another provider."""
    monkeypatch.setattr(llm, "ALLOW_LIVE_CALLS", True)
    async with contextlib.AsyncExitStack() as stack:

        async def make(
            width: int = WIDTH, provider: ModelProvider | None = None
        ) -> CognitiveEngine:
            own = settings_of(stage, service[1], width)
            chosen = provider or Google(own)
            await chosen.load()
            redis, egress = await connect(own), Egress()
            door = ModelDoor(stage.database, chosen)
            made = create_engine(own, stage.database, redis, door, egress)
            for closed in (redis.aclose, egress.aclose, made.ringer.aclose, chosen.aclose):
                stack.push_async_callback(closed)
            return made

        yield make


def settings_of(stage: Stage, url: str, width: int) -> Settings:
    key = type(stage.settings.database_url)("a-key")
    return stage.settings.model_copy(
        update={
            "model_provider": "google",
            "model_base_url": url,
            "gemini_api_key": key,
            "model_calls_at_once": width,
        }
    )


def somebody(stage: Stage, budget_usd: float = 20.0) -> AuthenticatedUser:
    """On a plan without limits on moves."""
    user = stage.sign_up()
    stage.sql("update public.subscriptions set plan = 'growth' where user_id = %s", user.id)
    stage.sql(
        "update public.users set budget_limit_monthly = %s where id = %s", budget_usd, user.id
    )
    return user


async def admitted(stage: Stage, user: AuthenticatedUser) -> UUID:
    return await stage.desk.admit(user, "campaigns", REQUEST, session_id=uuid4())


def written(stage: Stage, run_id: UUID) -> list[tuple[str, list[str]]]:
    """The moves of the run's campaign with the titles of their tasks."""
    rows = stage.sql(
        "select name, execution from public.moves where run_id = %s order by campaign_day", run_id
    )
    return [
        (row["name"], [task["title"] for day in row["execution"] for task in day["tasks"]])
        for row in rows
    ]


def check_books(stage: Stage, user: AuthenticatedUser, run_id: UUID) -> list[dict[str, Any]]:
    """The calls of the run, once the month agrees with them."""
    calls = [call for call in stage.calls(run_id) if call["kind"] == "model"]
    assert stage.month(user) == (sum(call["charged_micro_usd"] for call in calls), 0)
    assert len(calls) == len({call["call_key"] for call in calls})
    return calls


class TestCampaign:
    async def test_moves_overlap_within_the_bound_and_stay_in_order(
        self, stage: Stage, engine: Engine, planner: Planner
    ) -> None:
        found = {}
        for width in (1, WIDTH):
            user, planner.peak = somebody(stage), 0
            run_id = await admitted(stage, user)
            await (await engine(width)).execute(run_id)
            assert stage.run(run_id)["status"] == "completed", stage.run(run_id)
            assert planner.peak == width
            calls = check_books(stage, user, run_id)
            assert sum(call["name"] == "move_planning" for call in calls) == len(NAMES)
            found[width] = (written(stage, run_id), {call["call_key"] for call in calls})
        assert found[1] == found[WIDTH], "order of finishing changes neither content nor keys"
        assert [name for name, _ in found[1][0]] == NAMES
        assert all(len(tasks) == 1 for _, tasks in found[1][0])
        events = stage.sql(
            "select data from public.run_events where run_id = %s and data ->> 'node' = 'piece'"
            " order by seq",
            run_id,
        )
        assert [event["data"]["done"] for event in events] == [1, 2, 3, 4, 5, 6]
        assert {event["data"]["title"] for event in events} == set(NAMES)

    async def test_one_that_fails_is_said_and_the_others_stay(
        self, stage: Stage, engine: Engine, planner: Planner
    ) -> None:
        planner.failing = "Be trusted"
        user = somebody(stage)
        run_id = await admitted(stage, user)
        await (await engine()).execute(run_id)
        run = stage.run(run_id)
        assert run["status"] == "completed", run
        assert {name for name, tasks in written(stage, run_id) if not tasks} == {"Be trusted"}
        [gap] = [gap for gap in run["output"]["missing"] if gap["slot"] == "move_3"]
        assert gap["why"] == ("“Be trusted” has no days: The model's service refuses the request.")
        check_books(stage, user, run_id)

    async def test_when_all_fail_the_run_does(
        self, stage: Stage, engine: Engine, planner: Planner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.modules[__name__], "_named", lambda prompt: "Be trusted")
        planner.failing = "Be trusted"
        run_id = await admitted(stage, somebody(stage))
        await (await engine()).execute(run_id)
        run = stage.run(run_id)
        assert (run["status"], run["error_code"]) == ("failed", "model_refused")

    async def test_a_budget_for_fewer_at_once_slows_down_and_is_not_overspent(
        self, stage: Stage, engine: Engine, planner: Planner
    ) -> None:
        """Money for two calls at their caps, and for all of them at their bills."""
        budget = 2 * CAP + 8 * BILL
        user = somebody(stage, budget / 1_000_000)
        run_id = await admitted(stage, user)
        over = watch(stage, user, budget)
        await (await engine(len(NAMES))).execute(run_id)
        assert (await over()) == []
        assert stage.run(run_id)["status"] == "completed", stage.run(run_id)
        assert all(tasks for _, tasks in written(stage, run_id))
        assert planner.peak == 2
        assert sorted(planner.moves()) == sorted(NAMES)
        check_books(stage, user, run_id)

    async def test_a_budget_that_ends_in_the_middle_leaves_the_moves_it_paid_for(
        self, stage: Stage, engine: Engine, planner: Planner
    ) -> None:
        dear = {"promptTokenCount": 1_000, "candidatesTokenCount": 4_000, "totalTokenCount": 5_000}
        planner.usage = dear
        budget = 3 * CAP
        user = somebody(stage, budget / 1_000_000)
        run_id = await admitted(stage, user)
        over = watch(stage, user, budget)
        await (await engine(len(NAMES))).execute(run_id)
        assert (await over()) == []
        run = stage.run(run_id)
        assert run["status"] == "completed", run
        without = [name for name, tasks in written(stage, run_id) if not tasks]
        assert 0 < len(without) < len(NAMES)
        said = [gap["why"] for gap in run["output"]["missing"] if gap["slot"].startswith("move_")]
        assert len(said) == len(without)
        assert all("Insufficient budget" in why for why in said)
        assert check_books(stage, user, run_id)

    async def test_called_off_it_begins_no_more(
        self, stage: Stage, engine: Engine, planner: Planner
    ) -> None:
        user = somebody(stage)
        run_id = await admitted(stage, user)
        working = asyncio.create_task((await engine()).execute(run_id))
        while len(planner.moves()) < WIDTH:
            await asyncio.sleep(0.01)
        await stage.desk.cancel(user, run_id)
        await working
        assert stage.run(run_id)["status"] == "cancelled"
        assert len(planner.moves()) == WIDTH
        calls = check_books(stage, user, run_id)
        planned = [call for call in calls if call["name"] == "move_planning"]
        assert [call["status"] for call in planned] == ["completed"] * WIDTH

    async def test_recorded_side_by_side_it_is_replayed(
        self, stage: Stage, engine: Engine, planner: Planner, tmp_path: Path
    ) -> None:
        user = somebody(stage)
        run_id = await admitted(stage, user)
        await (await engine()).execute(run_id)
        recording = await recordings.of_run(stage.database.reader(user), run_id)
        file = tmp_path / "run.json"
        file.write_text(recording.model_dump_json())
        before = len(planner.gemini.requests)
        own = stage.settings.model_copy(update={"model_provider": f"replay:{file}"})
        again = await admitted(stage, somebody(stage))
        await (await engine(2, Replay(own))).execute(again)
        assert stage.run(again)["status"] == "completed", stage.run(again)
        assert written(stage, again) == written(stage, run_id)
        assert len(planner.gemini.requests) == before

    async def test_a_worker_killed_in_the_middle_asks_for_nothing_bought(
        self, stage: Stage, service: tuple[Gemini, str], planner: Planner
    ) -> None:
        """SIGKILL as the fifth move is asked for: the next worker asks for what was under way alone."""
        changes = {"MODEL_PROVIDER": "google", "MODEL_BASE_URL": service[1]}
        width = {"GEMINI_API_KEY": "a-key", "MODEL_CALLS_AT_ONCE": str(WIDTH)}
        env = environment(stage.settings, **changes, **width)
        worker = subprocess.Popen([sys.executable, "-m", "backend.worker"], env=env)
        planner.begun = lambda number: worker.kill() if number == 5 else None
        user = somebody(stage)
        run_id = await admitted(stage, user)
        try:
            assert await asyncio.to_thread(worker.wait, 60) == -signal.SIGKILL
        finally:
            worker.kill()
        before = len(planner.moves())
        kept = stage.sql(
            "select count(*) as n from public.run_calls where run_id = %s"
            " and name = 'move_planning' and status = 'completed'",
            run_id,
        )[0]["n"]
        assert 0 < kept < len(NAMES)
        second = subprocess.Popen([sys.executable, "-m", "backend.worker"], env=env)
        try:
            await stage.desk.wait(user, run_id, 60)
        finally:
            second.terminate()
            await asyncio.to_thread(second.wait, 30)
        assert stage.run(run_id)["status"] == "completed", stage.run(run_id)
        times = Counter(planner.moves())
        assert set(times) == set(NAMES)
        again = [name for name, n in times.items() if n > 1]
        assert max(times.values()) <= 2
        assert len(again) == before - kept <= WIDTH
        calls = check_books(stage, user, run_id)
        attempts = [call["attempts"] for call in calls if call["name"] == "move_planning"]
        assert len(attempts) == len(NAMES)
        assert len(again) <= sum(attempts) - len(NAMES) <= WIDTH, (
            "one may have been cut off unasked"
        )
        assert [name for name, _ in written(stage, run_id)] == NAMES
        assert all(tasks for _, tasks in written(stage, run_id))


def watch(
    stage: Stage, user: AuthenticatedUser, budget: int
) -> Callable[[], Awaitable[list[tuple[int, int]]]]:
    """Look again and again whether more is spent and promised than the budget; what was too much."""
    over: list[tuple[int, int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            spent, reserved = stage.month(user)
            if spent + reserved > budget:
                over.append((spent, reserved))
            time.sleep(0.02)

    looking = asyncio.create_task(asyncio.to_thread(look))

    async def found() -> list[tuple[int, int]]:
        done.set()
        await looking
        return over

    return found
