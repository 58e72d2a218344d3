"""R7: a model or a page that is late, resets, drips or breaks off: every call is bounded, no run is stuck."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

import pytest

from backend.agents.base import RunContext, Specialist
from backend.agents.specialists import SPECIALISTS
from backend.agents.tools import TOOLS
from backend.core.config import Settings
from backend.services.models.google import Google
from tests.fakes import five_calls
from tests.services.sites import Site, answer, serve
from tests.stage import Stage, stage
from tests.trust.conftest import Figure
from tests.workers import working

__all__ = ["stage"]
MODEL_SECONDS, TOOL_SECONDS = 1.5, 1.5
RUN_SECONDS = 30.0
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n"


async def late(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    for _ in range(600):
        writer.write(b"{")
        await writer.drain()
        await asyncio.sleep(0.1)


async def broken_off(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b'{"candidates": [')


WRONGS = {"late": late, "reset": reset, "drip": drip, "broken off": broken_off}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serve({"/robots.txt": answer(status=404)}) as site:
        yield site


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tools whose deadline a test can wait for."""
    for name, tool in TOOLS.items():
        own = type(tool)(
            **{
                **{field: getattr(tool, field) for field in tool.__slots__},
                "timeout_seconds": TOOL_SECONDS,
            }
        )
        monkeypatch.setitem(TOOLS, name, own)


def reading(url: str) -> None:
    """Have the runs read a page before they write."""
    asked = SPECIALISTS[five_calls.REQUEST_TYPE]

    async def act(ctx: RunContext, request: Any) -> dict[str, Any]:
        page = await ctx.tool("scrape_website", url=url)
        return {"result": page.output, "demands": {}}

    SPECIALISTS[five_calls.REQUEST_TYPE] = Specialist(
        agent="reader",
        wish=asked.wish,
        skills=lambda request: [],
        act=act,
        persist=asked.persist,
    )


async def ended(stage: Stage, settings: Settings, provider: Google | None, count: int) -> float:
    """The seconds until so many runs ended, all of them in failure and without money set aside."""
    user = stage.sign_up(budget_usd=10)
    ids = [await stage.desk.admit(user, five_calls.REQUEST_TYPE, {}) for _ in range(count)]
    async with working(settings, provider):
        began = time.monotonic()
        await asyncio.gather(*(stage.desk.wait(user, run_id, RUN_SECONDS) for run_id in ids))
        took = time.monotonic() - began
    runs = [stage.run(run_id) for run_id in ids]
    assert {run["status"] for run in runs} == {"failed"}
    assert {run["error_code"] for run in runs} <= {
        "model_timeout", "model_failed", "model_unavailable", "tool_timeout", "url_unreachable",
        "model_truncated",
    }, {run["error_code"] for run in runs}  # fmt: skip
    assert stage.month(user)[1] == 0
    return took


@pytest.mark.parametrize("wrong", WRONGS)
async def test_model(stage: Stage, site: Site, wrong: str, full: bool, figure: Figure) -> None:
    site.answers = _Everywhere(WRONGS[wrong])
    key = type(stage.settings.database_url)("a-key")
    changes = {
        "model_provider": "google",
        "model_base_url": site.url("").rstrip("/"),
        "gemini_api_key": key,
        "model_timeout_seconds": MODEL_SECONDS,
        "model_max_attempts": 2,
        "run_max_attempts": 1,
    }
    settings = stage.settings.model_copy(update=changes)
    count = 20 if full else 2
    took = await ended(stage, settings, Google(settings), count)
    figure("R7", of="model", wrong=wrong, runs=count, stuck=0, took_s=round(took, 1))


@pytest.mark.parametrize("wrong", WRONGS)
async def test_page(
    stage: Stage, site: Site, impatient: None, wrong: str, full: bool, figure: Figure
) -> None:
    site.answers["/"] = WRONGS[wrong]
    reading(site.url())
    settings = stage.settings.model_copy(update={"run_max_attempts": 1})
    count = 20 if full else 2
    took = await ended(stage, settings, None, count)
    figure("R7", of="page", wrong=wrong, runs=count, stuck=0, took_s=round(took, 1))


class _Everywhere(dict[str, Any]):
    """One answer at every path."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def get(self, path: str, default: Any = None) -> Any:
        return self.given
