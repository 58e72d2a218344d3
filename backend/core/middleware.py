"""Plain ASGI middleware; `main.py` sets the order."""

import logging
import os
import re
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core import logs
from backend.core.errors import AppError, PayloadTooLarge, Unauthorized, file_too_large
from backend.core.identity import KEY_PREFIX
from backend.core.problems import problem_response

log = structlog.get_logger("http")
_lines = logging.getLogger("http")

REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


def _header(scope: Scope, name: bytes) -> str | None:
    """The first header of this name. Starlette's `Headers` decodes every name to find one."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


class RequestMiddleware:
    """Give every request an id, answer it in `X-Request-ID`, and see it through to its answer.

    A bug is answered with a fixed 500, inside CORS; its traceback goes to the log. Then `answered` is told
    of the request, its status (500 when there was none) and its seconds, and one line is logged.
    """

    def __init__(self, app: ASGIApp, *, answered: Callable[[Scope, int, float], None]) -> None:
        self.app = app
        self._answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = _header(scope, b"x-request-id")
        request_id = given if given and REQUEST_ID.match(given) else os.urandom(16).hex()
        scope.setdefault("state", {})["request_id"] = request_id
        named = logs.request_id.set(request_id)
        began, status = time.perf_counter(), 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        try:
            await self.app(scope, receive, send_named)
        except Exception:
            log.exception("unhandled", method=scope["method"], path=scope["path"])
            if status:  # too late for an answer of our own: the server cuts the connection
                raise
            await problem_response(AppError(), scope)(scope, receive, send_named)
        finally:
            seconds = time.perf_counter() - began
            self._answered(scope, status or 500, seconds)
            if _lines.isEnabledFor(logging.INFO):  # binding a logger costs more than the check
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    milliseconds=round(seconds * 1000, 1),
                )
            logs.request_id.reset(named)


class BodyLimitMiddleware:
    """Refuse bodies over the limit, by their announced length or as they arrive.

    Uploads have a limit of their own, with room for the multipart frame around the file.
    """

    FRAME_BYTES = 64 * 1024

    def __init__(self, app: ASGIApp, *, max_bytes: int, max_upload_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_upload = scope["path"].rstrip("/").endswith("/vault/upload")
        limit = self.max_upload_bytes + self.FRAME_BYTES if is_upload else self.max_bytes
        announced = _header(scope, b"content-length") or "0"
        if announced.isdigit() and int(announced) > limit:
            await problem_response(self._refusal(is_upload), scope)(scope, receive, send)
            return
        received = 0

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:  # reaches the error handlers through FastAPI's 400, as its cause
                raise self._refusal(is_upload)
            return message

        await self.app(scope, limited_receive, send)

    def _refusal(self, is_upload: bool) -> PayloadTooLarge:
        if is_upload:
            return file_too_large(self.max_upload_bytes)
        size = self.max_bytes // (1024 * 1024)
        return PayloadTooLarge(f"The body of a request can have up to {size} MB.")


class TrailingSlashMiddleware:
    """Serve `/moves/` as `/moves`: the specification writes the slash, its client omits it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/") and len(scope["path"]) > 1:
            scope["path"] = scope["path"].rstrip("/") or "/"
        await self.app(scope, receive, send)


class AuthContextMiddleware:
    """Verify the bearer token or API key once and leave who it is in `request.state`.

    A bad token leaves the error there too; whoever demands a user (`get_identity`, `get_current_user`)
    raises it, so a bad token is a 401 and never a silent anonymous. A dependency that fails (JWKS out of
    reach) is kept the same way and answers 503.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            state.update(identity=None, auth_error=None, user=None, user_id=None, workspace_id=None)
            header = _header(scope, b"authorization")
            if header:
                await self._verify(scope, state, header)
        await self.app(scope, receive, send)

    @staticmethod
    async def _verify(scope: Scope, state: MutableMapping[str, Any], header: str) -> None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            state["auth_error"] = Unauthorized(
                "The Authorization header must be 'Bearer <token>'.", code="token_malformed"
            )
            return
        app_state, token = scope["app"].state, token.strip()
        try:
            if token.startswith(KEY_PREFIX):
                identity = await app_state.keys.verify(token, scope["method"], scope["path"])
            else:
                identity = await app_state.verifier.verify(token)
        except AppError as error:
            state["auth_error"] = error
        else:
            state["identity"], state["user_id"] = identity, identity.id
