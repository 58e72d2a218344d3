"""What of a workspace becomes memory: its foundation and ICPs, and what its runs made (PRODUCT 8)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.core.database import Database, Tx
from backend.core.identity import AuthenticatedUser
from backend.memory import graph_store, vector_store
from backend.memory.vector_store import Memory

NOT_TEXT = frozenset({"id", "sources", "source", "evidence_id", "span", "url", "provenance"})
RESEARCH_PARTS = ("customer_insights", "competitor_analysis", "market_trends")


@dataclass(frozen=True, slots=True)
class Indexed:
    """How much the foundation gave: memories by type, things and relations drawn."""

    foundation: int
    icp: int
    research: int
    entities: int
    relations: int

    @property
    def vectors(self) -> int:
        return self.foundation + self.icp + self.research


def of_foundation(foundation: Mapping[str, Any]) -> list[Memory]:
    """The summary, the positioning, and each part of the research that says something."""
    id = foundation["id"]
    texts = {"summary": foundation["summary"] or "", "positioning": flat(foundation["positioning"])}
    memories = [
        Memory("foundation", text, id, "foundations", {"part": part}, part)
        for part, text in texts.items()
        if text
    ]
    research = foundation["market_research"] or {}
    parts = [*RESEARCH_PARTS, *sorted(set(research) - set(RESEARCH_PARTS))]
    found = {part: flat(research.get(part)) for part in parts}
    found["competitors"] = flat(foundation["competitors"])
    return memories + [
        Memory("research", text, id, "foundations", {"part": part}, part)
        for part, text in found.items()
        if text
    ]


def of_icp(icp: Mapping[str, Any]) -> Memory:
    """Who the ICP is and what moves them, as one text."""
    told = [icp["name"], icp["tagline"], icp["summary"]]
    parts = [flat(icp[part]) for part in ("demographics", "psychographics", "behaviors")]
    text = ". ".join(str(part).rstrip(".") for part in [*told, *parts] if part)
    return Memory("icp", text, icp["id"], "icp_profiles", {"name": icp["name"]})


def of_run(
    run_id: UUID,
    session_id: UUID | None,
    request_type: str,
    request: Mapping[str, Any],
    output: Any,
) -> list[Memory]:
    """A finished run: what was asked in free words, and the move or campaign that came of it."""
    metadata = {"run_id": str(run_id), "request_type": request_type}
    metadata |= {"session_id": str(session_id)} if session_id else {}
    memories = []
    if query := request.get("query"):
        memories.append(Memory("conversation", str(query), run_id, "agent_executions", metadata))
    made = output if isinstance(output, Mapping) else {}
    if isinstance(made.get("move"), Mapping):
        move = made["move"]
        played = {**metadata, "cards": _cards(move)}
        memories.append(Memory("move", move_text(move), UUID(move["id"]), "moves", played))
    if isinstance(made.get("campaign"), Mapping):
        plan = made["campaign"]
        text = ". ".join(str(plan[key]) for key in ("name", "goal", "description") if plan.get(key))
        memories.append(Memory("campaign", text, UUID(plan["id"]), "campaigns", metadata))
    return memories


def move_text(move: Mapping[str, Any]) -> str:
    themes = [str(day["theme"]) for day in move.get("execution") or [] if day.get("theme")]
    told = [move["name"], move.get("goal"), f"{move['category']}, {move['duration_days']} days"]
    days = f"Days: {'; '.join(dict.fromkeys(themes))}" if themes else None
    return ". ".join(str(part).rstrip(".") for part in [*told, days] if part)


def _cards(move: Mapping[str, Any]) -> list[str]:
    """The plays of a composed move, without the weekly close that every plan has."""
    days = move.get("execution") or []
    played = [task.get("card") for day in days for task in day.get("tasks") or []]
    return sorted({str(card) for card in played if card})


def of_feedback(id: UUID, about: str, row: Mapping[str, Any]) -> Memory:
    """What the user said about an output. `about` names it."""
    said = [row.get("free_text"), *(row.get("what_was_good") or [])]
    wrong = [f"to improve: {line}" for line in row.get("what_needs_improvement") or []]
    told = "; ".join(str(part) for part in [*said, *wrong] if part)
    rated = f", {row['rating']} of 5" if row["rating"] else ""
    text = f"Feedback on {about}{rated}. {told}".strip()
    return Memory("feedback", text, id, "feedback_records", {"rating": row["rating"]})


async def index(
    database: Database,
    user: AuthenticatedUser,
    foundation: Mapping[str, Any],
    icps: Sequence[Mapping[str, Any]],
) -> Indexed:
    """Put a foundation and its ICPs into vectors and graph, instead of what was there of the kind.

    The rows need `id`, and what `of_foundation` and `of_icp` read. Doing it twice changes nothing.
    """
    memories = [*of_foundation(foundation), *map(of_icp, icps)]
    vectors = await vector_store.embed(memories)
    async with database.workspace(user) as tx:
        for kind in ("foundation", "research", "icp"):
            await vector_store.delete(tx, memory_type=kind)
        await vector_store.upsert(tx, memories, vectors)
        entities, relations = await draw_graph(tx, foundation, icps)
    counts = Counter(memory.memory_type for memory in memories)
    return Indexed(counts["foundation"], counts["icp"], counts["research"], entities, relations)


async def draw_graph(
    tx: Tx, foundation: Mapping[str, Any], icps: Sequence[Mapping[str, Any]]
) -> tuple[int, int]:
    """The company, its rivals and strengths, its ICPs with fears (has_pain) and hangouts (uses_channel).

    Drawn anew: the company and ICPs drawn before go first. Returns how many things and relations there are.
    """
    await graph_store.forget_types(tx, "company", "icp")
    name = foundation["company_name"] or "The company"
    company = await graph_store.add_entity(tx, "company", name, reference_id=foundation["id"])
    edges: set[tuple[UUID, UUID]] = set()
    for kind, relation, target in _of_company(foundation):
        other = await graph_store.add_entity(tx, kind, target)
        await graph_store.relate(tx, company, relation, other)
        edges.add((company, other))
    for icp in icps:
        edges |= await _draw_icp(tx, company, icp)
    return len({company, *(end for edge in edges for end in edge)}), len(edges)


async def _draw_icp(tx: Tx, company: UUID, icp: Mapping[str, Any]) -> set[tuple[UUID, UUID]]:
    who = await graph_store.add_entity(
        tx, "icp", icp["name"], {"tagline": icp["tagline"]}, reference_id=icp["id"]
    )
    await graph_store.relate(tx, company, "targets_icp", who)
    edges = [
        *(("pain_point", "has_pain", fear) for fear in icp["psychographics"].get("fears") or []),
        *(("channel", "uses_channel", place) for place in icp["behaviors"].get("hangouts") or []),
    ]
    named = [(kind, relation, name) for kind, relation, told in edges if (name := _name(told))]
    drawn = {(company, who)}
    for kind, relation, name in named:
        other = await graph_store.add_entity(tx, kind, name)  # type: ignore[arg-type]
        await graph_store.relate(tx, who, relation, other)  # type: ignore[arg-type]
        drawn.add((who, other))
    return drawn


def _of_company(
    foundation: Mapping[str, Any],
) -> Iterator[tuple[graph_store.EntityType, graph_store.Relation, str]]:
    for rival in foundation["competitors"] or []:
        if name := _name(rival):
            yield "competitor", "competes_with", name
    positioning = foundation["positioning"] or {}
    for usp in positioning.get("usps") or []:
        if name := _name(usp):
            yield "usp", "has_usp", name


def _name(value: Any) -> str:
    """The name of something that research wrote as a word or as an object."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("name", "title", "text", "usp") if value.get(key)), "")
    return str(value or "").strip()


def flat(value: Any) -> str:
    """The sentences inside a JSON document, in order, without ids and sources."""
    return ". ".join(line.rstrip(". ") for line in _lines(value) if line.strip(". "))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if key not in NOT_TEXT:
                yield from _lines(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _lines(part)
