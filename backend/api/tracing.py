"""A span for each request, by its route; a caller that traces too is joined by its `traceparent`."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.metrics import route_of
from backend.core import tracing


class TracingMiddleware:
    """Put in only when a collector is set."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, status = Headers(scope=scope), 500
        carrier = {"traceparent": headers["traceparent"]} if "traceparent" in headers else None
        method = scope["method"]

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        about = {
            "http.request.method": method,
            "raptorflow.request_id": scope["state"]["request_id"],
        }
        with tracing.span(method, about, kind="SERVER", carrier=carrier) as span:
            try:
                await self.app(scope, receive, watched)
            finally:
                route = route_of(scope)
                if span is not None:
                    span.update_name(f"{method} {route}")
                    span.set_attributes({"http.route": route, "http.response.status_code": status})
                    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                        span.set_attribute("error.type", str(status))
