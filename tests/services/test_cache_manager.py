"""The cache spares a query and is never needed: no Redis, a slow Redis and a stale entry all end well."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from backend.core.config import Settings
from backend.core.database import Database, Reader
from backend.core.redis import connect
from backend.services.cache_manager import CacheManager
from tests.people import Person


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    client = connect(settings)
    yield client
    await client.aclose()


@pytest.fixture
def reader(owner: Person, app: FastAPI) -> Reader:
    database: Database = app.state.database
    return database.reader(owner.user)


def rename(owner: Person, name: str) -> None:
    with owner.sql() as sql:
        sql.execute(
            "update public.foundations set company_name = %s where workspace_id = %s",
            (name, owner.workspace_id),
        )


async def test_a_second_look_comes_from_redis_until_dropped(
    redis: Redis, owner: Person, reader: Reader
) -> None:
    cache = CacheManager(redis)
    rename(owner, "First")
    assert (await cache.get_background(reader)).foundation["company_name"] == "First"
    rename(owner, "Second")
    assert (await cache.get_background(reader)).foundation["company_name"] == "First"
    await cache.drop_foundation(owner.workspace_id)
    assert (await cache.get_background(reader)).foundation["company_name"] == "Second"


async def test_workspaces_keep_apart(
    redis: Redis, owner: Person, stranger: Person, app: FastAPI
) -> None:
    cache = CacheManager(redis)
    with stranger.sql() as sql:
        sql.execute(
            "insert into public.icp_profiles (workspace_id, name) values (%s, 'Theirs')",
            (stranger.workspace_id,),
        )
    database: Database = app.state.database
    assert len((await cache.get_background(database.reader(stranger.user))).icps) == 1
    assert (await cache.get_background(database.reader(owner.user))).icps == []


async def test_without_redis_it_reads_postgres(
    owner: Person, reader: Reader, settings: Settings
) -> None:
    gone = connect(
        settings.model_copy(update={"redis_url": type(settings.redis_url)("redis://127.0.0.1:1")})
    )
    rename(owner, "Here")
    cache = CacheManager(gone)
    assert (await cache.get_background(reader)).foundation["company_name"] == "Here"
    await cache.drop_foundation(owner.workspace_id)
    await gone.aclose()


async def test_a_redis_that_hangs_costs_little_and_only_once(
    owner: Person, reader: Reader, settings: Settings
) -> None:
    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await closed.wait()
        writer.close()

    closed = asyncio.Event()
    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    slow = connect(
        settings.model_copy(
            update={"redis_url": type(settings.redis_url)(f"redis://127.0.0.1:{port}")}
        )
    )
    cache = CacheManager(slow)
    started = time.monotonic()
    for _ in range(10):
        assert (await cache.get_background(reader)).icps == []
    assert time.monotonic() - started < 2
    closed.set()
    await slow.aclose()
    server.close()
    await server.wait_closed()
