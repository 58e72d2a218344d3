"""Lists: their parameters, the opaque cursor, and pages that Postgres rendered (ADR 0006)."""

import base64
import binascii
import functools
import inspect
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self, get_args, get_origin
from uuid import UUID

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, Field, ValidationError, create_model
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from backend.core import sorting
from backend.core.auth import get_current_user
from backend.core.database import Reader
from backend.core.errors import NotFound
from backend.core.records import TABLES, WorkspaceTable
from backend.core.sorting import InvalidCursor

PART = "application/vnd.raptorflow.part+json"
"""A page whose rows have only the members that `fields` named: another shape, so another type."""
Position = tuple[str, UUID]
Endpoint = Callable[..., Awaitable[Response]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageQuery(BaseModel):
    """Parameters that every list takes."""

    limit: int = Field(20, ge=1, le=100, description="Rows on a page.")
    offset: int = Field(0, ge=0, le=1_000_000, description="Rows to skip.")
    cursor: str | None = Field(
        None, max_length=1000, description="`next_cursor` of a page: read on after it."
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


def next_cursor(at: date, id: UUID) -> str:
    """The cursor that `PageQuery.after` reads, for lists that are no `api` function."""
    return base64.b64encode(f"{at.isoformat()}|{id}".encode()).decode()


def paged(
    key: str, rows: list[dict[str, Any]], total: int, query: PageQuery, at: str = "created_at"
) -> dict[str, Any]:
    """A page of such a list: its rows under `key`, and what it says of itself. `at` is what orders it."""
    last = rows[-1] if len(rows) == query.limit else None
    return {
        key: rows,
        "total": total,
        "limit": query.limit,
        "offset": query.offset,
        "next_cursor": next_cursor(last[at], last["id"]) if last else None,
    }


class PageRoute(APIRoute):
    """A list: documented by FastAPI like any route, called without its dependency solver.

    The endpoint takes `db: WorkspaceReader` and `query: Annotated[<PageQuery>, Query()]`. Solving those two
    in general costs more than the page itself (benchmarks/moves_list.py), so they are made here by hand.
    Every such list takes `fields`: the members of a row that are wanted.
    """

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        self.shape = _Shape.of(options["response_model"])
        given = inspect.signature(endpoint).parameters["query"].annotation.__origin__
        self.query: type[PageQuery] = create_model(
            given.__name__, __base__=given, __doc__=given.__doc__, **self.parameters()
        )

        @functools.wraps(endpoint)
        async def call(db: Reader, query: PageQuery) -> Response:
            response: Response = await endpoint(db=db, query=query)
            return response

        self.plain = self.query()
        signature = inspect.signature(endpoint)
        call.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[
                parameter.replace(annotation=Annotated[self.query, Query()])
                if parameter.name == "query"
                else parameter
                for parameter in signature.parameters.values()
            ]
        )
        cut = {"content": {PART: {"schema": self.shape.cut}}}
        super().__init__(path, call, **{**options, "responses": {200: cut}})

    def parameters(self) -> dict[str, Any]:
        """What the list takes beside what its endpoint asks for."""
        names = "|".join(self.shape.members)
        described = "Only these members of each row, such as `id,created_at`; all without it."
        return {
            "fields": (
                str | None,
                Field(None, pattern=f"^({names})(,({names}))*$", description=described),
            )
        }

    async def page(self, db: Reader, query: Any) -> Response:
        """The whole page, as the endpoint answers it."""
        response: Response = await self.endpoint(db=db, query=query)
        return response

    async def respond(self, request: Request) -> Response:
        user = await get_current_user(request)
        query: Any = (
            _validated(self.query, request) if request.scope["query_string"] else self.plain
        )
        response = await self.page(request.app.state.database.reader(user), query)
        if query.fields is not None:
            wanted = dict.fromkeys(query.fields.split(","))
            kept = self.shape.only(response.body, wanted)  # of another length than the page
            return Response(kept, media_type=PART)
        return response

    def get_route_handler(self) -> Handler:
        return self.respond


class SortedPageRoute(PageRoute):
    """A list of a `WorkspaceTable` whose filters are columns: it takes `sort` too."""

    def parameters(self) -> dict[str, Any]:
        names = [
            name for name in sorting.sortable(self.shape.table.row) if name in self.shape.members
        ]
        orders = tuple(f"{sign}{name}" for name in names for sign in ("", "-"))
        described = "A member to sort by, with `-` from the greatest down; newest first without it."
        sort = (Literal[orders] | None, Field(None, description=described))
        return {**super().parameters(), "sort": sort}

    async def page(self, db: Reader, query: Any) -> Response:
        if query.sort is None:
            return await super().page(db, query)
        own = {"limit", "offset", "cursor", "fields", "sort"}
        equal = query.model_dump(exclude=own, exclude_none=True)
        shape = self.shape
        return json_page(
            await sorting.page(
                db,
                shape.table,
                key=shape.key,
                members=shape.members,
                order=sorting.Order.parse(query.sort),
                equal=equal,
                limit=query.limit,
                offset=query.offset,
                cursor=query.cursor,
            )
        )


class ListRoutes(BaseRoute):
    """Finds the lists by their whole path, before the routers look at all routes one by one.

    It answers what the `PageRoute` itself would, without the stacks that FastAPI opens for dependencies.
    """

    def __init__(self, app: FastAPI) -> None:
        self._lists = {
            context.path: context.original_route
            for context in iter_route_contexts(app.routes)
            if isinstance(context.original_route, PageRoute) and "{" not in (context.path or "{")
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        found = self._lists.get(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] != "GET" or scope.get("root_path"):
            return Match.NONE, {}
        return Match.FULL, {"route": found, "endpoint": found.endpoint, "path_params": {}}

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """The lists' own routes stand among the others and are asked for their addresses there."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route: PageRoute = scope["route"]
        response = await route.respond(Request(scope, receive, send))
        await response(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a page's model says: the member that holds the rows, and the rows' own model."""

    key: str
    row: type[BaseModel]

    @classmethod
    def of(cls, page: type[BaseModel]) -> Self:
        key, (row,) = next(
            (name, get_args(info.annotation))
            for name, info in page.model_fields.items()
            if get_origin(info.annotation) is list
        )
        return cls(key, row)

    @property
    def members(self) -> list[str]:
        return list(self.row.model_fields)

    @property
    def table(self) -> WorkspaceTable:
        """The table whose row the listed row is, extends, or is a part of."""
        return next(
            table
            for table in TABLES.values()
            if issubclass(self.row, table.row) or issubclass(table.row, self.row)
        )

    @property
    def cut(self) -> dict[str, Any]:
        """The schema of a page after `only`."""
        rows = {"type": "array", "items": {"type": "object"}}
        return {"type": "object", "required": [self.key, "total"], "properties": {self.key: rows}}

    def only(self, page: bytes | memoryview, wanted: Iterable[str]) -> bytes:
        whole = json.loads(bytes(page))
        rows = [{name: row[name] for name in wanted} for row in whole[self.key]]
        return json.dumps({**whole, self.key: rows}, ensure_ascii=False).encode()


def _validated(model: type[PageQuery], request: Request) -> PageQuery:
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        raise RequestValidationError(
            [{**problem, "loc": ("query", *problem["loc"])} for problem in problems]
        ) from error


class RenderedPage(Response):
    """Its two headers are written down: the general way to them takes 3 µs of the processor (ADR 0151)."""

    media_type = "application/json"

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        length = str(len(self.body)).encode()
        self.raw_headers = [(b"content-length", length), (b"content-type", b"application/json")]


def json_page(page: bytes | None) -> Response:
    """Send the bytes as they are; no row is built in Python (PERFORMANCE 2)."""
    if page is None:
        raise NotFound("Workspace not found", code="workspace_not_found")
    return RenderedPage(page)


Plain = Annotated[PageQuery, Query()]
"""A list without filters of its own."""
