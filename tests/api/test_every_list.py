"""Every list of the API: read to its end by the cursor it gives, and measured or bounded."""

from typing import Any

import pytest
from fastapi import FastAPI

from benchmarks.lists import BOUNDED, LISTS, fill
from tests.people import Person
from tests.problems import problem

ROWS = 7


def test_every_list_is_measured_or_cannot_grow(app: FastAPI) -> None:
    document = app.openapi()
    schemas = document["components"]["schemas"]
    lists = set()
    for path, operations in document["paths"].items():
        answer = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        reference = answer.get("application/json", {}).get("schema", {}).get("$ref", "")
        members = schemas.get(reference.rpartition("/")[2], {}).get("properties", {})
        rows = [name for name, member in members.items() if member.get("type") == "array"]
        if rows and (len(members) == 1 or "total" in members or "next_cursor" in members):
            lists.add(_bare(path.removeprefix("/api/v1")))
    assert lists == {_bare(path) for path in (*BOUNDED, *(wanted.path for wanted in LISTS))}


def _bare(path: str) -> str:
    """The path without the names of its parameters."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


@pytest.fixture
def ids(owner: Person) -> dict[str, str]:
    with owner.sql() as sql:
        return fill(sql, owner.workspace_id, owner.id, ROWS)


async def test_pages_by_cursor_are_the_whole_list(
    owner: Person, stranger: Person, ids: dict[str, str]
) -> None:
    for wanted in LISTS:
        path = wanted.path.format(**ids)
        whole = await _page(owner, path, limit=100)
        (name,) = (name for name, value in whole.items() if isinstance(value, list))
        assert whole["total"] == len(whole[name]) == ROWS, path
        assert whole["next_cursor"] is None, path
        seen: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while len(seen) < ROWS:
            page = await _page(owner, path, limit=3, **cursor)
            assert (page["total"], page["limit"]) == (ROWS, 3), path
            seen += page[name]
            assert (page["next_cursor"] is None) == (len(seen) == ROWS), path
            cursor = {"cursor": page["next_cursor"]}
        assert seen == whole[name], path
        problem(
            await owner.get(path, params={"cursor": "bm8="}),
            422,
            "cursor_invalid",
        )
        theirs = await stranger.get(path)
        if theirs.status_code == 200:
            assert (theirs.json()[name], theirs.json()["total"]) == ([], 0), path
        else:
            assert theirs.status_code == 404, path


async def _page(person: Person, path: str, **asked: Any) -> dict[str, Any]:
    answer = await person.get(path, params=asked)
    assert answer.status_code == 200, (path, answer.text)
    page: dict[str, Any] = answer.json()
    return page
