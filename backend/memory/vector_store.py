"""Semantic memory: texts with the vectors of their meaning, searched by meaning and by words (PRODUCT 8).

A row's id follows from what it is about, so that writing it again replaces it. Vectors of another embedder
than ours are never compared; they wait in the table until their text is written again.
"""

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args
from uuid import UUID

from psycopg.types.json import Jsonb

from backend.core import later
from backend.core.database import Reader, Tx
from backend.core.wire import Statement

if TYPE_CHECKING:
    from backend.services.embeddings import Vectors

MemoryType = Literal[
    "foundation", "icp", "move", "campaign", "research", "conversation", "feedback"
]
TYPES: tuple[MemoryType, ...] = get_args(MemoryType)

EMBEDDINGS = "backend.services.embeddings"
"""numpy and the model behind it come with the first text that is embedded."""
SIMILARITY_FLOOR = 0.5
CONTEXT_FLOOR = 0.15
"""For background, where five loosely related memories help more than none."""
CONTEXT_ROWS = 5
LONGEST_CONTENT = 4000

CONTEXTS: Mapping[str, tuple[MemoryType, ...]] = {
    "moves": ("foundation", "icp", "move"),
    "campaigns": ("foundation", "icp", "campaign", "move"),
    "muse": ("foundation", "icp", "feedback"),
    "blackbox": ("foundation", "research", "icp"),
    "daily_wins": ("foundation", "icp", "move"),
    "market_research": ("foundation", "research"),
    "icp": ("foundation", "research", "icp"),
}
"""What each agent is reminded of; any other of the foundation alone."""

UPSERT = """
insert into public.memory_vectors
  (id, workspace_id, memory_type, content, metadata, embedding, embedder, reference_id, reference_table)
values (%(id)s, %(workspace_id)s, %(memory_type)s, %(content)s, %(metadata)s, %(embedding)s, %(embedder)s,
  %(reference_id)s, %(reference_table)s)
on conflict (id) do update set
  memory_type = excluded.memory_type, content = excluded.content, metadata = excluded.metadata,
  embedding = excluded.embedding, embedder = excluded.embedder,
  reference_id = excluded.reference_id, reference_table = excluded.reference_table
where memory_vectors.workspace_id = excluded.workspace_id
"""
DELETE = """
delete from public.memory_vectors where workspace_id = %(workspace_id)s
  and (%(id)s::uuid is null or id = %(id)s)
  and (%(memory_type)s::text is null or memory_type = %(memory_type)s)
  and (%(session_id)s::text is null or metadata ->> 'session_id' = %(session_id)s)
  and (%(reference_id)s::uuid is null or reference_id = %(reference_id)s)
"""
LATEST = """
select content, metadata from public.memory_vectors
where workspace_id = %(workspace_id)s and memory_type = %(kind)s
order by created_at desc, id limit %(limit)s
"""
SEARCH = """
select api.search_memories(%(claims)s, %(vector)s, %(embedder)s, %(words)s, %(types)s, %(floor)s, %(limit)s)
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """One text to remember. `part` tells several texts about the same row apart."""

    memory_type: MemoryType
    content: str
    reference_id: UUID | None = None
    reference_table: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    part: str = ""

    def id_in(self, workspace_id: UUID) -> UUID:
        about = self.reference_id or self.content
        return uuid.uuid5(workspace_id, f"{self.memory_type}:{about}:{self.part}")


async def embed(memories: Sequence[Memory]) -> "Vectors":
    """The vectors of these texts, in order. Outside any transaction: it takes milliseconds a text."""
    embeddings = await later.module(EMBEDDINGS)
    vectors: Vectors = await embeddings.aencode(
        [memory.content[:LONGEST_CONTENT] for memory in memories]
    )
    return vectors


async def upsert(tx: Tx, memories: Sequence[Memory], vectors: "Vectors") -> list[UUID]:
    """Write these memories, replacing what was remembered under the same ids."""
    embeddings = await later.module(EMBEDDINGS)
    ids = []
    for memory, vector in zip(memories, vectors, strict=True):
        ids.append(memory.id_in(tx.workspace_id))
        values = {
            "id": ids[-1],
            "memory_type": memory.memory_type,
            "content": memory.content[:LONGEST_CONTENT],
            "metadata": Jsonb(memory.metadata),
            "embedding": as_text(vector.tolist()),
            "embedder": embeddings.EMBEDDER_ID,
            "reference_id": memory.reference_id,
            "reference_table": memory.reference_table,
        }
        await tx.run(UPSERT, values)
    return ids


async def delete(
    tx: Tx,
    *,
    id: UUID | None = None,
    memory_type: str | None = None,
    session_id: UUID | None = None,
    reference_id: UUID | None = None,
) -> int:
    """Forget what fits all that is given; with nothing given, everything. Returns how many."""
    values = {
        "id": id,
        "memory_type": memory_type,
        "session_id": str(session_id) if session_id else None,
        "reference_id": reference_id,
    }
    return await tx.run(DELETE, values)


async def search(
    db: Reader,
    query: str,
    *,
    types: Sequence[MemoryType] | None = None,
    limit: int = 10,
    floor: float = SIMILARITY_FLOOR,
) -> list[dict[str, Any]]:
    """Memories about `query`, best first, with `similarity` (None: found by its words) and merged `score`.

    A row must be nearer in meaning than `floor` or share a word with the query.
    """
    return parsed(await search_json(db, query, types=types, limit=limit, floor=floor))


async def search_json(
    db: Reader,
    query: str,
    *,
    types: Sequence[MemoryType] | None = None,
    limit: int = 10,
    floor: float = SIMILARITY_FLOOR,
) -> bytes | None:
    """`search` as the JSON text `{"memories": [...]}` that Postgres rendered."""
    embeddings = await later.module(EMBEDDINGS)
    values = {
        "vector": as_text(await embed_text(query)),
        "embedder": embeddings.EMBEDDER_ID,
        "words": query,
        "types": list(types) if types else None,
        "floor": floor,
        "limit": limit,
    }
    return await db.json(SEARCH, values)


async def agent_context(db: Reader, agent: str, query: str) -> list[dict[str, Any]]:
    """What an agent is reminded of before it works: the five nearest of the types it uses."""
    types = CONTEXTS.get(agent, ("foundation",))
    return await search(db, query, types=types, limit=CONTEXT_ROWS, floor=CONTEXT_FLOOR)


def latest(kind: MemoryType, limit: int) -> Statement:
    """Reads the newest memories of a type: `content` and `metadata`."""
    return LATEST, {"kind": kind, "limit": limit}


async def embed_text(text: str) -> list[float]:
    """Of a question or a goal: routing and composers mostly want the same one's, so it is kept a while."""
    embeddings = await later.module(EMBEDDINGS)
    vector: list[float] = (await asyncio.to_thread(embeddings.encode_one, text)).tolist()
    return vector


def parsed(text: bytes | None) -> list[dict[str, Any]]:
    """The memories of a search's JSON text."""
    found: list[dict[str, Any]] = json.loads(text)["memories"] if text else []
    return found


def as_text(vector: Sequence[float]) -> str:
    """The vector as pgvector reads it."""
    return json.dumps(vector)
