"""All memory behind one door: what a run is reminded of, what it leaves behind, what a user erases."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from redis.asyncio import Redis

from backend.core.database import Database, Reader, Tx
from backend.core.errors import NotFound
from backend.core.identity import AuthenticatedUser
from backend.core.redis_keys import WORKING_MEMORY_TTL_SECONDS
from backend.domain.runs import ClaimedRun
from backend.memory import episodic_store, graph_store, indexing, vector_store
from backend.memory.episodic_store import Episode
from backend.memory.vector_store import TYPES
from backend.memory.working_memory import MESSAGES, Session, WorkingMemory

ICP_GRAPHS, CONTEXT_MESSAGES = 2, 5
EPISODE_TYPES = ("conversation", "execution", "feedback", "preference")

FOUNDATION = """
select id, company_name, summary, positioning, market_research, competitors
from public.foundations where workspace_id = %(workspace_id)s
"""
ICPS = """
select id, name, tagline, summary, demographics, psychographics, behaviors
from public.icp_profiles where workspace_id = %(workspace_id)s
order by is_primary desc, created_at, id
"""
RUN = """
select id, session_id, request_type, request_data, output, success
from public.agent_executions where workspace_id = %(workspace_id)s and id = %(id)s
"""


@dataclass(frozen=True, slots=True)
class Indexed:
    """How much the foundation gave: memories by type, and relations drawn."""

    foundation: int
    icp: int
    research: int
    relations: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was erased. `working` is False when Redis was away: sessions at hand end within the hour."""

    vectors: int
    episodes: int
    entities: int
    working: bool

    @property
    def total(self) -> int:
        return self.vectors + self.episodes + self.entities


class MemoryController:
    """Made once per process. Holds nothing but the doors."""

    def __init__(self, database: Database, redis: Redis) -> None:
        self._database = database
        self._working = WorkingMemory(redis)

    # --- remembering -------------------------------------------------------------------------------

    async def index_foundation(self, user: AuthenticatedUser) -> Indexed:
        """Remember the foundation, the research and all ICPs as they are now, instead of what was."""
        reader = self._database.reader(user)
        foundation, icps = await reader.one(FOUNDATION), await reader.all(ICPS)
        if foundation is None:
            raise NotFound("Foundation not found", code="foundation_not_found")
        memories = [*indexing.of_foundation(foundation), *map(indexing.of_icp, icps)]
        vectors = await vector_store.embed(memories)
        async with self._database.workspace(user) as tx:
            for kind in ("foundation", "research", "icp"):
                await vector_store.delete(tx, memory_type=kind)
            await vector_store.upsert(tx, memories, vectors)
            relations = await indexing.draw_graph(tx, foundation, icps)
        counts = [memory.memory_type for memory in memories]
        return Indexed(
            counts.count("foundation"), counts.count("icp"), counts.count("research"), relations
        )

    async def remember(self, user: AuthenticatedUser, memories: list[vector_store.Memory]) -> None:
        """Write single memories, such as feedback."""
        vectors = await vector_store.embed(memories)
        async with self._database.workspace(user) as tx:
            await vector_store.upsert(tx, memories, vectors)

    async def remember_run(self, user: AuthenticatedUser, run_id: UUID) -> None:
        """The vectors of a finished run; doing it twice changes nothing."""
        run = await self._database.reader(user).one(RUN, {"id": run_id})
        if run is None or not run["success"]:
            return
        memories = indexing.of_run(
            run["id"], run["session_id"], run["request_type"], run["request_data"], run["output"]
        )
        if memories:
            await self.remember(user, memories)

    # --- sessions ----------------------------------------------------------------------------------

    async def session(self, user: AuthenticatedUser, session_id: UUID) -> Session:
        """What the session has at hand: from Redis, else from its episodes."""
        known = await self._working.get(user.workspace_id, session_id)
        return known or await self._from_episodes(user, session_id)

    async def refresh(self, user: AuthenticatedUser, session_id: UUID, **at_hand: Any) -> bool:
        """Put the session into Redis as its episodes have it now; call it after they are committed."""
        session = await self._from_episodes(user, session_id)
        return await self._working.put(session.model_copy(update=at_hand))

    async def _from_episodes(self, user: AuthenticatedUser, session_id: UUID) -> Session:
        reader = self._database.reader(user)
        messages, executions = await asyncio.gather(
            episodic_store.conversation(reader, session_id, MESSAGES),
            episodic_store.recent(reader, session_id=session_id, types=["execution"]),
        )
        done = [row["content"] for row in reversed(executions) if row["content"].get("request")]
        return Session(
            session_id=session_id,
            workspace_id=user.workspace_id,
            user_id=user.id,
            recent_messages=messages,
            requests={content["request_type"]: content["request"] for content in done},
            last_output=done[-1].get("made") if done else None,
        )

    # --- recalling ---------------------------------------------------------------------------------

    async def recall(
        self, user: AuthenticatedUser, agent: str, query: str, session_id: UUID | None = None
    ) -> dict[str, Any]:
        """Everything an agent is reminded of: memories, two ICP graphs, five messages, preferences."""
        reader = self._database.reader(user)
        memories, graphs, preferences = await asyncio.gather(
            vector_store.agent_context(reader, agent, query) if query else _none(),
            _icp_graphs(reader),
            episodic_store.preferences(reader),
        )
        session = await self.session(user, session_id) if session_id else None
        return {
            "memories": memories,
            "icps": graphs,
            "messages": session.recent_messages[-CONTEXT_MESSAGES:] if session else [],
            "preferences": [row["content"] for row in preferences],
        }

    # --- forgetting --------------------------------------------------------------------------------

    async def forget(
        self, user: AuthenticatedUser, *, type: str | None = None, session_id: UUID | None = None
    ) -> Forgotten:
        """Erase everything, or what is of one type, or of one session, or of both."""
        everything = type is None and session_id is None
        async with self._database.workspace(user) as tx:
            sessions = await episodic_store.sessions_since(tx, 2 * WORKING_MEMORY_TTL_SECONDS)
            vectors = episodes = 0
            if type is None or type in TYPES:
                vectors = await vector_store.delete(tx, memory_type=type, session_id=session_id)
            if type is None or type in EPISODE_TYPES:
                episodes = await episodic_store.delete(tx, episode_type=type, session_id=session_id)
            entities = await graph_store.delete(tx) if everything else 0
        erased = await self._forget_working(user, type, [session_id] if session_id else sessions)
        return Forgotten(vectors, episodes, entities, erased)

    async def forget_one(self, user: AuthenticatedUser, id: UUID) -> None:
        """Erase one memory, episode or thing of the graph. Raises NotFound."""
        async with self._database.workspace(user) as tx:
            sessions = await episodic_store.sessions_since(tx, 2 * WORKING_MEMORY_TTL_SECONDS)
            found = await vector_store.delete(tx, id=id) or await graph_store.delete(tx, id)
            episode = 0 if found else await episodic_store.delete(tx, id=id)
        if not found and not episode:
            raise NotFound("Memory not found", code="memory_not_found")
        if episode:
            await self._working.forget(user.workspace_id, sessions)

    async def _forget_working(
        self, user: AuthenticatedUser, type: str | None, sessions: list[UUID]
    ) -> bool:
        if type is not None and type not in ("conversation", "execution"):
            return True
        return await self._working.forget(user.workspace_id, sessions)


async def write_episodes(
    tx: Tx,
    run: ClaimedRun,
    *,
    request: Mapping[str, Any],
    output: Any,
    success: bool,
    error: str | None,
) -> None:
    """What a run leaves in its session: the message, the answer, and the request as it was understood."""
    made = output if isinstance(output, Mapping) else {}
    said, answered = asked(run.request_type, request), answer(made, error)
    understood = {key: value for key, value in request.items() if key != "session_id"}
    execution = {
        "text": f"{run.request_type}: {said}",
        "request_type": run.request_type,
        "request": None if made.get("questions") else understood,
        "run_id": str(run.id),
        "success": success,
        "made": {"type": made.get("type"), "text": answered},
    }
    user, agent = {"role": "user", "text": said}, {"role": "agent", "text": answered}
    episodes = [
        Episode("conversation", user, f"{run.id}:user", run.session_id),
        Episode("conversation", agent, f"{run.id}:agent", run.session_id),
        Episode("execution", execution, f"{run.id}:run", run.session_id, 0.8 if success else 0.4),
    ]
    told = [episode for episode in episodes if episode.content["text"]]
    await episodic_store.add(tx, run.workspace_id, told)


def asked(request_type: str, request: Mapping[str, Any]) -> str:
    """The request in words: those of the user, else what it names."""
    for key in ("query", "goal", "topic", "outcome", "action", "focus_area"):
        if request.get(key):
            return str(request[key])
    return request_type if "step" not in request else f"{request_type} step {request['step']}"


def answer(output: Mapping[str, Any], error: str | None) -> str:
    """The outcome in a line: a question, what failed, or the name of what was made and its purpose."""
    if output.get("questions"):
        return " ".join(map(str, output["questions"]))
    if error:
        return error
    inner = next((part for part in output.values() if _is_named(part)), output)
    told = [inner.get(key) for key in ("name", "title", "topic", "goal", "summary")]
    return ": ".join(str(part)[:300] for part in told if part)[:600] or str(
        output.get("type") or ""
    )


def _is_named(part: Any) -> bool:
    return isinstance(part, Mapping) and bool(part.get("name") or part.get("title"))


async def _icp_graphs(reader: Reader) -> list[dict[str, Any]]:
    rows: list[DictRow] = await reader.all(f"{ICPS} limit {ICP_GRAPHS}")
    graphs = [await graph_store.icp_context(reader, row["id"]) for row in rows]
    return [
        {"name": row["name"], **graph} for row, graph in zip(rows, graphs, strict=True) if graph
    ]


async def _none() -> list[dict[str, Any]]:
    return []
