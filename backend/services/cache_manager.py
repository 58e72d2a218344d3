"""The foundation and ICPs as every run needs them, kept in Redis for an hour and dropped on write.

A cache only: with Redis away every look is a miss and goes to Postgres, as the user.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

from redis.asyncio import Redis

from backend.core.database import Reader
from backend.core.redis import Away, Patience
from backend.core.redis_keys import (
    APPROVAL_TTL_SECONDS,
    CACHE_TTL_SECONDS,
    approval,
    cache_foundation,
    cache_icps,
    preferences,
)
from backend.domain import feedback

FOUNDATION = """
select summary, brand_voice, messaging_guardrails, soundbite_library, company_name, onboarding_completed
from public.foundations where workspace_id = %(workspace_id)s
"""
ICPS = """
select id::text, name, tagline, summary, is_primary, market_sophistication
from public.icp_profiles where workspace_id = %(workspace_id)s
order by is_primary desc, created_at, id limit 20
"""


class Background(NamedTuple):
    """`foundation`: summary, brand voice, guardrails, soundbites, name, whether onboarding is completed.
    `icps`: up to 20 in short form, the primary one first. `preferences`: what the workspace's feedback has
    taught, as `domain.feedback.Preferences`."""

    foundation: dict[str, Any]
    icps: list[dict[str, Any]]
    preferences: dict[str, Any]


async def _foundation(db: Reader) -> dict[str, Any]:
    return await db.one(FOUNDATION) or {}


async def _icps(db: Reader) -> list[dict[str, Any]]:
    return await db.all(ICPS)


async def _preferences(db: Reader) -> dict[str, Any]:
    return (await feedback.preferences(db)).model_dump(mode="json")


class CacheManager:
    """Reads through Redis. `drop_*` belongs after the commit of whatever changed the rows."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._patience = Patience()

    async def get_background(self, db: Reader) -> Background:
        """What every run is told of its workspace, from Redis in one trip where it is there."""
        id = db.user.workspace_id
        keys = [cache_foundation(id), cache_icps(id), preferences(id)]
        texts = await self._quickly(lambda: self._redis.mget(keys)) or [None] * len(keys)
        known: list[Any] = [json.loads(text) if text else None for text in texts]
        read = (_foundation, _icps, _preferences)
        for n, key in enumerate(keys):
            if known[n] is None:
                known[n] = await read[n](db)
                await self._write(key, known[n])
        return Background(*known)

    async def drop_foundation(self, workspace_id: UUID) -> None:
        await self._drop(cache_foundation(workspace_id))

    async def drop_icps(self, workspace_id: UUID) -> None:
        await self._drop(cache_icps(workspace_id))

    async def drop_written(self, request_type: str, workspace_id: UUID) -> None:
        """What a run of this type writes."""
        if request_type in ("foundation", "onboarding"):
            await self.drop_foundation(workspace_id)
        if request_type in ("icps", "onboarding"):
            await self.drop_icps(workspace_id)

    async def drop_preferences(self, workspace_id: UUID) -> None:
        await self._drop(preferences(workspace_id))

    async def keep_gate(self, gate_id: UUID, workspace_id: UUID) -> None:
        """Note that a gate waits, for as long as it may."""
        await self._write(
            approval(gate_id), {"workspace_id": str(workspace_id)}, APPROVAL_TTL_SECONDS
        )

    async def drop_gate(self, gate_id: UUID) -> None:
        await self._drop(approval(gate_id))

    async def _write(self, key: str, value: Any, seconds: int = CACHE_TTL_SECONDS) -> None:
        text = json.dumps(value)
        await self._quickly(lambda: self._redis.set(key, text, ex=seconds))

    async def _drop(self, key: str) -> None:
        self._patience.away_until = 0.0  # a stale entry is worse than a wait
        await self._quickly(lambda: self._redis.delete(key))

    async def _quickly(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer, or None when Redis does not give one at once."""
        try:
            return await self._patience.ask(ask)
        except Away:
            return None
