"""R9: Everything fails, at random, under load: afterwards every book is right.

Worker and API killed (SIGKILL), Postgres and Redis killed and started again, the network to Postgres slow
and cut. Each once in the suite; with `--full` for ten minutes in an order whose seed is printed.
"""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from backend.core.config import Settings
from backend.core.database import init_database
from backend.core.errors import AppError
from backend.payments.till import Till
from tests.conftest import TestSupabase
from tests.founders import Founder
from tests.people import Person, sign_up
from tests.shop import SELLER
from tests.trust.conftest import Figure
from tests.trust.crew import Worker
from tests.trust.house import Cellar, House, cellar, house
from tests.trust.load import PATIENCE_SECONDS, Load
from tests.trust.payers import pay, payers
from tests.trust.proxy import Proxy
from tests.trust.streams import Api

FULL_SECONDS = 600
REST_SECONDS = 3.0
"""Between faults, so that work is done as well."""
END_SECONDS = 240
FAULTS = ("worker", "api", "postgres", "redis", "slow", "cut")
GOAL = {"request_type": "analytics", "request_data": {}}
OPEN = """
select count(*) from public.agent_executions where status not in ('completed', 'failed', 'cancelled')
"""
BOOKS = {
    "months that are not the sum of their calls": """
select count(*) from public.budget_months m where spent_micro_usd <> (
  select coalesce(sum(c.charged_micro_usd), 0) from public.run_calls c
  join public.budget_reservations r on r.run_id = c.run_id
  where r.user_id = m.user_id and r.month = m.month)""",
    "money still set aside": """
select (select count(*) from public.budget_months where reserved_micro_usd <> 0)
  + (select count(*) from public.budget_reservations where status = 'held')""",
    "runs whose bill is not the sum of their calls": """
select count(*) from public.budget_reservations r where status = 'settled' and settled_micro_usd <> (
  select coalesce(sum(charged_micro_usd), 0) from public.run_calls c where c.run_id = r.run_id)""",
    "gaps in the events of a run": """
select count(*) from (select run_id from public.run_events group by run_id having max(seq) <> count(*)) x""",
    "gaps in the numbers of invoices": """
select coalesce(max(number), 0) - count(*) from public.invoices""",
    "invoices that are there twice": """
select count(*) - count(distinct payment_id) from public.invoices""",
}


@dataclass
class World:
    """What runs, and what was promised to whom."""

    house: House
    cellar: Cellar
    network: Proxy
    api: Api
    worker: Worker
    settings: Settings
    storage: TestSupabase
    http: httpx.AsyncClient
    founders: list[Founder]
    started: int = 0
    uploaded: list[str] = field(default_factory=list)
    booked: int = 0
    refusals: Counter[int] = field(default_factory=Counter)
    stopped: bool = False

    # --- what people do -----------------------------------------------------------------------------------

    async def keep(self, act: Callable[[], Awaitable[None]], pause: float) -> None:
        while not self.stopped:
            with contextlib.suppress(httpx.TransportError, AppError):
                await act()
            await asyncio.sleep(pause)

    async def start_a_run(self, person: Person) -> None:
        headers = {"idempotency-key": str(uuid4()), "prefer": "respond-async"}
        answer = await person.post("/agents/execute", json=GOAL, headers=headers)
        self.refusals[answer.status_code] += 1
        self.started += answer.is_success

    async def bring_and_take(self, founder: Founder) -> None:
        """A paper comes into the vault; two of three leave again."""
        text = f"Lantern Ledger keeps the books of bakery {uuid4().hex}."
        answer = await founder.upload("paper.md", text.encode())
        self.refusals[answer.status_code] += 1
        if answer.is_success:
            id = answer.json()["evidence"]["id"]
            if len(self.uploaded) % 3:
                await founder.person.delete(f"{founder.path}/vault/{id}")
            self.uploaded.append(id)

    async def book(self, till: Till, customers: Iterator[tuple[UUID, str, int]]) -> None:
        payer = next(customers)
        while not self.stopped:
            with contextlib.suppress(AppError):
                await pay(till, payer)
                self.booked += 1
                return
            await asyncio.sleep(0.2)

    # --- what happens to them -----------------------------------------------------------------------------

    async def suffer(self, fault: str) -> None:
        away = random.uniform(0.3, 2.0)
        match fault:
            case "worker":
                self.worker.kill()
                await asyncio.sleep(away)
                self.worker.start()
            case "api":
                self.api.kill()
                await self.api.start()
            case "postgres":
                await asyncio.to_thread(self.house.fall)
                await asyncio.sleep(away)
                await asyncio.to_thread(self.house.rise)
            case "redis":
                await asyncio.to_thread(self.cellar.fall)
                await asyncio.sleep(away)
                await asyncio.to_thread(self.cellar.rise)
            case _:
                self.network.become("slow" if fault == "slow" else "gone")
                await asyncio.sleep(away)
                self.network.become("well")

    # --- what must be true then ---------------------------------------------------------------------------

    def count(self, query: str) -> int:
        with psycopg.connect(self.house.superuser_dsn) as sql:
            row = sql.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])

    async def all_ended(self) -> None:
        async with asyncio.timeout(END_SECONDS):
            while self.count(OPEN) or self.count(BOOKS["money still set aside"]):
                await asyncio.sleep(0.5)

    def papers(self) -> tuple[int, int, int, int]:
        """Rows of the vault, rows without their object, objects without a row, and those of the last that
        nobody will remove."""
        with psycopg.connect(self.house.superuser_dsn) as sql:
            found = sql.execute("select storage_path from public.evidence_items").fetchall()
            dues = sql.execute("select path from public.file_dues").fetchall()
        rows, named = {row[0] for row in found}, {row[0] for row in dues}
        objects = {o.path for f in self.founders for o in self.storage.objects_of(f.person)}
        strays = objects - rows
        return len(rows), len(rows - objects), len(strays), len(strays - named)


@pytest.fixture
async def world(
    settings: Settings, supabase: TestSupabase, tmp_path: Path, full: bool
) -> AsyncIterator[World]:
    with house(settings) as own, cellar() as store, Proxy.to("127.0.0.1", own.port) as network:
        network.delay = 0.3
        secret = type(settings.database_url)
        direct = urlsplit(own.settings.database_url.get_secret_value())
        far = direct._replace(netloc=direct.netloc.replace(f":{own.port}", f":{network.port}"))
        there = own.settings.model_copy(
            update={"database_url": secret(far.geturl()), "redis_url": secret(store.url)}
        )
        api = Api(there)
        worker = Worker(there, str(tmp_path / "receipts"), module="tests.fakes.paying_worker")
        worker.start()
        try:
            await api.start()
            async with httpx.AsyncClient(base_url=api.root, timeout=PATIENCE_SECONDS) as http:
                founders = []
                for _ in range(6 if full else 2):
                    person = sign_up(settings, own.superuser_dsn, http, plan="growth")
                    session = (await person.get("/onboarding/session")).json()["session"]
                    founders.append(Founder(person, session["id"]))
                yield World(own, store, network, api, worker, there, supabase, http, founders)
        finally:
            api.stop()
            await asyncio.to_thread(worker.stop)


async def test_everything_fails(world: World, full: bool, figure: Figure) -> None:
    seed = random.randrange(2**32) if full else 7
    order = random.Random(seed)
    faults: Counter[str] = Counter()
    load = Load([founder.person for founder in world.founders], world.http, 4, pause=0.1)
    customers = iter(payers(world.house.superuser_dsn, 2_000 if full else 200))
    sells = world.settings.model_copy(update=SELLER)
    database = await init_database(sells)
    began = time.monotonic()
    async with asyncio.TaskGroup() as group, load.running():
        till = Till(database, sells, None)
        group.create_task(world.keep(lambda: world.book(till, customers), 0.3))
        for founder in world.founders:
            group.create_task(world.keep(lambda f=founder: world.start_a_run(f.person), 0.5))  # type: ignore[misc]
            group.create_task(world.keep(lambda f=founder: world.bring_and_take(f), 0.7))  # type: ignore[misc]
        while time.monotonic() < began + FULL_SECONDS if full else len(faults) < len(FAULTS):
            await asyncio.sleep(order.uniform(0, 2 * REST_SECONDS) if full else 0.3)
            fault = order.choice(FAULTS) if full else FAULTS[len(faults)]
            await world.suffer(fault)
            faults[fault] += 1
        await asyncio.sleep(REST_SECONDS if full else 0.5)
        world.stopped = True
        load.stop()
    await world.all_ended()
    await database.close()
    wrong = {what: found for what, query in BOOKS.items() if (found := world.count(query))}
    rows, gone, strays, for_good = world.papers()
    unexpected = [answer for answer in load.not_expected(503) if answer.status]
    figure(
        "R9",
        seconds=round(time.monotonic() - began),
        seed=seed,
        faults=dict(sorted(faults.items())),
        requests=len(load.answers),
        statuses=load.statuses(),
        acknowledged=len(load.acknowledged),
        lost=load.lost(world.house.superuser_dsn),
        runs=world.count("select count(*) from public.agent_executions"),
        calls=world.count("select count(*) from public.run_calls"),
        invoices=world.count("select count(*) from public.invoices"),
        papers=rows,
        papers_lost=gone,
        objects_to_be_removed=strays,
        objects_left_for_good=for_good,
        others=dict(sorted(world.refusals.items())),
    )
    assert not wrong
    assert not unexpected, unexpected[:3]
    assert load.lost(world.house.superuser_dsn) == 0
    assert gone == 0
    assert for_good == 0
    assert world.count("select count(*) from public.agent_executions") >= world.started > 0
    assert world.count("select count(*) from public.invoices") >= world.booked > 0
