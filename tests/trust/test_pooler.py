"""I3: many tenants in turns over the few sessions of a transaction pooler; nobody sees another's rows."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from backend.core.config import Settings
from backend.core.database import init_database
from backend.main import create_app, lifespan
from tests.conftest import TestDatabase
from tests.people import Person, sign_up
from tests.trust.balancer import Balancer
from tests.trust.conftest import Figure
from tests.trust.crew import crew
from tests.trust.pooler import SESSIONS, pooled
from tests.trust.proxy import Proxy
from tests.trust.streams import PATIENCE, Api
from tests.workers import working

ROWS_EACH = 20
APIS, WORKERS = 2, 2
ROUNDS = 4
MARK = re.compile(rb"Tenant-\d+")
PATHS = ("/moves?limit=20", "/icps?limit=20", "/icps/{icp}", "/audit-log?limit=5", "/agents/runs")
GOAL = {"request_type": "moves", "request_data": {"query": "weather?"}}
SCENE = """
insert into public.icp_profiles (workspace_id, name)
  select %(ws)s, %(mark)s || ' ' || n from generate_series(1, %(rows)s) n;
insert into public.moves (workspace_id, name, category, goal, target_icp_id)
  select workspace_id, name, 'capture', %(mark)s, id from public.icp_profiles where workspace_id = %(ws)s;
update public.users set budget_limit_monthly = 1000 where id = %(user)s
"""


@pytest.fixture(scope="module")
def behind(settings: Settings) -> Iterator[Settings]:
    with pooled(settings) as changed:
        yield changed


def settle(person: Person, number: int) -> str:
    """Give somebody rows that bear a mark; the id of one."""
    mark = f"Tenant-{number}"
    values = {"ws": person.workspace_id, "user": person.id, "mark": mark, "rows": ROWS_EACH}
    with person.sql() as sql:
        for statement in SCENE.strip().split(";\n"):
            sql.execute(statement.encode(), values)
        row = sql.execute(
            "select id from public.icp_profiles where workspace_id = %s limit 1",
            (person.workspace_id,),
        ).fetchone()
    assert row is not None
    return str(row[0])


@contextlib.asynccontextmanager
async def here(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The API in this process."""
    app = create_app(settings)
    async with lifespan(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
            yield http


@contextlib.asynccontextmanager
async def processes(
    settings: Settings, apis: int, workers: int
) -> AsyncIterator[httpx.AsyncClient]:
    """So many APIs behind a balancer, and workers."""
    made = [Api(settings) for _ in range(apis)]
    try:
        await asyncio.gather(*(api.start() for api in made))
        async with crew(settings, workers):
            with Balancer.between([api.port for api in made]) as balancer:
                async with httpx.AsyncClient(base_url=balancer.root, timeout=PATIENCE) as http:
                    yield http
    finally:
        for api in made:
            api.stop()


@contextlib.asynccontextmanager
async def reached(settings: Settings, *, full: bool) -> AsyncIterator[httpx.AsyncClient]:
    if full:
        async with processes(settings, APIS, WORKERS) as http:
            yield http
    else:
        async with here(settings) as http, working(settings):
            yield http


async def test_tenants_in_turns(
    behind: Settings, pg_shared: TestDatabase, full: bool, figure: Figure
) -> None:
    """Reads and runs; every task asks for another tenant each time. At full size, of real processes."""
    tenants, tasks, each = (32, 64, 500) if full else (4, 8, 15)
    async with reached(behind, full=full) as http:
        people = [
            sign_up(behind, pg_shared.superuser_dsn, http, plan="growth") for _ in range(tenants)
        ]
        icps = [settle(person, number) for number, person in enumerate(people)]
        seen = foreign = 0

        async def one(task: int) -> None:
            nonlocal seen, foreign
            for turn in range(each):
                number = (task + turn) % tenants
                path = PATHS[(task + turn // tenants) % len(PATHS)].format(icp=icps[number])
                answer = await people[number].get(path)
                assert answer.status_code == 200, answer.text
                marks = MARK.findall(answer.content)
                seen += len(marks)
                foreign += sum(mark != b"Tenant-%d" % number for mark in marks)

        async def run(person: Person) -> None:
            answer = await person.post("/agents/execute", json=GOAL)
            assert answer.json()["output"]["type"] == "clarification_needed", answer.text

        async with asyncio.TaskGroup() as group:
            for task in range(tasks):
                group.create_task(one(task))
            for person in people:
                group.create_task(run(person))
        for person in people:
            runs = (await person.get("/agents/runs")).json()
            assert len(runs["runs"]) == 1
    figure(
        "I3",
        apis=APIS if full else 1,
        workers=WORKERS if full else 1,
        sessions=SESSIONS,
        tenants=tenants,
        tasks=tasks,
        requests=tasks * each,
        rows=seen,
        foreign=foreign,
        runs=len(people),
    )
    assert seen
    assert foreign == 0


async def test_nothing_is_kept_for_a_connection_through_the_pooler(
    behind: Settings, settings: Settings
) -> None:
    for reached, keeps in ((behind, False), (settings, True)):
        database = await init_database(reached)
        async with database.pool.connection() as connection:
            assert (connection.kept is not None) is keeps
        await database.close()


async def test_a_read_is_one_trip_through_the_pooler(
    behind: Settings, pg_shared: TestDatabase, figure: Figure
) -> None:
    """What the API sends at one go, counted by a proxy between them.

    The least of some rounds: the first finds out who asks, and the pool may open a session at any time.
    """
    parts = urlsplit(behind.database_url.get_secret_value())
    with Proxy.to("127.0.0.1", parts.port or 0) as proxy:
        changed = parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{proxy.port}"))
        secret = type(behind.database_url)
        own = behind.model_copy(update={"database_url": secret(changed.geturl())})
        async with here(own) as http:
            person = sign_up(behind, pg_shared.superuser_dsn, http, plan="growth")
            icp = settle(person, 1)
            trips: dict[str, int] = {}
            for path in PATHS * ROUNDS:
                before = proxy.questions
                assert (await person.get(path.format(icp=icp))).status_code == 200
                name, made = path.partition("?")[0], proxy.questions - before
                trips[name] = min(trips.get(name, made), made)
    figure("L3", through_pgbouncer=trips)
    assert set(trips.values()) == {1}, trips
