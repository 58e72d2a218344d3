"""The contract as written: the OpenAPI document and the list of problem codes are those of the code."""

import json
import re
from typing import Any

from httpx import AsyncClient

from backend.api.examples import RECORDED
from backend.api.v1 import PREFIX
from backend.cli import openapi
from tests import examples, problem_codes
from tests.api.documented import operations
from tests.api.test_http import PUBLIC

WITHOUT_EXAMPLE: dict[str, str] = {}
"""Operations that answer in JSON and have no example, and why."""


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
    assert {("start_move", "pause_move"), ("accept_strategy", "get_move")} <= set(linked)
    assert {("create_move", "delete_move"), ("add_evidence_url", "get_evidence")} <= set(linked)
    assert ("queue_run", "cancel_run") not in linked, "a run that was called off can be looked at"
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


def test_examples_are_what_the_operations_answer() -> None:
    told = json.loads(RECORDED.read_text())["operations"]
    ids = {operation.id for operation in operations()}
    assert told.keys() <= ids | {"live", "ready", "health"}, "clients call an operation by its id"
    found = {name: told[name]["example"] for name in told if "example" in told[name]}
    stale = [why for name, example in found.items() if (why := examples.stale(name, example))]
    assert stale == [], "say `make examples`"
    json_answers = {name for name in ids if examples.answer_schema(name, "200")}
    assert json_answers - found.keys() == set(WITHOUT_EXAMPLE)


def test_an_example_of_another_shape_is_stale() -> None:
    example = json.loads(RECORDED.read_text())["operations"]["create_move"]["example"]
    assert examples.stale("create_move", example) is None
    move = example["answer"]["move"]
    for other in ({**move, "colour": "red"}, {**move, "goal": 7}, {**move, "status": "asleep"}):
        assert examples.stale("create_move", {**example, "answer": {"move": other}})
    rest = {name: value for name, value in move.items() if name != "progress"}
    assert "progress" in str(examples.stale("create_move", {**example, "answer": {"move": rest}}))
    assert examples.stale("create_move", {**example, "request": {"goal": "Five calls"}})
    assert examples.stale("create_move", {**example, "status": "202"})


def test_each_operation_says_what_it_can_be_refused_with() -> None:
    told = {operation.id: examples.said_of(operation.id) for operation in operations()}
    known = {
        (status, code) for code, said in problem_codes.all_codes().items() for status, _ in said
    }
    assert set().union(*told.values()) <= known
    assert {
        (404, "move_not_found"),
        (409, "move_not_active"),
        (412, "precondition_failed"),
    } <= told["pause_move"]
    assert (403, "scope_missing") in told["list_moves"]
    assert (403, "key_not_accepted") in told["create_api_key"]
    assert (401, "token_missing") not in told["list_plans"], "for everybody"
    shown = openapi.document()["components"]["examples"]["move_not_active"]["value"]
    assert (shown["status"], shown["code"]) == (409, "move_not_active")


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
