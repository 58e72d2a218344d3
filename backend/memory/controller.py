"""All memory behind one door: what a run is reminded of, what it leaves behind, what a user erases."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

from psycopg.rows import DictRow
from redis.asyncio import Redis

from backend.core.database import Database, Reader, Tx
from backend.core.errors import NotFound
from backend.core.identity import AuthenticatedUser
from backend.core.redis_keys import WORKING_MEMORY_TTL_SECONDS
from backend.domain import feedback
from backend.domain.muse import Type as MuseType
from backend.domain.runs import ClaimedRun
from backend.memory import compression, episodic_store, graph_store, indexing, vector_store
from backend.memory.episodic_store import Episode
from backend.memory.indexing import Indexed
from backend.memory.outcomes import outcomes
from backend.memory.vector_store import TYPES
from backend.memory.working_memory import MESSAGES, Session, WorkingMemory
from backend.services.cache_manager import CacheManager

ICP_GRAPHS, CONTEXT_MESSAGES = 2, 5
CONTEXT_TOKENS = 2000
LAST_PLANS, LESSONS = 2, 20
DISSATISFIED = frozenset({"not_helpful", "wrong", "needs_improvement"})
POOR = 2
"""A rating up to which free words are taken as a wish for better."""
PLANNERS = frozenset({"moves", "campaigns", "daily_wins"})
"""Agents that look back at what their last plans played."""
ALSO_CALLED: Mapping[str, frozenset[str]] = {
    "muse": frozenset({"asset", "muse_asset", "copy", "post", *get_args(MuseType)}),
    "daily_wins": frozenset({"win"}),
    "blackbox": frozenset({"strategy", "strategie", "blackbox_strategy", "blackbox_strategie"}),
}
"""What feedback calls an agent's outputs, without an s at the end."""
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
        self._cache = CacheManager(redis)

    # --- remembering -------------------------------------------------------------------------------

    async def index_foundation(self, user: AuthenticatedUser) -> Indexed:
        """Remember the foundation, the research and all ICPs as they are now, instead of what was."""
        reader = self._database.reader(user)
        foundation, icps = await reader.one(FOUNDATION), await reader.all(ICPS)
        if foundation is None:
            raise NotFound("Foundation not found", code="foundation_not_found")
        return await indexing.index(self._database, user, foundation, icps)

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

    async def session(self, user: AuthenticatedUser, session_id: UUID | None) -> Session:
        """What the session has at hand: from Redis, else from its episodes. A run without one has nothing."""
        if session_id is None:
            return Session(session_id=None, workspace_id=user.workspace_id, user_id=user.id)
        known = await self._working.get(user.workspace_id, session_id)
        return known or await self._from_episodes(user, session_id)

    async def refresh(
        self, user: AuthenticatedUser, session_id: UUID | None, **at_hand: Any
    ) -> bool:
        """Put the session into Redis as its episodes have it now; call it after they are committed."""
        if session_id is None:
            return False
        session = await self._from_episodes(user, session_id)
        return await self._working.put(session.model_copy(update=at_hand))

    async def _from_episodes(self, user: AuthenticatedUser, session_id: UUID) -> Session:
        reader = self._database.reader(user)
        messages, executions = await episodic_store.session(reader, session_id, MESSAGES)
        done = [content for content in executions if content.get("request")]
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
        self,
        user: AuthenticatedUser,
        agent: str,
        query: str,
        messages: Sequence[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        """What an agent is reminded of before it works, as plain JSON without empty parts.

        `messages` are those of the session, as its working memory has them.

        `memories` (the five nearest of the types it uses), `recent_plays` (what its last two plans played),
        `outcomes` (what the founder kept and threw away of its last outputs, by kind),
        `icps` (two, with their graphs), `messages` (five of the session), `preferences` and `lessons` (what
        feedback has taught; `improve` and `keep` in the user's words). Within CONTEXT_TOKENS.
        """
        reader = self._database.reader(user)
        last = LAST_PLANS if agent in PLANNERS else 0
        plans, said, icps = await reader.each(
            vector_store.latest("move", last),
            episodic_store.latest(["feedback"], LESSONS),
            (f"{ICPS} limit {ICP_GRAPHS}", {}),
        )
        near = await vector_store.agent_context(reader, agent, query) if query else []
        parts = {
            "preferences": (await feedback.preferences(reader)).taught() if said else {},
            "lessons": _lessons(said, agent),
            "outcomes": await outcomes(reader, agent),
            "recent_plays": [card for row in plans for card in row["metadata"].get("cards", [])],
            "messages": [
                {"role": message["role"], "text": message["text"]}
                for message in messages[-CONTEXT_MESSAGES:]
            ],
            "memories": [{"type": row["type"], "content": row["content"]} for row in near],
            "icps": json.loads(json.dumps(await _icp_graphs(reader, icps), default=str)),
        }
        return compression.within(
            {name: part for name, part in parts.items() if part}, CONTEXT_TOKENS
        )

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
        await self._cache.drop_preferences(user.workspace_id)
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
            await self._cache.drop_preferences(user.workspace_id)
            await self._working.forget(user.workspace_id, sessions)

    async def _forget_working(
        self, user: AuthenticatedUser, type: str | None, sessions: list[UUID]
    ) -> bool:
        if type is not None and type not in ("conversation", "execution"):
            return True
        return await self._working.forget(user.workspace_id, sessions)


def write_feedback(tx: Tx, row: Mapping[str, Any]) -> None:
    """What somebody said of an output, as an episode: preferences and lessons are read from those."""
    wrong = row["feedback_type"] in DISSATISFIED or (row["rating"] or POOR + 1) <= POOR
    said = [row["free_text"]] if row["free_text"] else []
    improve = [*row["what_needs_improvement"], *(said if wrong else [])]
    good = [*row["what_was_good"], *([] if wrong else said)]
    text = indexing.of_feedback(row["id"], row["output_type"], row).content
    content = {
        "text": text,
        "feedback_id": str(row["id"]),
        "output_type": row["output_type"],
        "rating": row["rating"],
        "improve": improve,
        "good": good,
    }
    episode = Episode("feedback", content, f"feedback:{row['id']}", None, 0.9)
    episodic_store.add(tx, tx.workspace_id, [episode])


def write_episodes(
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
    episodic_store.add(tx, run.workspace_id, told)


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


async def _icp_graphs(reader: Reader, rows: Sequence[DictRow]) -> list[dict[str, Any]]:
    graphs = [await graph_store.icp_context(reader, row["id"]) for row in rows]
    return [
        {"name": row["name"], **graph} for row, graph in zip(rows, graphs, strict=True) if graph
    ]


def _lessons(rows: Sequence[Mapping[str, Any]], agent: str) -> dict[str, list[str]]:
    """What was said of outputs like this agent's, newest first."""
    about = [row["content"] for row in rows if _speaks_of(row["content"], agent)]
    improve = [line for content in about for line in content.get("improve") or []]
    keep = [line for content in about for line in content.get("good") or []]
    told = {"improve": list(dict.fromkeys(improve)), "keep": list(dict.fromkeys(keep))}
    return {name: lines for name, lines in told.items() if lines}


def _speaks_of(content: Mapping[str, Any], agent: str) -> bool:
    """`move` is of the agent `moves`, `email` of `muse`; feedback on anything else is not."""
    kind = str(content.get("output_type") or "").lower().rstrip("s")
    return kind == agent.lower().rstrip("s") or kind in ALSO_CALLED.get(agent, ())
