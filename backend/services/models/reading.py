"""From a model's text to the JSON object it was asked for."""

import json
import re
from collections.abc import Mapping
from typing import Any

from backend.services.models.contract import UNREADABLE

_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(?P<body>.*?)\n?```\s*\Z", re.S)
LONGEST_KEPT = 20_000
"""Characters of an unreadable answer that the journal keeps."""
DEEPEST = 60
"""Levels of lists and objects; no skill asks for a tenth of it."""


def read_object(text: str) -> dict[str, Any]:
    """The object of an answer, with or without a code fence around it.

    An answer that is none comes back under `UNREADABLE`, with what is wrong: it is the journal's, too.
    """
    fenced = _FENCED.match(text)
    body = fenced["body"] if fenced else text
    try:
        value = json.loads(body)
        if isinstance(value, dict):
            return {**storable(value)}
        why = "not a JSON object"
    except RecursionError:
        why = "nested too deeply"
    except ValueError as error:
        why = f"not JSON: {error}"
    kept: dict[str, Any] = storable({UNREADABLE: text[:LONGEST_KEPT], "why": why})
    return kept


def storable(value: Any, depth: int = 0) -> Any:
    """The value without the characters Postgres cannot keep. Raises RecursionError beyond a sane depth."""
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [storable(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item, depth + 1) for key, item in value.items()}
    return value


def is_tight(schema: Mapping[str, Any]) -> bool:
    """Whether a schema says what is in every object and list.

    Only such a schema may steer a decoder: where it is silent, constrained decoding writes empty objects.
    """
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "object" in kinds:
        inner = schema.get("properties") or {}
        return bool(inner) and all(is_tight(part) for part in inner.values())
    if "array" in kinds:
        return "items" in schema and is_tight(schema["items"])
    return "type" in schema or "enum" in schema
