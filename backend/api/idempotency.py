"""`Idempotency-Key` on every POST of the API, as plain ASGI around the routers (ARCHITECTURE 7)."""

import asyncio
import hashlib
import re
from uuid import UUID

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.errors import AppError, Conflict, Unprocessable
from backend.core.problems import problem_response
from backend.services.idempotency import MOST_KEPT_BYTES, Answer, IdempotencyKeys

KEY = re.compile(r"^[\x21-\x7e]{1,255}$")
LONG_BODY = 256 * 1024
"""Bytes from which hashing leaves the event loop."""
NO_EFFECT = frozenset({401, 402, 408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same request may be tried again under the same key."""
KEPT_HEADERS = ("content-type", "location", "etag", "preference-applied")
_BOUNDARY = re.compile(r"boundary=\"?([^\";,\s]+)", re.I)


class Disconnected(Exception):
    """The client went away before its request was whole."""


class IdempotencyMiddleware:
    """Answer a repeated POST with what the first one was answered, without acting again.

    An error that says where its work goes on (`Location`) is an effect and is kept like a success.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        try:
            await self._once(key, scope, receive, send)
        except AppError as error:
            await problem_response(error, scope)(scope, receive, send)
        except Disconnected:
            return

    async def _once(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        if not KEY.match(key):
            raise Unprocessable(
                "An Idempotency-Key has 1 to 255 visible ASCII characters.",
                code="idempotency_key_invalid",
            )
        user_id: UUID = scope["state"]["user_id"]
        keys = IdempotencyKeys(scope["app"].state.database)
        body = await _whole(receive)
        kept = await keys.claim(user_id, key, await _hash(scope, body))
        if kept is not None:
            await _replay(kept)(scope, receive, send)
            return
        answered = _Answered(send)
        try:
            await self.app(scope, _again(body, receive), answered.send)
        except Exception:
            await keys.release(user_id, key)
            raise
        answer = answered.answer()
        if answer is None or (answer.status in NO_EFFECT and not answered.goes_on):
            await keys.release(user_id, key)
        else:
            await keys.answer(user_id, key, answer)


def _key(scope: Scope) -> str | None:
    """The key of a POST whose sender is known; others pass as they are."""
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["state"].get("user_id"):
        return None
    return Headers(scope=scope).get("idempotency-key")


async def _whole(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _hash(scope: Scope, body: bytes) -> str:
    """Of what the request asks: method, address, body. A form's boundary is chance and does not count."""
    boundary = _BOUNDARY.search(Headers(scope=scope).get("content-type", ""))

    def digest() -> str:
        asked = body.replace(boundary[1].encode(), b"boundary") if boundary else body
        head = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}\n"
        return hashlib.sha256(head.encode() + asked).hexdigest()

    return await asyncio.to_thread(digest) if len(body) > LONG_BODY else digest()


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read, then whatever else the client says."""
    unread = [body]

    async def receive_again() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return receive_again


class _Answered:
    """Sends a response on and remembers it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._parts: list[bytes] = []
        self._bytes = 0
        self._whole = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            part = message.get("body", b"")
            self._bytes += len(part)
            if self._bytes <= MOST_KEPT_BYTES:
                self._parts.append(part)
            self._whole = not message.get("more_body")
        await self._send(message)

    @property
    def goes_on(self) -> bool:
        return self._start is not None and "location" in Headers(raw=self._start["headers"])

    def answer(self) -> Answer | None:
        """What was sent; None when it never came to its end."""
        if self._start is None or not self._whole:
            return None
        headers = Headers(raw=self._start["headers"])
        kept = [(name, headers[name]) for name in KEPT_HEADERS if name in headers]
        body = b"".join(self._parts) if self._bytes <= MOST_KEPT_BYTES else None
        return Answer(self._start["status"], kept, body)


def _replay(kept: Answer) -> Response:
    if kept.body is None:
        raise Conflict(
            "The first request with this Idempotency-Key was carried out; its answer was too long to keep.",
            code="answer_not_kept",
        )
    headers = {**dict(kept.headers), "Idempotency-Replayed": "true"}
    return Response(kept.body, status_code=kept.status, headers=headers)
