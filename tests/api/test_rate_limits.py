"""Rate limits: what is left is said on every answer, what is too much is refused, Redis may be away."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from backend.core.config import Settings
from backend.core.errors import RateLimited
from backend.core.redis import connect
from backend.services.rate_limiter import RateLimiter
from tests.conftest import TestDatabase
from tests.people import Person, sign_up


@pytest.fixture
async def limited(app: FastAPI, settings: Settings) -> AsyncIterator[FastAPI]:
    """The API with five requests and two runs a minute."""
    usual, redis = app.state.rate_limiter, connect(settings)
    app.state.rate_limiter = RateLimiter(redis, app.state.database, api=5, agent=2)
    desk_limiter = app.state.run_desk._limiter
    app.state.run_desk._limiter = app.state.rate_limiter
    yield app
    app.state.rate_limiter, app.state.run_desk._limiter = usual, desk_limiter
    await redis.aclose()


def remaining(answer: httpx.Response) -> int:
    found = re.fullmatch(r'"api";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert found, answer.headers["ratelimit"]
    return int(found[1])


async def test_what_is_left_is_said(limited: FastAPI, owner: Person) -> None:
    first, second = await owner.get("/moves"), await owner.get("/moves")
    assert first.headers["ratelimit-policy"] == '"api";q=5;w=60'
    assert remaining(first) == 4
    assert remaining(second) == 3


async def test_too_much_is_refused_with_the_time_to_wait(limited: FastAPI, owner: Person) -> None:
    answers = await asyncio.gather(*(owner.get("/moves") for _ in range(20)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 15
    for answer in refused:
        assert answer.json()["code"] == "rate_limited"
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert remaining(answer) == 0


async def test_endpoints_and_people_are_counted_apart(
    limited: FastAPI, owner: Person, stranger: Person
) -> None:
    for _ in range(6):
        last = await owner.get("/moves")
    assert last.status_code == 429
    assert (await owner.get("/icps")).status_code == 200
    assert (await stranger.get("/moves")).status_code == 200


async def test_ids_in_the_address_make_no_new_endpoint(limited: FastAPI, owner: Person) -> None:
    ids = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(6)]
    answers = [await owner.get(f"/moves/{id}") for id in ids]
    assert [answer.status_code for answer in answers] == [404] * 5 + [429]


async def test_a_larger_plan_may_ask_more(
    limited: FastAPI, settings: Settings, pg_shared: TestDatabase, http: httpx.AsyncClient
) -> None:
    person = sign_up(settings, pg_shared.superuser_dsn, http)
    with person.sql() as sql:
        sql.execute(
            "update public.users set subscription_tier = 'growth' where id = %s", (person.id,)
        )
    answer = await person.get("/moves")
    assert answer.headers["ratelimit-policy"] == '"api";q=25;w=60'


async def test_strangers_are_counted_by_address(limited: FastAPI) -> None:
    transport = httpx.ASGITransport(limited, client=(f"host-{uuid4()}", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as stranger:
        statuses = [(await stranger.get("/api/v1/foundation")).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


async def test_runs_have_a_limit_of_their_own(limited: FastAPI, owner: Person) -> None:
    desk = limited.state.run_desk
    for _ in range(2):
        await desk.admit(owner.user, "foundation", {})
    with pytest.raises(RateLimited) as refusal:
        await desk.admit(owner.user, "foundation", {})
    assert refusal.value.headers["RateLimit-Policy"] == '"agent";q=2;w=60'
    assert 1 <= int(refusal.value.headers["Retry-After"]) <= 60


async def test_health_and_webhooks_are_never_limited(
    limited: FastAPI, http: httpx.AsyncClient
) -> None:
    for _ in range(10):
        assert (await http.get("/health")).status_code == 200
        answer = await http.post("/api/v1/auth/webhook", json={})
        assert answer.status_code != 429
        assert "ratelimit" not in answer.headers


async def test_without_redis_the_process_counts_by_itself(
    app: FastAPI, settings: Settings, owner: Person
) -> None:
    gone = settings.model_copy(
        update={"redis_url": type(settings.redis_url)("redis://127.0.0.1:1/0")}
    )
    redis = connect(gone)
    limiter = RateLimiter(redis, app.state.database, api=5, agent=2)
    allowed = [(await limiter.take("api", owner.user, "", "GET /x")).allowed for _ in range(7)]
    assert allowed == [True] * 5 + [False] * 2
    await redis.aclose()


async def test_processes_share_the_limit_a_share_at_a_time(
    app: FastAPI, settings: Settings, owner: Person
) -> None:
    redis = connect(settings)
    one, other = (RateLimiter(redis, app.state.database, api=100, agent=2) for _ in range(2))
    taken = [await limiter.take("api", owner.user, "", "GET /y") for limiter in (one, other) * 80]
    allowed = sum(allowance.allowed for allowance in taken)
    assert 90 <= allowed <= 100
    assert taken[0].remaining == 99
    await redis.aclose()
