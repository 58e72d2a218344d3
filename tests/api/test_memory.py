"""Memory over the API: what is remembered, found, and erased, and by whom."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from backend.core.database import Database
from backend.memory import vector_store
from backend.memory.controller import MemoryController
from backend.memory.vector_store import Memory
from backend.services.jobs import index_due
from tests.people import Person

TEXTS = {
    "icp": "Dental clinics in Pune that are paid by insurers months later",
    "research": "Bakery owners complain that flour invoices arrive on paper",
    "foundation": "Lantern Ledger is bookkeeping software for bakeries and clinics",
}


@pytest.fixture
def memory(app: FastAPI) -> MemoryController:
    return MemoryController(app.state.database, app.state.redis)


def is_due(person: Person) -> bool:
    with person.sql() as sql:
        row = sql.execute(
            "select exists (select from public.memory_dues where workspace_id = %s)",
            (person.workspace_id,),
        ).fetchone()
    return bool(row and row[0])


async def remembered(memory: MemoryController, person: Person) -> None:
    memories = [Memory(kind, text, uuid4()) for kind, text in TEXTS.items()]  # type: ignore[arg-type]
    await memory.remember(person.user, memories)


async def listed(person: Person, **query: Any) -> list[dict[str, Any]]:
    answer = await person.get("/memory", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["memories"]
    return found


class TestList:
    async def test_anonymous(self, owner: Person) -> None:
        assert (await owner.http.get("/api/v1/memory")).status_code == 401

    async def test_nothing_yet(self, owner: Person) -> None:
        body = (await owner.get("/memory")).json()
        assert (body["memories"], body["total"]) == ([], 0)

    async def test_a_stranger_sees_nothing(
        self, owner: Person, stranger: Person, memory: MemoryController
    ) -> None:
        await remembered(memory, owner)
        assert await listed(stranger) == []
        assert await listed(stranger, q="dental clinics") == []

    async def test_by_type_and_page(self, owner: Person, memory: MemoryController) -> None:
        await remembered(memory, owner)
        body = (await owner.get("/memory", params={"limit": 2})).json()
        assert (len(body["memories"]), body["total"]) == (2, 3)
        rest = await listed(owner, limit=2, cursor=body["next_cursor"])
        assert len(rest) == 1
        assert {m["type"] for m in body["memories"] + rest} == set(TEXTS)
        (icp,) = await listed(owner, type="icp")
        assert icp["content"] == TEXTS["icp"]
        assert icp["store"] == "vector"

    async def test_an_unknown_type(self, owner: Person) -> None:
        assert (await owner.get("/memory", params={"type": "dreams"})).status_code == 422


class TestSearch:
    async def test_by_meaning(self, owner: Person, memory: MemoryController) -> None:
        await remembered(memory, owner)
        found = await listed(owner, q="dentists with slow insurance payments")
        assert found[0]["content"] == TEXTS["icp"]
        assert found[0]["score"] > 0

    async def test_by_a_word_that_meaning_would_miss(
        self, owner: Person, memory: MemoryController
    ) -> None:
        await remembered(memory, owner)
        found = await listed(owner, q="flour")
        assert [m["content"] for m in found] == [TEXTS["research"]]

    async def test_vectors_of_another_embedder_are_not_compared(
        self, owner: Person, memory: MemoryController
    ) -> None:
        await remembered(memory, owner)
        with owner.sql() as sql:
            sql.execute(
                "update public.memory_vectors set embedder = 'another' where workspace_id = %s",
                (owner.workspace_id,),
            )
        assert await listed(owner, q="dentists with slow reimbursement") == []
        by_words = await listed(owner, q="dentists paid late by insurance")
        assert [memory["similarity"] for memory in by_words] == [None]

    async def test_a_page_of_a_search(self, owner: Person) -> None:
        answer = await owner.get("/memory", params={"q": "x", "offset": 5})
        assert (answer.status_code, answer.json()["code"]) == (422, "search_not_paged")

    async def test_episodes_are_not_searched(self, owner: Person) -> None:
        answer = await owner.get("/memory", params={"q": "x", "type": "execution"})
        assert (answer.status_code, answer.json()["code"]) == (422, "type_not_searched")

    @pytest.mark.parametrize("words", ["'", "a & b | !c", "' or 1=1 --", "<->", "🏮"])
    async def test_odd_words(self, owner: Person, memory: MemoryController, words: str) -> None:
        await remembered(memory, owner)
        await listed(owner, q=words)

    async def test_a_large_workspace_goes_by_the_index(
        self, app: FastAPI, owner: Person, memory: MemoryController
    ) -> None:
        await remembered(memory, owner)
        exact = await vector_store.search(app.state.database.reader(owner.user), "dental clinics")
        by_index = await app.state.database.reader(owner.user).json(
            "select api.search_memories(%(claims)s, %(vector)s, 'minilm-l6-v2-int8', 'dental clinics',"
            " null, 0.5, 10, few => 0)",
            {"vector": vector_store.as_text(await vector_store.embed_text("dental clinics"))},
        )
        assert [m["id"] for m in exact] == [m["id"] for m in vector_store.parsed(by_index)]


class TestErase:
    async def test_anonymous(self, owner: Person) -> None:
        assert (await owner.http.delete("/api/v1/memory")).status_code == 401

    async def test_one(self, owner: Person, stranger: Person, memory: MemoryController) -> None:
        await remembered(memory, owner)
        (icp,) = await listed(owner, type="icp")
        refused = await stranger.delete(f"/memory/{icp['id']}")
        assert (refused.status_code, refused.json()["code"]) == (404, "memory_not_found")
        assert (await owner.delete(f"/memory/{icp['id']}")).json() == {"deleted": True}
        assert await listed(owner, type="icp") == []
        assert (await owner.delete(f"/memory/{icp['id']}")).status_code == 404

    async def test_by_type(self, owner: Person, memory: MemoryController) -> None:
        await remembered(memory, owner)
        gone = (await owner.delete("/memory", params={"type": "icp"})).json()
        assert gone == {"deleted": True, "count": 1, "working_memory": True}
        assert len(await listed(owner)) == 2

    async def test_everything_but_a_strangers(
        self, owner: Person, stranger: Person, memory: MemoryController
    ) -> None:
        await remembered(memory, owner)
        await remembered(memory, stranger)
        assert (await owner.delete("/memory")).json()["count"] == 3
        assert await listed(owner) == []
        assert len(await listed(stranger)) == 3


class TestIndexing:
    async def test_foundation_and_icps_become_memory_and_graph(
        self, owner: Person, memory: MemoryController
    ) -> None:
        with owner.sql() as sql:
            sql.execute(
                "update public.foundations set company_name = 'Lantern Ledger',"
                " summary = 'Books for bakeries.',"
                """ competitors = '[{"name": "Paper Co"}]', positioning = '{"usps": ["Reads photos"]}' """
                " where workspace_id = %s",
                (owner.workspace_id,),
            )
        icp = (
            await owner.post(
                "/icps",
                json={
                    "name": "Dental clinics",
                    "psychographics": {"fears": ["late insurers"]},
                    "behaviors": {"hangouts": ["IDA Pune chapter"]},
                },
            )
        ).json()["icp"]
        first = await memory.index_foundation(owner.user)
        assert await memory.index_foundation(owner.user) == first
        assert (first.foundation, first.icp, first.research) == (2, 1, 1)
        told = await memory.recall(owner.user, "blackbox", "insurers who pay late")
        assert told["icps"] == [
            {
                "name": "Dental clinics",
                "has_pain": ["late insurers"],
                "uses_channel": ["IDA Pune chapter"],
            }
        ]
        assert {m["type"] for m in told["memories"]} <= {"foundation", "research", "icp"}
        await owner.delete(f"/icps/{icp['id']}")
        assert await listed(owner, type="icp") == []

    async def test_memory_follows_whoever_writes(
        self, owner: Person, memory: MemoryController, app: FastAPI
    ) -> None:
        """An edit is due until it was indexed."""
        database: Database = app.state.database
        answer = await owner.put("/foundation", json={"company_name": "Lantern Ledger"})
        assert answer.status_code == 200, answer.text
        icp = await owner.post("/icps", json={"name": "Bakeries", "summary": "They bake at four."})
        assert icp.status_code == 200, icp.text
        assert is_due(owner)
        while is_due(owner):
            assert await index_due(database, memory.index_foundation) > 0
        (remembered,) = await listed(owner, type="icp")
        assert "They bake at four" in remembered["content"]

    async def test_a_deleted_move_is_forgotten(
        self, owner: Person, memory: MemoryController
    ) -> None:
        answer = await owner.post("/moves", json={"category": "capture", "goal": "Ten demos"})
        id = answer.json()["move"]["id"]
        await memory.remember(owner.user, [Memory("move", "Ten demos", UUID(id), "moves")])
        assert len(await listed(owner)) == 1
        await owner.delete(f"/moves/{id}")
        assert await listed(owner) == []
