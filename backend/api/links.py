"""Links of the document: which operations take what an answer has made, or the first row of what it lists.

Read from the shapes: an answer whose member `move` has an `id` leads to whatever takes a `move_id`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]

CALLED = {
    "approval": "gate_id",
    "approvals": "gate_id",
    "approval_gate_id": "gate_id",
    "deliveries": "delivery_id",
    "memories": "memory_id",
    "strategies": "strategy_id",
}
"""The path parameter that a member of an answer fills, where it is not called after the member."""

OTHERS = frozenset({"session_id"})
"""Members called like a parameter that mean something else: a conversation is no onboarding."""


def add(document: Schema) -> None:
    """Every link from what makes something, and from a list to its items."""
    operations = list(_operations(document))
    for method, path, operation in operations:
        if method not in ("get", "post") or (method == "post" and _parameters(path)):
            continue
        for code in ("200", "202"):
            answer = operation["responses"].get(code)
            if answer is None:
                continue
            for parameter, place in _filled(answer, document, lists=method == "get"):
                whole = method == "get" and not _parameters(path)
                links = _links(parameter, place, _parameters(path), operations, whole)
                if links:
                    answer.setdefault("links", {}).update(links)


def _links(
    parameter: str,
    place: str,
    given: list[str],
    operations: list[tuple[str, str, Schema]],
    only_reads: bool,
) -> Schema:
    """Operations whose path needs this parameter and no more than was given before.

    Of the first of all rows only reads: whoever lists has not chosen it.
    """
    found: Schema = {}
    for method, path, operation in operations:
        needed = _parameters(path)
        if parameter not in needed or set(needed) - {parameter, *given} or parameter in given:
            continue
        if (only_reads and method != "get") or method == "delete":
            continue
        found[operation["operationId"]] = {
            "operationId": operation["operationId"],
            "parameters": {
                name: f"$response.body#/{place}" if name == parameter else f"$request.path.{name}"
                for name in needed
            },
        }
    return found


def _filled(answer: Schema, document: Schema, *, lists: bool) -> Iterator[tuple[str, str]]:
    """Path parameters with where in the answer their value stands."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    for member, part in _resolved(schema, document).get("properties", {}).items():
        row = _resolved(part, document)
        rows = _resolved(row.get("items", {}), document)
        if "id" in row.get("properties", {}) and not lists:
            yield CALLED.get(member, f"{member}_id"), f"{member}/id"
        elif "id" in rows.get("properties", {}):
            yield CALLED.get(member, f"{member.removesuffix('s')}_id"), f"{member}/0/id"
        elif member.endswith("_id") and member not in OTHERS and not lists:
            yield CALLED.get(member, member), member


def _resolved(schema: Mapping[str, Any], document: Schema) -> Mapping[str, Any]:
    """What a reference points to; of a choice its first reference, since the other one is null."""
    for choice in schema.get("anyOf", ()):
        if "$ref" in choice:
            return _resolved(choice, document)
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
