"""Small value types that several nouns share."""

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

_TRAILING_ZEROS = re.compile(r"(?<=\.\d)(\d*?)0+(?=\+)")


def rendered(at: datetime) -> str:
    """UTC, ISO 8601 with `+00:00` and no trailing zeros: as Postgres renders it in the list functions."""
    return _TRAILING_ZEROS.sub(r"\1", at.astimezone(UTC).isoformat())


Timestamp = Annotated[datetime, PlainSerializer(rendered, when_used="json", return_type=str)]

PROTECTED = frozenset({"id", "workspace_id", "created_at"})
"""Sent back by clients that PUT a whole object; ignored on updates (PRODUCT 2.1)."""

INPUT = ConfigDict(extra="forbid", str_strip_whitespace=True, use_enum_values=True)

MAX_JSON_DEPTH = 20
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")

T = TypeVar("T")


def storable(value: T) -> T:
    """The value, if Postgres can keep it as text or JSON and give it back the same. Raises ValueError."""
    _check(value, 0)
    return value


def _check(value: Any, depth: int) -> None:
    if depth > MAX_JSON_DEPTH:
        raise ValueError(f"must not be nested deeper than {MAX_JSON_DEPTH} levels")
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise ValueError("must not contain NUL characters or halves of surrogate pairs")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must not contain NaN or infinite numbers")
    if isinstance(value, dict):
        _check(list(value), depth)
        _check(list(value.values()), depth)
    if isinstance(value, list):
        for item in value:
            _check(item, depth + 1)


def _written_out(value: Any) -> Any:
    """Refuse what pydantic would take for seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and _ISO_DATE.fullmatch(value)):
        return value
    raise ValueError("must be a date such as 2026-01-31")


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    AfterValidator(storable),
]
LongText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=5000, strip_whitespace=True),
    AfterValidator(storable),
]
Phrase = Annotated[
    str,
    StringConstraints(max_length=500, strip_whitespace=True),
    AfterValidator(storable),
]
"""A few words, or none."""
Paragraph = Annotated[
    str,
    StringConstraints(max_length=5000, strip_whitespace=True),
    AfterValidator(storable),
]
"""Some sentences, or none."""
Document = Annotated[dict[str, Any], AfterValidator(storable)]
"""A JSON object of any shape, within what can be stored."""
Day = Annotated[
    date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31)), BeforeValidator(_written_out)
]

Rupees = Annotated[
    Decimal,
    Field(ge=0, max_digits=10, decimal_places=2),
    PlainSerializer(float, when_used="json", return_type=float),
]
"""Indian rupees, to the paisa; a JSON number."""


def without_protected(data: Any) -> Any:
    """For `model_validator(mode="before")` of update models."""
    if isinstance(data, dict):
        return {key: value for key, value in data.items() if key not in PROTECTED}
    return data


class Claim(BaseModel):
    """A sentence that says something of the company, and what it rests on."""

    path: str
    text: str
    verdict: Literal["supported", "unsupported", "contradicted"]
    rule: int | None
    why: str
    source: dict[str, Any] | None
