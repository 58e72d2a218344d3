"""What was held is issued by the worker, once the seller's settings are complete."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from structlog.testing import capture_logs

from backend.core.config import Settings
from backend.core.database import Database, init_database
from backend.payments import gst_service
from backend.services import jobs
from tests.conftest import TestDatabase
from tests.people import Person, sign_up
from tests.sales import credited, issued, supply
from tests.workers import working

REGISTERED = {
    "company_name": "Sample Seller Private Limited",
    "company_address": "1 Sample Road",
    "company_gstin": "29AABCU9603R1ZJ",
}


@pytest.fixture
def alone(settings: Settings, pg: TestDatabase) -> Settings:
    """On a database of the test's own, because it issues whatever is held there."""
    return Settings.model_validate(
        {
            **settings.model_dump(),
            "database_url": pg.app_dsn,
            "migration_database_url": pg.owner_dsn,
        }
    )


@pytest.fixture
async def database(alone: Settings) -> AsyncIterator[Database]:
    opened = await init_database(alone)
    yield opened
    await opened.close()


@pytest.fixture
def buyer(alone: Settings, pg: TestDatabase, http: AsyncClient) -> Person:
    return sign_up(alone, pg.superuser_dsn, http)


def documents(person: Person) -> list[str]:
    with person.sql() as sql:
        rows = sql.execute(
            "select invoice_number from public.invoices where user_id = %(id)s"
            " union all select credit_note_number from public.credit_notes where user_id = %(id)s"
            " order by 1",
            {"id": person.id},
        )
        return [number for (number,) in rows]


async def test_what_waits_is_told_and_issued_when_it_can_be(
    alone: Settings, database: Database, buyer: Person
) -> None:
    bought = [supply(buyer) for _ in range(3)]
    for one in bought:
        assert await issued(database, one, None) is None
    assert await credited(database, bought[0], None, 10000) is None
    with capture_logs() as told:
        assert await gst_service.issue_held(database, alone) == 0
    (warning,) = [line for line in told if line["event"] == "documents_held"]
    assert warning["reasons"] == {"seller_missing": 4}
    assert warning["missing"] == ["COMPANY_NAME", "COMPANY_ADDRESS", "COMPANY_GSTIN"]
    assert documents(buyer) == []
    registered = alone.model_copy(update=REGISTERED)
    assert await gst_service.issue_held(database, registered) == 4
    assert len(documents(buyer)) == 4
    assert await gst_service.issue_held(database, registered) == 0


async def test_more_than_a_batch(alone: Settings, database: Database, buyer: Person) -> None:
    for _ in range(103):
        await issued(database, supply(buyer), None)
    registered = alone.model_copy(update=REGISTERED)
    assert await gst_service.issue_held(database, registered) == 103
    numbers = documents(buyer)
    assert [number[-6:] for number in numbers] == [f"{n:06}" for n in range(1, 104)]


async def test_the_worker_does_it(alone: Settings, database: Database, buyer: Person) -> None:
    await issued(database, supply(buyer), None)
    registered = alone.model_copy(update=REGISTERED)
    queue = jobs.create_jobs_app(registered)
    async with queue.open_async(), working(registered):
        await queue.configure_task("issue_held", queue=jobs.QUEUE).defer_async(timestamp=0)
        async with asyncio.timeout(20):
            while not documents(buyer):
                await asyncio.sleep(0.1)
    assert len(documents(buyer)) == 1
