"""Gemini over the wire, against a server that speaks its formats: answers, failures, bills (TRUST R7)."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from backend.core.config import Settings
from backend.core.database import Database
from backend.core.errors import Unavailable
from backend.domain.runs import ClaimedRun
from backend.services.llm import CallContext, ModelDoor, ModelFailed
from backend.services.models.google import Google
from backend.services.models.patience import Patience
from backend.services.models.prices import price_of
from tests.fakes import gemini as fake
from tests.fakes.gemini import Gemini
from tests.loopback import serving
from tests.people import Person
from tests.services.paying import RESERVED, ask, calls, month, running

PRICE = price_of("gemini-3.5-flash-lite")
assert PRICE is not None
BILL = PRICE.cost_micro_usd(110, 100, 10)
"""Of the fake's usage: 70 tokens of answer and 30 of thinking."""


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


@pytest.fixture
async def run(owner: Person, database: Database) -> ClaimedRun:
    return await running(owner, database)


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Gemini, str]]:
    gemini = Gemini()
    with serving(gemini.app) as url:
        yield gemini, url


@pytest.fixture
def gemini(service: tuple[Gemini, str]) -> Iterator[Gemini]:
    service[0].requests.clear()
    service[0].always = fake.says('{"said": "hello"}')
    yield service[0]
    service[0].script.clear()


@pytest.fixture
async def door(
    service: tuple[Gemini, str], gemini: Gemini, settings: Settings, database: Database
) -> AsyncIterator[ModelDoor]:
    own = settings.model_copy(
        update={
            "model_provider": "google",
            "model_base_url": service[1],
            "gemini_api_key": type(settings.database_url)("a-key"),
            "model_timeout_seconds": 5.0,
        }
    )
    provider = Google(own)
    await provider.load()
    yield ModelDoor(database, provider, Patience(3, first_pause_seconds=0.01))
    await provider.aclose()


class TestAnswer:
    async def test_comes_with_the_providers_counts_and_the_price_of_the_day(
        self, door: ModelDoor, run: ClaimedRun, owner: Person, gemini: Gemini
    ) -> None:
        reply = await door.call(CallContext(run), ask())
        assert (reply.output, reply.model) == ({"said": "hello"}, "gemini-3.5-flash-lite")
        assert (reply.tokens_input, reply.tokens_output, reply.tokens_cached) == (110, 100, 10)
        assert reply.cost_micro_usd == BILL
        assert reply.price is not None
        assert reply.price["as_of"] == "2026-11"
        assert month(owner) == (BILL, RESERVED - BILL)
        asked = gemini.requests[0]
        assert asked["path"] == "/v1beta/models/gemini-3.5-flash-lite:generateContent"
        assert asked["key"] == "a-key"
        config = asked["generationConfig"]
        assert config["responseMimeType"] == "application/json"
        assert config["responseJsonSchema"] == ask().output_schema
        assert config["maxOutputTokens"] == 1000

    async def test_streams_piece_by_piece(
        self, door: ModelDoor, run: ClaimedRun, gemini: Gemini
    ) -> None:
        said = '{"said": "' + "x" * 900 + '"}'
        gemini.script = [fake.says(said, gap=0.02)]
        heard: list[str] = []

        async def hear(piece: str) -> None:
            heard.append(piece)

        reply = await door.call(CallContext(run), ask(on_delta=hear))
        assert len(heard) == 3
        assert "".join(heard) == said
        assert (reply.output["said"][:3], reply.tokens_output) == ("xxx", 100)
        assert gemini.requests[0]["path"].endswith(":streamGenerateContent")

    async def test_loose_schema_is_told_but_does_not_steer(
        self, door: ModelDoor, run: ClaimedRun, gemini: Gemini
    ) -> None:
        loose = {"type": "object", "properties": {"list": {"type": "array"}}}
        await door.call(CallContext(run), ask(output_schema=loose))
        assert "responseJsonSchema" not in gemini.requests[0]["generationConfig"]
        assert (
            '"list":{"type":"array"}' in gemini.requests[0]["systemInstruction"]["parts"][0]["text"]
        )

    async def test_prose_is_kept_as_unreadable(
        self, door: ModelDoor, run: ClaimedRun, owner: Person, gemini: Gemini
    ) -> None:
        gemini.script = [fake.says("Sure! Here is your plan.")]
        reply = await door.call(CallContext(run), ask())
        assert reply.output["$unreadable"] == "Sure! Here is your plan."
        assert month(owner)[0] == BILL

    async def test_model_without_a_price_costs_an_unknown_sum_charged_at_the_cap(
        self, door: ModelDoor, run: ClaimedRun, owner: Person
    ) -> None:
        reply = await door.call(CallContext(run), ask(model="gemini-of-tomorrow"))
        assert (reply.cost_micro_usd, reply.price) == (None, None)
        assert month(owner) == (5_000, RESERVED - 5_000)
        assert calls(owner)[0]["cost_micro_usd"] is None


class TestFailure:
    @pytest.mark.parametrize(
        ("script", "code"),
        [
            (fake.fails(429, "RESOURCE_EXHAUSTED"), "model_overloaded"),
            (fake.fails(503, "UNAVAILABLE"), "model_failed"),
            (fake.fails(500, "INTERNAL"), "model_failed"),
        ],
    )
    async def test_passes_when_it_is_tried_again(
        self,
        door: ModelDoor,
        run: ClaimedRun,
        owner: Person,
        gemini: Gemini,
        script: Any,
        code: str,
    ) -> None:
        gemini.script = [script, script]
        assert (await door.call(CallContext(run), ask())).output == {"said": "hello"}
        assert len(gemini.requests) == 3
        assert month(owner) == (BILL, RESERVED - BILL)
        gemini.script = [script] * 3
        with pytest.raises(ModelFailed) as failed:
            await door.call(CallContext(run), ask("other"))
        assert (failed.value.code, failed.value.status) == (code, 502)
        assert len(gemini.requests) == 6
        assert month(owner) == (BILL, RESERVED - BILL)

    @pytest.mark.parametrize(
        "script",
        [
            fake.fails(429, "RESOURCE_EXHAUSTED", retry_after="1"),
            fake.fails(503, "UNAVAILABLE", delay="1s"),
        ],
    )
    async def test_waits_as_long_as_the_provider_says(
        self, door: ModelDoor, run: ClaimedRun, gemini: Gemini, script: Any
    ) -> None:
        gemini.script = [script]
        started = time.monotonic()
        await door.call(CallContext(run), ask())
        assert 1.0 <= time.monotonic() - started < 3.0

    async def test_a_wait_beyond_the_deadline_is_not_begun(
        self, door: ModelDoor, run: ClaimedRun, gemini: Gemini
    ) -> None:
        gemini.script = [fake.fails(429, "RESOURCE_EXHAUSTED", retry_after="3600")]
        started = time.monotonic()
        with pytest.raises(ModelFailed):
            await door.call(CallContext(run), ask())
        assert time.monotonic() - started < 2.0
        assert len(gemini.requests) == 1

    @pytest.mark.parametrize(
        ("script", "code"),
        [
            (fake.fails(400, "INVALID_ARGUMENT"), "model_refused"),
            (fake.fails(403, "PERMISSION_DENIED"), "model_key_refused"),
        ],
    )
    async def test_refusal_is_not_tried_again(
        self, door: ModelDoor, run: ClaimedRun, gemini: Gemini, script: Any, code: str
    ) -> None:
        gemini.script = [script]
        with pytest.raises(ModelFailed) as failed:
            await door.call(CallContext(run), ask())
        assert failed.value.code == code
        assert "said by the fake" not in failed.value.detail
        assert len(gemini.requests) == 1

    async def test_blocked_prompt_is_charged_at_its_cap(
        self, door: ModelDoor, run: ClaimedRun, owner: Person, gemini: Gemini
    ) -> None:
        """Without candidates the client drops the provider's counts: the bill is unknown."""
        gemini.script = [fake.blocks_prompt]
        with pytest.raises(ModelFailed) as failed:
            await door.call(CallContext(run), ask())
        assert failed.value.code == "model_blocked"
        assert month(owner)[0] == door.provider.cap_micro_usd(ask())
        assert len(gemini.requests) == 1

    async def test_blocked_answer_is_paid_for_as_counted(
        self, door: ModelDoor, run: ClaimedRun, owner: Person, gemini: Gemini
    ) -> None:
        gemini.script = [fake.blocks_answer]
        with pytest.raises(ModelFailed) as failed:
            await door.call(CallContext(run), ask())
        assert failed.value.code == "model_blocked"
        assert month(owner)[0] == BILL
        assert calls(owner)[0]["tokens_output"] == 100

    async def test_no_candidates_is_tried_again_and_charged_at_its_cap(
        self, door: ModelDoor, run: ClaimedRun, owner: Person, gemini: Gemini
    ) -> None:
        gemini.script = [fake.has_no_candidates]
        await door.call(CallContext(run), ask())
        assert month(owner)[0] == BILL + door.provider.cap_micro_usd(ask())

    @pytest.mark.parametrize("script", [fake.breaks_off, fake.ends_early])
    async def test_broken_stream_is_tried_again_and_may_have_cost_its_cap(
        self, door: ModelDoor, run: ClaimedRun, owner: Person, gemini: Gemini, script: Any
    ) -> None:
        async def hear(piece: str) -> None:
            return None

        gemini.script = [script]
        reply = await door.call(CallContext(run), ask(on_delta=hear))
        assert reply.output == {"said": "hello"}
        lost = calls(owner)[0]["lost_micro_usd"]
        assert 0 < lost <= 5_000
        assert month(owner)[0] == BILL + lost

    async def test_broken_answer_is_tried_again(
        self, door: ModelDoor, run: ClaimedRun, gemini: Gemini
    ) -> None:
        gemini.script = [fake.breaks_off]
        assert (await door.call(CallContext(run), ask())).output == {"said": "hello"}

    async def test_slow_drip_ends_at_the_deadline(
        self, door: ModelDoor, run: ClaimedRun, owner: Person, gemini: Gemini
    ) -> None:
        gemini.script = [fake.drips]
        left, started = gemini.left, time.monotonic()
        with pytest.raises(ModelFailed) as failed:
            await door.call(CallContext(run), ask(timeout_seconds=1.0))
        assert failed.value.code == "model_timeout"
        assert time.monotonic() - started < 2.5
        await _until(lambda: gemini.left > left)
        assert calls(owner)[0]["lost_micro_usd"] > 0

    async def test_cancelling_hangs_up(
        self, door: ModelDoor, run: ClaimedRun, gemini: Gemini
    ) -> None:
        gemini.script = [fake.drips]
        left = gemini.left
        call = asyncio.create_task(door.call(CallContext(run), ask()))
        await _until(lambda: bool(gemini.requests))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await _until(lambda: gemini.left > left)

    async def test_after_five_failures_in_a_row_nothing_is_asked(
        self, door: ModelDoor, run: ClaimedRun, gemini: Gemini
    ) -> None:
        gemini.script = [fake.fails(503, "UNAVAILABLE")] * 6
        for goal in ("a", "b"):
            with pytest.raises(ModelFailed):
                await door.call(CallContext(run), ask(goal))
        assert door.breaker.state == "down"
        with pytest.raises(Unavailable) as refused:
            await door.call(CallContext(run), ask("c"))
        assert refused.value.code == "model_unavailable"
        assert refused.value.headers["Retry-After"] == "30"
        assert len(gemini.requests) == 6

    async def test_nobody_there(self, run: ClaimedRun, door: ModelDoor, settings: Settings) -> None:
        own = settings.model_copy(
            update={
                "model_provider": "google",
                "model_base_url": "http://127.0.0.1:9",
                "gemini_api_key": type(settings.database_url)("a-key"),
            }
        )
        provider = Google(own)
        away = ModelDoor(door.database, provider, Patience(2, first_pause_seconds=0.01))
        with pytest.raises(ModelFailed) as failed:
            await away.call(CallContext(run), ask())
        await provider.aclose()
        assert failed.value.code == "model_unreachable"


async def _until(met: Any) -> None:
    async with asyncio.timeout(5):
        while not met():
            await asyncio.sleep(0.02)
