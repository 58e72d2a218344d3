"""Lists: their parameters, the opaque cursor, and pages that Postgres rendered (ADR 0006)."""

import base64
import binascii
import inspect
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError

from backend.core.auth import get_current_user
from backend.core.errors import AppError, NotFound

Position = tuple[str, UUID]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageQuery(BaseModel):
    """Parameters that every list takes."""

    limit: int = Field(20, ge=1, le=100, description="Rows on a page.")
    offset: int = Field(0, ge=0, le=1_000_000, description="Rows to skip.")
    cursor: str | None = Field(
        None, max_length=200, description="`next_cursor` of a page: read on after it."
    )

    def after(self) -> Position | None:
        """The `(created_at, id)` to read on after. Postgres writes it as base64 of `<at>|<id>`."""
        if self.cursor is None:
            return None
        try:
            at, _, id = base64.b64decode(self.cursor, validate=True).decode("ascii").partition("|")
            datetime.fromisoformat(at)
            return at, UUID(id)
        except (binascii.Error, UnicodeDecodeError, ValueError) as error:
            raise InvalidCursor from error


class InvalidCursor(AppError):
    status = 422
    default_code = "cursor_invalid"
    default_detail = "The cursor is not one that this list gave."


class PageRoute(APIRoute):
    """A list: documented by FastAPI like any route, called without its dependency solver.

    The endpoint takes `db: WorkspaceReader` and `query: Annotated[<PageQuery>, Query()]`. Solving those two
    in general costs more than the page itself (benchmarks/moves_list.py), so they are made here by hand.
    """

    def get_route_handler(self) -> Handler:
        endpoint = self.endpoint
        model: type[PageQuery] = (
            inspect.signature(endpoint).parameters["query"].annotation.__origin__
        )

        async def handle(request: Request) -> Response:
            user = await get_current_user(request)
            query = _validated(model, request)
            response: Response = await endpoint(
                db=request.app.state.database.reader(user), query=query
            )
            return response

        return handle


def _validated(model: type[PageQuery], request: Request) -> PageQuery:
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        raise RequestValidationError(
            [{**problem, "loc": ("query", *problem["loc"])} for problem in problems]
        ) from error


def json_page(page: bytes | None) -> Response:
    """Send the bytes as they are; no row is built in Python (PERFORMANCE 2)."""
    if page is None:
        raise NotFound("Workspace not found", code="workspace_not_found")
    return Response(page, media_type="application/json")


Plain = Annotated[PageQuery, Query()]
"""A list without filters of its own."""
