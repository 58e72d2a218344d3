"""R2, R3, R4: many streams of one process, an API that is killed under them, clients that go away."""

import asyncio
import statistics
from collections.abc import AsyncIterator

import httpx
import pytest

from backend.core.config import Settings
from tests.conftest import TestDatabase
from tests.people import sign_up
from tests.trust.conftest import Figure
from tests.trust.streams import Api, Follower, client, serving_api
from tests.workers import working

PEOPLE = 20
ARRIVALS_A_SECOND = 40
FIRST_BYTE_P95_SECONDS = 0.5
RSS_GROWTH = 0.05
USAGE = "select coalesce(sum(request_count), 0) from public.usage_records where user_id = any (%s)"
OPEN = """
select (select count(*) from public.budget_reservations where status = 'held' and user_id = any (%(ids)s)),
  (select count(*) from public.agent_executions where user_id = any (%(ids)s)
    and status not in ('completed', 'failed', 'cancelled')),
  (select coalesce(sum(reserved_micro_usd), 0) from public.budget_months where user_id = any (%(ids)s))
"""


@pytest.fixture(scope="module")
async def api(settings: Settings) -> AsyncIterator[Api]:
    async with serving_api(settings) as api:
        yield api


@pytest.fixture
async def followers_http() -> AsyncIterator[httpx.AsyncClient]:
    async with client() as http:
        yield http


class Crowd:
    """So many followers, of some people with money enough."""

    def __init__(
        self, settings: Settings, pg: TestDatabase, api: Api, http: httpx.AsyncClient, size: int
    ) -> None:
        count = min(PEOPLE, size)
        self.people = [
            sign_up(settings, pg.superuser_dsn, http, plan="growth") for _ in range(count)
        ]
        for person in self.people:
            with person.sql() as sql:
                sql.execute(
                    "update public.users set budget_limit_monthly = 50 where id = %s", (person.id,)
                )
        self.followers = [Follower(self.people[n % count], api.url, http, n) for n in range(size)]

    async def arrive(self) -> "asyncio.Task[None]":
        """Everybody follows a run of their own, one after the other; returns once all have a first line."""

        async def all_follow() -> None:
            async with asyncio.TaskGroup() as group:
                for follower in self.followers:
                    group.create_task(follower.follow())
                    await asyncio.sleep(1 / ARRIVALS_A_SECOND)

        following = asyncio.create_task(all_follow())
        waiting = asyncio.gather(*(follower.begun.wait() for follower in self.followers))
        await asyncio.wait([following, waiting], return_when=asyncio.FIRST_COMPLETED)
        return following

    def all_told(self) -> bool:
        return all(f.ended and f.unbroken for f in self.followers)

    def left_open(self) -> tuple[int, ...]:
        """Reservations held, runs not at their end, money set aside."""
        ids = [person.id for person in self.people]
        with self.people[0].sql() as sql:
            row = sql.execute(OPEN, {"ids": ids}).fetchone()
        assert row is not None
        return tuple(int(value) for value in row)

    def usage(self) -> int:
        with self.people[0].sql() as sql:
            row = sql.execute(USAGE, ([person.id for person in self.people],)).fetchone()
        assert row is not None
        return int(row[0])


async def test_streams_of_one_process(
    settings: Settings,
    pg_shared: TestDatabase,
    api: Api,
    followers_http: httpx.AsyncClient,
    full: bool,
    figure: Figure,
) -> None:
    """R3. All are open at once before the first run begins; the second round is the measured one."""
    size = 500 if full else 8
    resident = []
    for _ in range(2):
        crowd = Crowd(settings, pg_shared, api, followers_http, size)
        following = await crowd.arrive()
        assert sum(not f.ended for f in crowd.followers) == size
        async with working(settings):
            await following
        assert crowd.all_told()
        assert crowd.left_open() == (0, 0, 0)
        resident.append(api.resident_bytes)
    waits = sorted(f.first_byte for f in crowd.followers)
    p95 = waits[int(0.95 * (len(waits) - 1))]
    growth = resident[1] / resident[0] - 1
    figure(
        "R3",
        streams=size,
        errors=0,
        first_byte_p50_ms=round(statistics.median(waits) * 1000),
        first_byte_p95_ms=round(p95 * 1000),
        rss_mb=round(resident[1] / 2**20),
        rss_growth_percent=round(growth * 100, 1),
    )
    if full:
        assert p95 < FIRST_BYTE_P95_SECONDS
        assert growth < RSS_GROWTH


async def test_api_killed_under_its_streams(
    settings: Settings,
    pg_shared: TestDatabase,
    api: Api,
    followers_http: httpx.AsyncClient,
    full: bool,
    figure: Figure,
) -> None:
    """R2. Every client comes back after its last line; none has a gap, none a line twice, no run is lost."""
    size = 500 if full else 8
    crowd = Crowd(settings, pg_shared, api, followers_http, size)
    following = await crowd.arrive()
    async with working(settings):
        while sum(f.ended for f in crowd.followers) < size // 4:
            await asyncio.sleep(0.02)
        api.kill()
        await api.start()
        await following
    assert crowd.all_told()
    assert crowd.usage() == size
    assert crowd.left_open() == (0, 0, 0)
    back = sum(f.came_back > 0 for f in crowd.followers)
    figure("R2", streams=size, resumed=back, gaps=0, duplicates=0, usage_lost=size - crowd.usage())
    assert back


async def test_clients_that_go_away(
    settings: Settings,
    pg_shared: TestDatabase,
    api: Api,
    followers_http: httpx.AsyncClient,
    full: bool,
    figure: Figure,
) -> None:
    """R4. Their runs end all the same, and are in the books."""
    size = 500 if full else 8
    crowd = Crowd(settings, pg_shared, api, followers_http, size)
    leaving = [f.leave_after_first_line() for f in crowd.followers]
    for at in range(0, size, ARRIVALS_A_SECOND):
        await asyncio.gather(*leaving[at : at + ARRIVALS_A_SECOND])
    async with working(settings), asyncio.timeout(240):
        while crowd.left_open() != (0, 0, 0):
            await asyncio.sleep(0.1)
    assert crowd.usage() == size
    figure("R4", clients=size, recorded=crowd.usage(), hanging=0)
