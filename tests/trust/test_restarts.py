"""R8: a new release under load. Two APIs behind a balancer are replaced in turns and nobody is refused."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from backend.core.config import Settings
from tests.conftest import TestDatabase
from tests.people import sign_up
from tests.trust.balancer import Balancer
from tests.trust.conftest import Figure
from tests.trust.load import Load
from tests.trust.streams import Api, Follower, client
from tests.workers import working

APART_SECONDS = 0.5
"""Out of rotation for so long before SIGTERM, as the pause in deploy/kubernetes does."""
STREAMS_EACH = 2


@pytest.fixture(scope="module")
async def apis(settings: Settings) -> AsyncIterator[list[Api]]:
    both = [Api(settings, UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN="2") for _ in range(2)]
    try:
        await asyncio.gather(*(api.start() for api in both))
        yield both
    finally:
        for api in both:
            api.stop()


async def test_rolling_restart(
    settings: Settings, pg_shared: TestDatabase, apis: list[Api], full: bool, figure: Figure
) -> None:
    """As nginx does by itself, each request has a connection of its own; streams are cut and come back."""
    restarts = 20 if full else 1
    with Balancer.between([api.port for api in apis]) as balancer:
        async with client(balancer.root) as http:
            people = [
                sign_up(settings, pg_shared.superuser_dsn, http, plan="growth")
                for _ in range(10 if full else 2)
            ]
            load = Load(people, http, at_once=8 if full else 2, pause=0 if full else 0.1)
            followers: list[Follower] = []
            began = time.monotonic()
            async with asyncio.TaskGroup() as group, load.running():
                for number in range(restarts):
                    new = [
                        Follower(people[n % len(people)], balancer.url, http, number * 10 + n)
                        for n in range(STREAMS_EACH)
                    ]
                    followers += new
                    for follower in new:
                        group.create_task(follower.follow())
                    await asyncio.gather(*(follower.begun.wait() for follower in new))
                    await replace(apis[number % 2], balancer)
                load.stop()
                took = time.monotonic() - began
                async with working(settings):
                    while not all(follower.ended for follower in followers):
                        await asyncio.sleep(0.05)
    assert not load.not_expected(), load.not_expected()[:3]
    assert all(follower.unbroken for follower in followers)
    assert load.lost(pg_shared.superuser_dsn) == 0
    figure(
        "R8",
        restarts=restarts,
        requests=len(load.answers),
        failed=0,
        streams=len(followers),
        cut=sum(follower.came_back > 0 for follower in followers),
        broken=0,
        slowest_s=round(max(answer.seconds for answer in load.answers), 1),
        took_s=round(took),
    )


async def replace(api: Api, balancer: Balancer) -> None:
    """Out of rotation, ended in good order, started anew, in again once it is ready."""
    everybody = list(balancer.rotation)
    balancer.rotation = [port for port in everybody if port != api.port]
    await asyncio.sleep(APART_SECONDS)
    await asyncio.to_thread(api.stop)
    await api.start()
    balancer.rotation = everybody
