"""The `api` policy around every route of version 1, as plain ASGI; `agent` is where runs are admitted."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.errors import AppError
from backend.core.problems import problem_response
from backend.services.rate_limiter import Allowance, RateLimiter

PREFIX = "/api/v1/"
UNLIMITED = ("/api/v1/webhooks/", "/api/v1/auth/webhook")
"""A gateway that repeats a webhook a thousand times must be heard each time."""
_ID = re.compile(r"/(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d+)(?=/|$)", re.I)


class RateLimitMiddleware:
    """Count the request, refuse what is too much (429), and say what is left on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_limited(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            allowance = await _take(scope)
        except AppError as error:
            await problem_response(error, scope)(scope, receive, send)
            return
        if not allowance.allowed:
            await problem_response(allowance.refusal(), scope)(scope, receive, send)
            return

        async def send_with_allowance(message: Message) -> None:
            if message["type"] == "http.response.start":
                _say(allowance, message)
            await send(message)

        await self.app(scope, receive, send_with_allowance)


def _say(allowance: Allowance, start: Message) -> None:
    """Unless the answer already tells of another policy."""
    given = start["headers"]
    if not any(name == b"ratelimit" for name, _ in given):
        start["headers"] = [
            *given,
            (b"ratelimit", allowance.left.encode()),
            (b"ratelimit-policy", allowance.rule.encode()),
        ]


def _is_limited(path: str) -> bool:
    return path.startswith(PREFIX) and not path.startswith(UNLIMITED)


async def _take(scope: Scope) -> Allowance:
    limiter: RateLimiter = scope["app"].state.rate_limiter
    address = scope["client"][0] if scope.get("client") else "unknown"
    endpoint = f"{scope['method']} {_ID.sub('/:id', scope['path'])}"
    return await limiter.take("api", scope["state"].get("identity"), address, endpoint)
