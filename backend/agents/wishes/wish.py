"""What a wish is: the shape of what may be asked of a specialist, and what refuses it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from backend.core.database import Tx


class SpecialistRequest(BaseModel):
    """Base of the typed `request_data` of each request type."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


R = TypeVar("R", bound=SpecialistRequest)


@dataclass(frozen=True, slots=True)
class Wish(Generic[R]):
    """What one request type takes. `check` refuses before anything is reserved (403, 404, 409, 422)."""

    request: type[R]
    check: Callable[[Tx, R], Awaitable[None]]
