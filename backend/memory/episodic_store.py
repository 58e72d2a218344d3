"""What happened, in order: conversations, executions, feedback, preferences (PRODUCT 8).

An episode fades: its importance counts 0.95 for each day that has passed.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from backend.core.database import Reads, Tx
from backend.core.wire import Statement
from backend.memory import compression

EpisodeType = Literal["conversation", "execution", "feedback", "preference"]
RECENT, CONVERSATION, PREFERENCES, SUMMARISED = 20, 10, 50, 100
SUMMARY_TOKENS = 500

ADD = """
insert into public.episodic_memory
  (id, workspace_id, session_id, episode_type, content, importance, created_at)
values (%(id)s, %(workspace)s, %(session_id)s, %(episode_type)s, %(content)s, %(importance)s,
  clock_timestamp())
on conflict (id) do nothing
"""
RECENT_ONES = """
select id, session_id, episode_type, content, importance, created_at,
  importance * power(0.95, extract(epoch from now() - created_at)::float8 / 86400) as strength
from public.episodic_memory
where workspace_id = %(workspace_id)s
  and (%(session_id)s::uuid is null or session_id = %(session_id)s)
  and (%(types)s::text[] is null or episode_type = any (%(types)s))
order by created_at desc, id desc limit %(limit)s
"""
SESSION = """
(select episode_type, content, created_at, id from public.episodic_memory
  where workspace_id = %(workspace_id)s and session_id = %(session_id)s and episode_type = 'conversation'
  order by created_at desc, id desc limit %(messages)s)
union all
(select episode_type, content, created_at, id from public.episodic_memory
  where workspace_id = %(workspace_id)s and session_id = %(session_id)s and episode_type = 'execution'
  order by created_at desc, id desc limit %(executions)s)
order by created_at, id
"""
STRONGEST = """
select id, session_id, episode_type, content, importance, created_at,
  importance * power(0.95, extract(epoch from now() - created_at)::float8 / 86400) as strength
from public.episodic_memory
where workspace_id = %(workspace_id)s and episode_type = 'preference'
order by strength desc, id limit %(limit)s
"""
DELETE = """
delete from public.episodic_memory where workspace_id = %(workspace_id)s
  and (%(id)s::uuid is null or id = %(id)s)
  and (%(episode_type)s::text is null or episode_type = %(episode_type)s)
  and (%(session_id)s::uuid is null or session_id = %(session_id)s)
"""
SESSIONS = """
select distinct session_id from public.episodic_memory
where workspace_id = %(workspace_id)s and session_id is not null
  and created_at > now() - make_interval(secs => %(seconds)s)
"""


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that happened. `key` makes its id: the same key in the same workspace is the same episode."""

    episode_type: EpisodeType
    content: dict[str, Any]
    key: str
    session_id: UUID | None = None
    importance: float = 1.0


def add(tx: Tx, workspace_id: UUID, episodes: Sequence[Episode]) -> None:
    """Write these episodes once each, however often it is asked. Works behind either door."""
    for episode in episodes:
        values = {
            "id": uuid.uuid5(workspace_id, f"episode:{episode.key}"),
            "workspace": workspace_id,
            "session_id": episode.session_id,
            "episode_type": episode.episode_type,
            "content": Jsonb(episode.content),
            "importance": episode.importance,
        }
        tx.later(ADD, values)


async def recent(
    db: Reads,
    *,
    session_id: UUID | None = None,
    types: Sequence[EpisodeType] | None = None,
    limit: int = RECENT,
) -> list[dict[str, Any]]:
    """The latest episodes, newest first, each with its `strength` today (0 to 1)."""
    return await db.all(*latest(types, limit, session_id))


def latest(
    types: Sequence[EpisodeType] | None, limit: int, session_id: UUID | None = None
) -> Statement:
    """Reads what `recent` gives."""
    values = {"session_id": session_id, "types": list(types) if types else None, "limit": limit}
    return RECENT_ONES, values


async def session(
    db: Reads, session_id: UUID, messages: int = CONVERSATION
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A session's last messages as `{role, text, at}`, and what its last executions did; oldest first."""
    limits = {"messages": messages, "executions": RECENT}
    rows = await db.all(SESSION, {"session_id": session_id, **limits})
    said = [_message(row) for row in rows if row["episode_type"] == "conversation"]
    return said, [row["content"] for row in rows if row["episode_type"] == "execution"]


async def preferences(db: Reads, limit: int = PREFERENCES) -> list[dict[str, Any]]:
    """What the user was seen to prefer, strongest first."""
    return await db.all(STRONGEST, {"limit": limit})


async def summary(
    db: Reads, *, session_id: UUID | None = None, budget: int = SUMMARY_TOKENS
) -> str:
    """The last 100 episodes in at most `budget` tokens: the most telling lines, faded ones less."""
    rows = await recent(db, session_id=session_id, limit=SUMMARISED)
    lines = [(str(row["content"].get("text") or ""), float(row["strength"])) for row in rows]
    told = [(line, strength) for line, strength in reversed(lines) if line]
    kept = compression.extract([line for line, _ in told], budget, [weight for _, weight in told])
    return "\n".join(kept)


async def sessions_since(db: Reads, seconds: int) -> list[UUID]:
    """The sessions that have had an episode within so many seconds."""
    return [row["session_id"] for row in await db.all(SESSIONS, {"seconds": seconds})]


async def delete(
    tx: Tx,
    *,
    id: UUID | None = None,
    episode_type: str | None = None,
    session_id: UUID | None = None,
) -> int:
    """Forget what fits all that is given; with nothing given, everything. Returns how many."""
    values = {"id": id, "episode_type": episode_type, "session_id": session_id}
    return await tx.run(DELETE, values)


def _message(row: dict[str, Any]) -> dict[str, Any]:
    at: datetime = row["created_at"]
    content = row["content"]
    return {"role": content["role"], "text": content["text"], "at": at.isoformat()}
