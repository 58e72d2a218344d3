"""The contract as written: the OpenAPI document and the list of problem codes are those of the code."""

import re
from typing import Any

from httpx import AsyncClient

from backend.api.v1 import PREFIX
from backend.cli import openapi
from tests import problem_codes
from tests.api.documented import operations
from tests.api.test_http import PUBLIC


def test_every_problem_code_is_on_the_list() -> None:
    written = problem_codes.DOCUMENT.read_text()
    assert written == problem_codes.document(), "say `make contract`"


def test_the_list_misses_no_code_of_the_source() -> None:
    """Codes as plain keywords are found without the reader's reasoning."""
    listed = set(re.findall(r"^\| `(\w+)` \|", problem_codes.document(), re.M))
    plain = {
        code
        for path in (problem_codes.ROOT / "backend").rglob("*.py")
        for code in re.findall(r"\b(?:default_)?code ?= ?\"(\w+)\"", path.read_text())
    }
    assert len(plain) > 100
    assert plain <= listed


def test_what_is_not_sent_has_no_default_in_a_put() -> None:
    for operation in operations():
        if operation.method == "PUT" and operation.json_body:
            parts = operation.json_body.get("properties", {}).values()
            assert not [part for part in parts if "default" in part], str(operation)


def test_links_fill_all_that_the_operation_needs() -> None:
    document = openapi.document()
    needed = {o.id: set(o.ids) for o in operations(document)}
    linked = {
        (operation["operationId"], link["operationId"]): set(link["parameters"])
        for methods in document["paths"].values()
        for operation in methods.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    }
    assert {("create_move", "start_move"), ("queue_run", "follow_run")} <= set(linked)
    assert ("generate_copy", "get_asset") not in linked, "an advertisement waits: there is none yet"
    assert ("execute_agent", "complete_onboarding") not in linked
    assert all(parameters == needed[end] for (_, end), parameters in linked.items())


def test_the_guide_says_what_each_list_is_sorted_by() -> None:
    guide = (problem_codes.ROOT / "docs" / "guides" / "api.md").read_text()
    said = dict(re.findall(r"^\| `GET (/[\w/-]+)` \| (`.+`) \|$", guide, re.M))
    assert said == {
        path.removeprefix(PREFIX): ", ".join(f"`{name}`" for name in _orders(methods["get"]))
        for path, methods in openapi.document()["paths"].items()
        if "get" in methods and _orders(methods["get"])
    }


def _orders(operation: dict[str, Any]) -> list[str]:
    """Members that a list can be sorted by."""
    (sort,) = [p for p in operation.get("parameters", []) if p["name"] == "sort"] or [None]
    choice = next(part for part in sort["schema"]["anyOf"] if "enum" in part) if sort else {}
    return [order for order in choice.get("enum", []) if not order.startswith("-")]


def test_schemas_have_names_of_their_own() -> None:
    """Two models of one name would be told apart by the modules they stand in."""
    names = openapi.document()["components"]["schemas"]
    assert [name for name in names if "__" in name] == []


async def test_the_document_says_who_may_call_and_with_which_headers(http: AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    operations = {
        operation["operationId"]: operation
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
            is_public = (method.upper(), path) in PUBLIC
            assert operation.get("security") == (None if is_public else [{"bearer": []}]), path
            if not is_public:
                assert (method == "post") == ("Idempotency-Key" in headers), path
    for name in ("update_move", "delete_move", "start_move", "update_icp", "update_foundation"):
        names = [p["name"] for p in operations[name]["parameters"]]
        assert "If-Match" in names
    assert "ETag" in operations["get_move"]["responses"]["200"]["headers"]
    assert "ETag" not in operations["list_moves"]["responses"]["200"].get("headers", {})
