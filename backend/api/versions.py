"""`ETag` on every item and `If-Match` on every write of one (ADR 0095).

Nothing is written noun by noun: an item is an answer whose one member is a row with `id` and `updated_at`,
and the table behind a route is found by the name of that member or of the last path parameter.
"""

import functools
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.database import Tx
from backend.core.errors import PreconditionFailed, Unprocessable
from backend.core.records import TABLES, WorkspaceTable

_TAGS = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e]*"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e]*"\s*)*')
_ONE_TAG = re.compile(r'(W/)?"([^"]*)"')
_MICROSECOND = 1_000_000


def etag(changed_at: datetime) -> str:
    """The strong tag of a row that was last changed then."""
    since = changed_at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    microseconds = since.days * 86_400 * _MICROSECOND + since.seconds * _MICROSECOND
    return f'"{microseconds + since.microseconds:x}"'


async def check(tx: Tx, request: Request) -> None:
    """Hold `If-Match` against the row that the route is about, and keep the row as it is until the commit.

    Raises PreconditionFailed when it has changed, Unprocessable `if_match_invalid` for what is no tag. An
    absent row is left to the endpoint, which knows how to say it.
    """
    wanted = request.headers.get("if-match")
    if wanted is None:
        return
    if wanted.strip() != "*" and not _TAGS.fullmatch(wanted):
        raise Unprocessable(
            "If-Match takes the ETag of an earlier answer, quotes included, or *.",
            code="if_match_invalid",
        )
    found = subject(request.scope["route"])
    if found is None:
        raise PreconditionFailed(
            "This address has no versions: leave If-Match out.", code="if_match_unsupported"
        )
    table, parameter = found
    try:
        id = UUID(str(request.path_params[parameter])) if parameter else None
    except ValueError:  # no id at all; the endpoint's own check says so
        return
    now = await table.version(tx, id)
    if now is None or wanted.strip() == "*":
        return
    strong = {tag for weak, tag in _ONE_TAG.findall(wanted) if not weak}
    if etag(now).strip('"') not in strong:
        raise PreconditionFailed(headers={"ETag": etag(now)})


def subject(route: Any) -> tuple[WorkspaceTable, str | None] | None:
    """The table a route is about and the path parameter that names the row, if the route has one."""
    names: list[str] = re.findall(r"{(\w+)}", route.path)
    if names:
        return _versioned(names[-1].removesuffix("_id"), names[-1])
    member = envelope(route.response_model)
    return _versioned(member, None) if member else None


def _versioned(noun: str, parameter: str | None) -> tuple[WorkspaceTable, str | None] | None:
    table = TABLES.get(noun)
    return (table, parameter) if table and "updated_at" in table.row.model_fields else None


@functools.cache
def envelope(model: Any) -> str | None:
    """The one member of an answer that is a row with a version: `move` of `{"move": {...}}`."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return None
    rows = [name for name, info in model.model_fields.items() if _is_row(info.annotation)]
    return rows[0] if len(rows) == 1 else None


def _is_row(kind: Any) -> bool:
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return is_model and {"id", "updated_at"} <= kind.model_fields.keys()


class VersionMiddleware:
    """Say the `ETag` of every item that is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def send_tagged(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_item(scope, message):
                start = message
                return
            if start is not None:
                _tag(start, scope, message)
                await send(start)
                start = None
            await send(message)

        await self.app(scope, receive, send_tagged)


def _is_item(scope: Scope, start: Message) -> bool:
    route = scope.get("route")
    return (
        start["status"] in (200, 201)
        and envelope(getattr(route, "response_model", None)) is not None
        and Headers(raw=start["headers"]).get("content-type") == "application/json"
    )


def _tag(start: Message, scope: Scope, body: Message) -> None:
    if body.get("more_body"):
        return
    row = json.loads(body["body"])[envelope(scope["route"].response_model)]
    MutableHeaders(scope=start)["ETag"] = etag(datetime.fromisoformat(row["updated_at"]))
