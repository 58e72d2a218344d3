"""R6: Redis slow, gone, flushed: what is in Postgres goes on, and `/ready` says what is wrong."""

import statistics
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from backend.core.config import Settings
from backend.core.redis import connect
from backend.main import create_app, lifespan
from tests.conftest import TestDatabase
from tests.people import Person, sign_up
from tests.services.paying import month
from tests.trust.conftest import Figure
from tests.trust.proxy import Mode, Proxy
from tests.workers import working

ADDED_P95_MS = 50.0
GOAL = {"request_type": "moves", "request_data": {"query": "weather?"}}


@pytest.fixture
def proxy(redis_url: str) -> Iterator[Proxy]:
    parts = urlsplit(redis_url)
    with Proxy.to(str(parts.hostname), parts.port or 6379) as proxy:
        yield proxy


@pytest.fixture
async def behind(
    settings: Settings, pg_shared: TestDatabase, proxy: Proxy
) -> AsyncIterator[tuple[Settings, Person]]:
    """The API with its Redis behind the proxy, and somebody who uses it."""
    assert settings.supabase_jwt_secret
    old = urlsplit(settings.redis_url.get_secret_value())
    auth = f"{old.username or ''}:{old.password}@" if old.password else ""
    url = f"redis://{auth}127.0.0.1:{proxy.port}{old.path}"
    own = settings.model_copy(update={"redis_url": type(settings.redis_url)(url)})
    app = create_app(own)
    async with lifespan(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
            yield own, sign_up(settings, pg_shared.superuser_dsn, http, plan="growth")


async def latencies(person: Person, count: int) -> list[float]:
    """Milliseconds of a list, which is a database endpoint behind a rate limit."""
    found = []
    for _ in range(count):
        began = time.perf_counter()
        answer = await person.get("/moves")
        assert answer.status_code == 200, answer.text
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def p95(sorted_: list[float]) -> float:
    return sorted_[int(0.95 * (len(sorted_) - 1))]


@pytest.mark.parametrize("mode", ["gone", "slow"])
async def test_without_redis(
    behind: tuple[Settings, Person], proxy: Proxy, mode: Mode, full: bool, figure: Figure
) -> None:
    settings, person = behind
    count = 400 if full else 40
    await latencies(person, 10)
    well = await latencies(person, count)
    proxy.become(mode)
    worse = await latencies(person, count)
    added = p95(worse) - p95(well)
    ready = (await person.http.get("/ready")).json()
    assert ready["redis"] == "degraded", ready
    async with working(settings):
        answer = (await person.post("/agents/execute", json=GOAL)).json()
    assert answer["output"]["type"] == "clarification_needed", answer
    assert month(person)[1] == 0
    figure(
        "R6",
        redis=mode,
        requests=count,
        p50_well_ms=round(statistics.median(well), 1),
        p50_without_ms=round(statistics.median(worse), 1),
        added_p95_ms=round(added, 1),
        slowest_ms=round(worse[-1]),
    )
    if full:
        assert added < ADDED_P95_MS


async def test_flushed(behind: tuple[Settings, Person], full: bool, figure: Figure) -> None:
    """Budgets, runs and memory of a session are in Postgres: an empty Redis forgets none of them."""
    settings, person = behind
    async with working(settings):
        first = (await person.post("/agents/execute", json=GOAL)).json()
        spent = month(person)
        redis = connect(settings)
        await redis.flushdb()
        await redis.aclose()
        assert month(person) == spent
        run = await person.get(f"/agents/runs/{first['run_id']}")
        assert run.json()["run"]["status"] == "completed"
        assert (await person.post("/agents/execute", json=GOAL)).status_code == 200
    figure("R6", redis="flushed", budget_changed=0)
