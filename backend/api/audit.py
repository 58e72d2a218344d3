"""Every write of a known user that succeeded leaves an entry in the audit log, before it is answered."""

import json
from typing import Any
from uuid import UUID

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import versions
from backend.core.identity import AuthenticatedUser
from backend.domain.audit import Channel, Done

MOST_IDS = 100


class AuditMiddleware:
    """Inside `IdempotencyMiddleware`: an answer that is replayed was not done again."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def send_audited(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                first, start = start, None
                done = _done(scope, first, message)
                if done is not None:
                    await scope["app"].state.audit.add(done)
                await send(first)
            await send(message)

        await self.app(scope, receive, send_audited)


def _done(scope: Scope, start: Message, body: Message) -> Done | None:
    """What was done, or None when nothing was, or by nobody we know."""
    user: AuthenticatedUser | None = scope["state"].get("user")
    route = scope.get("route")
    if user is None or route is None or start["status"] >= 400:
        return None
    answer = _answer(start, body)
    return Done(
        workspace_id=user.workspace_id,
        user_id=user.id,
        key_id=user.key.id if user.key else None,
        channel=_channel(scope),
        action=route.name,
        subject_id=_subject(scope, route, answer),
        request_id=scope["state"].get("request_id"),
        details=_details(answer),
    )


def _channel(scope: Scope) -> Channel:
    return "mcp" if scope["state"].get("channel") == "mcp" else "api"


def _answer(start: Message, body: Message) -> dict[str, Any]:
    is_json = Headers(raw=start["headers"]).get("content-type") == "application/json"
    if not is_json or body.get("more_body") or not body.get("body"):
        return {}
    answer = json.loads(body["body"])
    return answer if isinstance(answer, dict) else {}


def _subject(scope: Scope, route: Any, answer: dict[str, Any]) -> UUID | None:
    """What it was done to: the last id of the address, or the item that was made."""
    ids = [value for value in scope.get("path_params", {}).values() if isinstance(value, UUID)]
    if ids:
        return ids[-1]
    item = answer.get(versions.envelope(route.response_model) or "")
    try:
        return UUID(item["id"]) if item else None
    except (KeyError, TypeError, ValueError):
        return None


def _details(answer: dict[str, Any]) -> dict[str, Any]:
    """Which of many were deleted; which run was started."""
    return {
        name: answer[name][:MOST_IDS] if isinstance(answer[name], list) else answer[name]
        for name in ("deleted", "run_id")
        if isinstance(answer.get(name), list | str)
    }
