"""What a browser is told about every answer: run nothing from it, frame it nowhere, keep none of it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]

DATA = "default-src 'none'; frame-ancestors 'none'"
"""Answers are data; a browser that is tricked into showing one must run nothing in it."""
DOCUMENTATION = "; ".join(
    (
        "default-src 'none'",
        "script-src 'unsafe-inline' https://cdn.jsdelivr.net",
        "style-src 'unsafe-inline' https://cdn.jsdelivr.net https://fonts.googleapis.com",
        "font-src https://fonts.gstatic.com",
        "img-src 'self' data: https://fastapi.tiangolo.com https://cdn.redoc.ly",
        "connect-src 'self'",
        "worker-src blob:",
        "frame-ancestors 'none'",
    )
)
"""FastAPI's pages bring their scripts from a CDN and start them inline; they hold nobody's data."""
PAPER = "frame-ancestors 'none'"
"""A browser's reader of PDFs is itself a page under the policy of what it shows: it must run."""
DOCUMENTATION_PATHS = frozenset({"/docs", "/redoc"})
ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-site"),
)
UNLESS_SAID: tuple[Header, ...] = (
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
"""A route that knows better says so itself."""
HTTPS_ONLY: Header = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeadersMiddleware:
    """Adds them to what every inner part answers, errors too. `https_only`: the address has TLS, always."""

    def __init__(self, app: ASGIApp, *, https_only: bool) -> None:
        self.app = app
        self._always = (*ALWAYS, HTTPS_ONLY) if https_only else ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_page = scope["path"] in DOCUMENTATION_PATHS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = dict(message["headers"])
                policy = PAPER if said.get(b"content-type") == b"application/pdf" else DATA
                message["headers"] = [
                    *message["headers"],
                    *self._always,
                    (b"content-security-policy", (DOCUMENTATION if is_page else policy).encode()),
                    *(header for header in UNLESS_SAID if header[0] not in said),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers)
