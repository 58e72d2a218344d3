"""The foundation and ICPs as every run needs them, kept in Redis for an hour and dropped on write.

A cache only: with Redis away every look is a miss and goes to Postgres, as the user.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any
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


class CacheManager:
    """Reads through Redis. `drop_*` belongs after the commit of whatever changed the rows."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._patience = Patience()

    async def get_foundation(self, db: Reader) -> dict[str, Any] | None:
        """Summary, brand voice, guardrails, soundbites, name, and whether onboarding is completed."""
        key = cache_foundation(db.user.workspace_id)
        kept: dict[str, Any] | None = await self._read(key)
        if kept is None:
            kept = await db.one(FOUNDATION)
            await self._write(key, kept)
        return kept

    async def get_icps(self, db: Reader) -> list[dict[str, Any]]:
        """Up to 20 ICPs in short form, the primary one first."""
        key = cache_icps(db.user.workspace_id)
        kept: list[dict[str, Any]] | None = await self._read(key)
        if kept is None:
            kept = await db.all(ICPS)
            await self._write(key, kept)
        return kept

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

    async def get_preferences(self, db: Reader) -> dict[str, Any]:
        """What the workspace's feedback has taught, as `domain.feedback.Preferences`."""
        key = preferences(db.user.workspace_id)
        kept: dict[str, Any] | None = await self._read(key)
        if kept is None:
            kept = (await feedback.preferences(db)).model_dump(mode="json")
            await self._write(key, kept)
        return kept

    async def drop_preferences(self, workspace_id: UUID) -> None:
        await self._drop(preferences(workspace_id))

    async def keep_gate(self, gate_id: UUID, workspace_id: UUID) -> None:
        """Note that a gate waits, for as long as it may."""
        await self._write(
            approval(gate_id), {"workspace_id": str(workspace_id)}, APPROVAL_TTL_SECONDS
        )

    async def drop_gate(self, gate_id: UUID) -> None:
        await self._drop(approval(gate_id))

    async def _read(self, key: str) -> Any:
        text = await self._quickly(lambda: self._redis.get(key))
        return json.loads(text) if text else None

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
