"""What the OpenAPI document says about each operation, and request bodies made from it."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from backend.api.v1 import PREFIX
from backend.cli import openapi

Schema = dict[str, Any]
SOON = (date.today() + timedelta(days=30)).isoformat()
"""A day that is right wherever a day to come is asked for."""
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Operation:
    """`path` is below the prefix; `ids` are its path parameters; `body` has its references resolved."""

    id: str
    method: str
    path: str
    ids: tuple[str, ...]
    body: Schema | None
    media_type: str | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def json_body(self) -> Schema | None:
        return self.body if self.media_type == "application/json" else None


def operations(document: Schema | None = None) -> list[Operation]:
    """Every operation of version 1; of this document, or of the routers as they are."""
    if document is None:
        document = openapi.document()
    return [
        _operation(method, path.removeprefix(PREFIX), described, document)
        for path, methods in document["paths"].items()
        if path.startswith(PREFIX)
        for method, described in methods.items()
    ]


def _operation(method: str, path: str, described: Schema, document: Schema) -> Operation:
    ids = [
        parameter["name"]
        for parameter in described.get("parameters", [])
        if parameter["in"] == "path"
    ]
    content = described.get("requestBody", {}).get("content", {})
    media_type = next(iter(content), None)
    body = resolved(content[media_type]["schema"], document) if media_type else None
    name = described["operationId"]
    return Operation(name, method.upper(), path, tuple(ids), body, media_type)


def resolved(schema: Any, root: Schema) -> Any:
    """The schema with what its references point to in their place."""
    if isinstance(schema, list):
        return [resolved(part, root) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        found: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return resolved(found, root)
    return {key: resolved(part, root) for key, part in schema.items() if key != "$defs"}


def places(schema: Schema, at: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """Every value that `example` fills in, with where it is."""
    schema = _plain(schema)
    yield at, schema
    for name, part in schema.get("properties", {}).items():
        yield from places(part, (*at, name))
    if "items" in schema:
        yield from places(schema["items"], (*at, 0))


def example(schema: Schema, given: Mapping[str, Any] | None = None) -> Any:
    """A value that the schema allows, with every optional part; `given` are properties by name."""
    schema, given = _plain(schema), given or {}
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object" if "properties" in schema:
            parts = schema["properties"].items()
            return {
                name: given[name] if name in given else example(part, given) for name, part in parts
            }
        case "object":
            return {"key": "text"}
        case "array":
            return [example(schema["items"], given)]
        case "string":
            by_format = {
                "uuid": str(uuid4()),
                "date": SOON,
                "date-time": f"{datetime.now(UTC) + timedelta(days=1):%FT%TZ}",
                "uri": "https://example.com/",
            }
            return by_format.get(schema.get("format", ""), "text")
        case "integer" | "number":
            return int(schema.get("minimum", 1))
        case "boolean":
            return False
    raise AssertionError(f"no example for {schema}")


def _plain(schema: Schema) -> Schema:
    """Of a choice the first that is not null."""
    choices = schema.get("anyOf", [schema])
    return next(choice for choice in choices if choice.get("type") != "null" or len(choices) == 1)


def replaced(value: Any, at: Path, new: Any) -> Any:
    """A copy with another value at one place."""
    if not at:
        return new
    changed = copy.deepcopy(value)
    inner = changed
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = new
    return changed
