"""What an operator watches, in Prometheus' text format: requests of this process, and the books of all.

`GET /metrics` with the bearer token of `METRICS_TOKEN`; without that setting there is no such address.
Requests are counted by route, never by address or user: an id in a label would make a series for each.
"""

import hmac

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.types import Scope

from backend.core.errors import NotFound, Unauthorized
from backend.domain import vital_signs

router = APIRouter()

NO_ROUTE = "none"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)


class Metrics:
    """One per application; its own registry, so that two applications in a process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "raptorflow_http_requests",
            "Requests answered by this process.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "raptorflow_http_request_seconds",
            "Time to the end of the answer; of a stream, to its last line.",
            ("method", "route"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.books = {
            name: Gauge(f"raptorflow_{name}", help, registry=self.registry)
            for name, help in vital_signs.SIGNS.items()
        }

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that has been answered, and how long that took."""
        method, route = scope["method"], route_of(scope)
        series = self._series.get((method, route, status))
        if series is None:
            series = (
                self.requests.labels(method, route, status),
                self.seconds.labels(method, route),
            )
            self._series[method, route, status] = series
        series[0].inc()
        series[1].observe(seconds)

    def text(self, signs: dict[str, float]) -> bytes:
        for name, gauge in self.books.items():
            gauge.set(signs[name])
        return generate_latest(self.registry)


def route_of(scope: Scope) -> str:
    """The request's path with the names of its parameters in place of their values."""
    if "route" not in scope:
        return NO_ROUTE
    if not scope["path_params"]:
        return str(scope["path"])
    names = {str(value): f"{{{name}}}" for name, value in scope["path_params"].items()}
    return "/".join(names.get(segment, segment) for segment in scope["path"].split("/"))


@router.get("/metrics", include_in_schema=False)
async def read_metrics(request: Request) -> Response:
    """For a scraper that has the token."""
    expected = request.app.state.settings.metrics_token
    if expected is None:
        raise NotFound("Not Found")
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {expected.get_secret_value()}".encode()):
        raise Unauthorized("The token of METRICS_TOKEN is needed.", code="token_invalid")
    signs = await vital_signs.read(request.app.state.database)
    return Response(request.app.state.metrics.text(signs), media_type=CONTENT_TYPE_PLAIN_0_0_4)
