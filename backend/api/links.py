"""Links of the document: which operations take what an answer has made.

Read from the shapes: an answer whose member `move` has an `id` leads to whatever takes a `move_id`. So what
makes a move leads to its tasks and its start, and its start to its pause; what hangs on a row that the
address named takes the rest from there.
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
    """Every link from what makes or moves something: a list may be empty, so nothing follows for certain."""
    operations = list(_operations(document))
    for method, path, operation in operations:
        if method != "post":
            continue
        named = {name: f"$request.path.{name}" for name in _parameters(path)}
        for code in ("200", "202"):
            answer = operation["responses"].get(code, {})
            made = dict(_filled(answer, document))
            links = _links(operation, named, made, operations)
            if links:
                answer.setdefault("links", {}).update(links)


def _links(
    source: Schema, named: Schema, made: Schema, operations: list[tuple[str, str, Schema]]
) -> Schema:
    """Other operations whose path needs what the answer made, and perhaps what the address named."""
    known = {**named, **made}
    return {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "parameters": {name: known[name] for name in _parameters(path)},
        }
        for method, path, operation in operations
        if made.keys() & _parameters(path)
        and known.keys() >= set(_parameters(path))
        and operation is not source
        and (method != "delete" or operation["operationId"].startswith("delete_"))
    }


def _filled(answer: Schema, document: Schema) -> Iterator[tuple[str, str]]:
    """Path parameters with where in the answer their value stands; what may be null fills none."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    for member, part in _resolved(schema, document).get("properties", {}).items():
        if "id" in _resolved(part, document).get("properties", {}):
            yield CALLED.get(member, f"{member}_id"), f"$response.body#/{member}/id"
        elif member.endswith("_id") and member not in OTHERS and part.get("type") == "string":
            yield CALLED.get(member, member), f"$response.body#/{member}"


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
