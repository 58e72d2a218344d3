"""The knowledge graph of a workspace: things and how they relate (PRODUCT 8).

All walks are one recursive statement each, bounded in depth, and go from row to row by their ids within the
workspace. A step joins to each thing once per depth, so a dense graph does not multiply paths.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args
from uuid import UUID

from psycopg.types.json import Jsonb

from backend.core.database import Reads, Tx

EntityType = Literal[
    "company", "icp", "competitor", "channel", "pain_point", "usp", "feature", "move", "campaign",
    "content",
]  # fmt: skip
Relation = Literal[
    "uses_channel", "has_pain", "wants", "fears", "competes_with", "competes_on", "solves_pain",
    "has_usp", "has_feature", "targets_icp", "part_of_campaign", "follows_move",
]  # fmt: skip
RELATIONS: tuple[Relation, ...] = get_args(Relation)
DEEPEST = 6
LONGEST_NAME = 300

ENTITY = """
insert into public.graph_entities (workspace_id, entity_type, name, properties, reference_id)
values (%(workspace_id)s, %(entity_type)s, %(name)s, %(properties)s, %(reference_id)s)
on conflict (workspace_id, entity_type, name) do update set
  properties = graph_entities.properties || excluded.properties,
  reference_id = coalesce(excluded.reference_id, graph_entities.reference_id)
returning id
"""
RELATE = """
insert into public.graph_relationships
  (workspace_id, source_id, target_id, relation_type, properties, weight)
values (%(workspace_id)s, %(source_id)s, %(target_id)s, %(relation)s, %(properties)s, %(weight)s)
on conflict (workspace_id, source_id, target_id, relation_type) do update set
  properties = excluded.properties, weight = excluded.weight
returning id
"""
DELETE = """
delete from public.graph_entities where workspace_id = %(workspace_id)s
  and (%(id)s::uuid is null or id = %(id)s)
"""
FORGET_TYPES = """
delete from public.graph_entities
where workspace_id = %(workspace_id)s and entity_type = any (%(types)s)
"""
PRUNE = """
delete from public.graph_entities e where e.workspace_id = %(workspace_id)s and e.reference_id is null
  and not exists (select 1 from public.graph_relationships r where r.workspace_id = e.workspace_id
    and (r.source_id = e.id or r.target_id = e.id))
"""
EDGES = """
edges as (
  select source_id as here, target_id as there, relation_type, weight, 'out' as direction
  from public.graph_relationships
  where workspace_id = %(workspace_id)s
    and (%(relations)s::text[] is null or relation_type = any (%(relations)s))
  union all
  select target_id, source_id, relation_type, weight, 'in'
  from public.graph_relationships
  where workspace_id = %(workspace_id)s
    and (%(relations)s::text[] is null or relation_type = any (%(relations)s))
)
"""
WALK = """
walk (id, depth) as (
  select id, 0 from public.graph_entities where workspace_id = %(workspace_id)s and id = %(start)s
  union
  select edges.there, walk.depth + 1 from walk join edges on edges.here = walk.id
  where walk.depth < %(depth)s
),
reached as (select id, min(depth) as depth from walk group by id)
"""
NEIGHBOURS = (
    f"with recursive {EDGES}, {WALK}"  # noqa: S608 - constants of this file
    """
select e.id, e.entity_type, e.name, e.properties, e.reference_id, reached.depth,
  (select coalesce(jsonb_agg(jsonb_build_object('relation', edges.relation_type,
      'direction', edges.direction, 'from', edges.here) order by edges.relation_type, edges.here), '[]')
    from edges join reached as nearer on nearer.id = edges.here and nearer.depth = reached.depth - 1
    where edges.there = e.id) as via
from reached join public.graph_entities e on e.id = reached.id and e.workspace_id = %(workspace_id)s
where reached.depth > 0
order by reached.depth, e.name, e.id
"""
)
SHORTEST = (
    f"with recursive {EDGES}, {WALK},"  # noqa: S608 - constants of this file
    """
back (id, depth) as (
  select id, depth from reached where id = %(target)s
  union all
  (select reached.id, reached.depth from back
    join edges on edges.there = back.id
    join reached on reached.id = edges.here and reached.depth = back.depth - 1
    order by reached.id limit 1)
)
select e.id, e.entity_type, e.name, back.depth, (
    select edges.relation_type from back as before join edges on edges.here = before.id
    where before.depth = back.depth - 1 and edges.there = back.id
    order by edges.relation_type limit 1
  ) as relation
from back join public.graph_entities e on e.id = back.id and e.workspace_id = %(workspace_id)s
order by back.depth
"""
)
ICP = """
select id from public.graph_entities
where workspace_id = %(workspace_id)s and entity_type = 'icp' and reference_id = %(icp_id)s
"""
CONTEXT_RELATIONS: tuple[Relation, ...] = ("has_pain", "wants", "fears", "uses_channel")


async def add_entity(
    tx: Tx,
    entity_type: EntityType,
    name: str,
    properties: Mapping[str, Any] | None = None,
    *,
    reference_id: UUID | None = None,
) -> UUID:
    """The thing of this type and name, made or completed. `reference_id` is the row it stands for."""
    values = {
        "entity_type": entity_type,
        "name": name.strip()[:LONGEST_NAME],
        "properties": Jsonb(dict(properties or {})),
        "reference_id": reference_id,
    }
    row = await tx.one(ENTITY, values)
    assert row is not None, "an upsert returns its row"
    entity_id: UUID = row["id"]
    return entity_id


async def relate(
    tx: Tx,
    source_id: UUID,
    relation: Relation,
    target_id: UUID,
    *,
    weight: float = 1.0,
    properties: Mapping[str, Any] | None = None,
) -> UUID:
    """An edge, made or replaced. Raises NotFound when an end is not of this workspace."""
    values = {
        "source_id": source_id,
        "target_id": target_id,
        "relation": relation,
        "weight": weight,
        "properties": Jsonb(dict(properties or {})),
    }
    row = await tx.one(RELATE, values)
    assert row is not None, "an upsert returns its row"
    edge_id: UUID = row["id"]
    return edge_id


async def neighbours(
    db: Reads, start: UUID, *, depth: int = 1, relations: Sequence[Relation] | None = None
) -> list[dict[str, Any]]:
    """Everything within `depth` steps (1 to 6) either way, nearest first.

    Each with its distance (`depth`) and, in `via`, the edges that lead to it from one step nearer.
    """
    return await db.all(NEIGHBOURS, _walk(start, depth, relations))


async def shortest_path(
    db: Reads,
    start: UUID,
    target: UUID,
    *,
    depth: int = DEEPEST,
    relations: Sequence[Relation] | None = None,
) -> list[dict[str, Any]]:
    """The things from start to target, both included, each with the relation it was reached by.

    Empty when no path of at most `depth` steps leads there.
    """
    return await db.all(SHORTEST, {**_walk(start, depth, relations), "target": target})


async def icp_context(db: Reads, icp_id: UUID) -> dict[str, list[str]]:
    """Relation -> names, of the ICP row's own thing: its pains, wishes, fears and channels."""
    row = await db.one(ICP, {"icp_id": icp_id})
    if row is None:
        return {}
    found: dict[str, list[str]] = {}
    for near in await neighbours(db, row["id"], relations=CONTEXT_RELATIONS):
        for edge in near["via"]:
            if edge["direction"] == "out":
                found.setdefault(edge["relation"], []).append(near["name"])
    return found


async def delete(tx: Tx, id: UUID | None = None) -> int:
    """Forget one thing with its edges, or without an id all of them."""
    return await tx.run(DELETE, {"id": id})


async def forget_types(tx: Tx, *types: EntityType) -> None:
    """Forget all things of these types, and what nothing leads to any more."""
    await tx.run(FORGET_TYPES, {"types": list(types)})
    await tx.run(PRUNE)


def _walk(start: UUID, depth: int, relations: Sequence[Relation] | None) -> dict[str, Any]:
    if not 1 <= depth <= DEEPEST:
        raise ValueError(f"depth must lie between 1 and {DEEPEST}")
    return {"start": start, "depth": depth, "relations": list(relations) if relations else None}
