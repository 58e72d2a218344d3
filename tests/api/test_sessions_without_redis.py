"""A session where Redis is away: a file of its own, because its worker must be the only one."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from backend.core.config import Settings
from tests.api.test_sessions import remembers
from tests.people import Person
from tests.workers import working


@pytest.fixture
async def worker(settings: Settings, http: object) -> AsyncIterator[None]:
    away = settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:9/0")})
    async with working(away):
        yield


@pytest.mark.usefixtures("worker")
async def test_the_session_is_read_from_its_episodes(owner: Person) -> None:
    move = await remembers(owner)
    assert move["goal"] == "10 demo bookings for dentists"
