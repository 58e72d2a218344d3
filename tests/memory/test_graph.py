"""The graph: depth honoured, all branches, the shortest way, and nothing of another workspace."""

from uuid import UUID

import pytest
from fastapi import FastAPI

from backend.core.database import Database
from backend.core.errors import NotFound
from backend.memory import graph_store
from tests.people import Person


async def drawn(database: Database, person: Person, *edges: str) -> dict[str, UUID]:
    """Entities by name from edges such as `a>b`."""
    ids: dict[str, UUID] = {}
    async with database.workspace(person.user) as tx:
        for edge in edges:
            ends = edge.split(">")
            for name in ends:
                ids[name] = await graph_store.add_entity(tx, "feature", name)
            await graph_store.relate(tx, ids[ends[0]], "solves_pain", ids[ends[1]])
    return ids


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


async def names(database: Database, person: Person, start: UUID, depth: int) -> dict[str, int]:
    near = await graph_store.neighbours(database.reader(person.user), start, depth=depth)
    return {row["name"]: row["depth"] for row in near}


async def test_neighbours_by_depth_on_all_branches(database: Database, owner: Person) -> None:
    ids = await drawn(database, owner, "a>b", "a>c", "b>d", "c>d", "d>e", "e>f", "x>a")
    assert await names(database, owner, ids["a"], 1) == {"b": 1, "c": 1, "x": 1}
    assert await names(database, owner, ids["a"], 2) == {"b": 1, "c": 1, "x": 1, "d": 2}
    assert (await names(database, owner, ids["a"], 4))["f"] == 4
    near = await graph_store.neighbours(database.reader(owner.user), ids["a"], depth=2)
    by_name = {row["name"]: row for row in near}
    assert {UUID(edge["from"]) for edge in by_name["d"]["via"]} == {ids["b"], ids["c"]}
    assert by_name["x"]["via"][0]["direction"] == "in"


async def test_a_circle_ends(database: Database, owner: Person) -> None:
    ids = await drawn(database, owner, "a>b", "b>c", "c>a")
    assert await names(database, owner, ids["a"], 6) == {"b": 1, "c": 1}


async def test_the_shortest_path(database: Database, owner: Person) -> None:
    ids = await drawn(database, owner, "a>b", "b>c", "c>d", "a>e", "e>d", "y>z")
    reader = database.reader(owner.user)
    path = await graph_store.shortest_path(reader, ids["a"], ids["d"])
    assert [step["name"] for step in path] == ["a", "e", "d"]
    assert [step["relation"] for step in path] == [None, "solves_pain", "solves_pain"]
    assert await graph_store.shortest_path(reader, ids["a"], ids["d"], depth=1) == []
    assert await graph_store.shortest_path(reader, ids["a"], ids["z"]) == []


async def test_a_dense_graph_stays_quick(database: Database, owner: Person) -> None:
    edges = [f"{a}>{b}" for a in range(24) for b in range(24) if a != b]
    ids = await drawn(database, owner, *edges)
    assert len(await names(database, owner, ids["0"], 6)) == 23


async def test_strangers_graphs_do_not_touch(
    database: Database, owner: Person, stranger: Person
) -> None:
    mine = await drawn(database, owner, "a>b")
    theirs = await drawn(database, stranger, "a>b")
    assert mine["a"] != theirs["a"]
    assert await names(database, stranger, mine["a"], 3) == {}
    with pytest.raises(NotFound):
        async with database.workspace(stranger.user) as tx:
            await graph_store.relate(tx, theirs["a"], "solves_pain", mine["b"])


async def test_the_same_thing_is_written_once(database: Database, owner: Person) -> None:
    first = await drawn(database, owner, "a>b")
    assert await drawn(database, owner, "a>b") == first
    assert await names(database, owner, first["a"], 1) == {"b": 1}
