"""What a session has at hand: `wm:{workspace}:{session}` in Redis, an hour from the last use (PRODUCT 9).

A copy for speed. With Redis away the session is read from its episodes in Postgres, so nothing is forgotten.
The key names the workspace, because clients choose their session ids and two may choose the same.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis

from backend.core.redis import Away, Patience
from backend.core.redis_keys import WORKING_MEMORY_TTL_SECONDS, working_memory

MESSAGES = 10


class Session(BaseModel):
    """The working memory of one session. `requests`: the last request of each type, as it was understood."""

    session_id: UUID | None
    workspace_id: UUID
    user_id: UUID
    current_agent: str | None = None
    current_task: str | None = None
    recent_messages: list[dict[str, Any]] = []
    requests: dict[str, dict[str, Any]] = {}
    foundation_summary: str = ""
    active_icps: list[str] = []
    pending_approvals: list[str] = []
    last_output: dict[str, Any] | None = None


class WorkingMemory:
    """Reads and writes sessions. Never raises for Redis: None or False says that it was not there."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._patience = Patience()

    async def get(self, workspace_id: UUID, session_id: UUID) -> Session | None:
        key = working_memory(workspace_id, session_id)
        try:
            text = await self._patience.ask(lambda: self._redis.get(key))
            return Session.model_validate_json(text) if text else None
        except (Away, ValidationError):  # not there, or written by another version
            return None

    async def put(self, session: Session) -> bool:
        """Keep the session for another hour."""
        assert session.session_id is not None, "only a named session is kept"
        kept = session.model_copy(update={"recent_messages": session.recent_messages[-MESSAGES:]})
        key = working_memory(session.workspace_id, session.session_id)
        text = kept.model_dump_json()
        try:
            await self._patience.ask(
                lambda: self._redis.set(key, text, ex=WORKING_MEMORY_TTL_SECONDS)
            )
        except Away:
            return False
        return True

    async def forget(self, workspace_id: UUID, session_ids: Sequence[UUID]) -> bool:
        """Drop these sessions; False when Redis could not be asked, and they live out their hour."""
        if not session_ids:
            return True
        keys = [working_memory(workspace_id, id) for id in session_ids]
        self._patience.away_until = 0.0  # what a user erases is worth a wait
        try:
            await self._patience.ask(lambda: self._redis.delete(*keys))
        except Away:
            return False
        return True
