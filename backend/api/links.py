"""Links of the document: which operations take what an answer has made.

Read from the shapes: an answer whose member `move` has an `id` leads to whatever takes a `move_id`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]

CALLED = {"approval": "gate_id", "approval_gate_id": "gate_id"}
"""The path parameter that a member of an answer fills, where it is not called after the member."""

OTHERS = frozenset({"session_id"})
"""Members called like a parameter that mean something else: a conversation is no onboarding."""


def add(document: Schema) -> None:
    """Every link from what makes something: a list may be empty, so nothing follows from it for certain."""
    operations = list(_operations(document))
    for method, path, operation in operations:
        if method != "post" or _parameters(path):
            continue
        for code in ("200", "202"):
            answer = operation["responses"].get(code, {})
            for parameter, place in _filled(answer, document):
                links = _links(parameter, place, operations)
                if links:
                    answer.setdefault("links", {}).update(links)


def _links(parameter: str, place: str, operations: list[tuple[str, str, Schema]]) -> Schema:
    """Operations whose path needs this parameter and no other."""
    return {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "parameters": {parameter: f"$response.body#/{place}"},
        }
        for method, path, operation in operations
        if _parameters(path) == [parameter] and method != "delete"
    }


def _filled(answer: Schema, document: Schema) -> Iterator[tuple[str, str]]:
    """Path parameters with where in the answer their value stands; what may be null fills none."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    for member, part in _resolved(schema, document).get("properties", {}).items():
        if "id" in _resolved(part, document).get("properties", {}):
            yield CALLED.get(member, f"{member}_id"), f"{member}/id"
        elif member.endswith("_id") and member not in OTHERS and part.get("type") == "string":
            yield CALLED.get(member, member), member


def _resolved(schema: Mapping[str, Any], document: Schema) -> Mapping[str, Any]:
    """What a reference points to."""
    if "$ref" not in schema:
        return schema
    named: Schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return _resolved(named, document)


def _parameters(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation
