"""What the API and the worker open at boot, with checks that fail early and say which setting is wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.core.auth import TokenVerifier
from backend.core.config import ConfigError, Settings, use_settings
from backend.core.database import Database, init_database
from backend.core.redis import connect, mark_startup

log = structlog.get_logger("startup")

ROLE_CHECK = """
select rolsuper or rolbypassrls as unsafe,
  (select count(*) from pg_class where relowner = r.oid and relnamespace = 'public'::regnamespace) as owns,
  pg_has_role(current_user, 'authenticated', 'member') as may_be_user
from pg_roles r where rolname = current_user
"""


@dataclass(frozen=True)
class Resources:
    database: Database
    redis: Redis
    verifier: TokenVerifier


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open and check everything; close it on leaving. Raises ConfigError or Unavailable."""
    use_settings(settings)
    database = await init_database(settings)
    redis = connect(settings)
    verifier = TokenVerifier(settings)
    try:
        await check_runtime_role(database, settings)
        await _try_redis(redis)
        yield Resources(database, redis, verifier)
    finally:
        await verifier.aclose()
        await redis.aclose()
        await database.close()


async def check_runtime_role(database: Database, settings: Settings) -> None:
    """The login role must not be able to pass row-level security by."""
    async with database.pool.connection() as connection:
        cursor = await connection.execute(ROLE_CHECK)
        row = await cursor.fetchone()
    if row is None or row["unsafe"] or row["owns"] or not row["may_be_user"]:
        problem = (
            "DATABASE_URL: its role bypasses row-level security or owns tables; use raptorflow_app "
            "(`raptorflow migrate` makes it) and put the owner into MIGRATION_DATABASE_URL"
        )
        if settings.environment == "production":
            raise ConfigError([problem])
        log.warning("unsafe_database_role", problem=problem)


async def _try_redis(redis: Redis) -> None:
    """A dead Redis degrades the service (`/ready` says so); it does not keep it from starting."""
    try:
        await mark_startup(redis)
    except (RedisError, OSError) as error:
        log.warning("redis_unavailable", error=type(error).__name__)
