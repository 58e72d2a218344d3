"""Small value types that several nouns share."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

Timestamp = Annotated[
    datetime,
    PlainSerializer(lambda at: at.astimezone(UTC).isoformat(), when_used="json", return_type=str),
]
"""UTC, ISO 8601 with `+00:00`, as Postgres renders it in the list functions."""

PROTECTED = frozenset({"id", "workspace_id", "created_at"})
"""Sent back by clients that PUT a whole object; ignored on updates (PRODUCT 2.1)."""

INPUT = ConfigDict(extra="forbid", str_strip_whitespace=True, use_enum_values=True)


def _no_nul(value: Any) -> Any:
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("must not contain NUL characters")
    return value


Name = Annotated[
    str,
    BeforeValidator(_no_nul),
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
]
LongText = Annotated[
    str,
    BeforeValidator(_no_nul),
    StringConstraints(min_length=1, max_length=5000, strip_whitespace=True),
]


def without_protected(data: Any) -> Any:
    """For `model_validator(mode="before")` of update models."""
    if isinstance(data, dict):
        return {key: value for key, value in data.items() if key not in PROTECTED}
    return data
