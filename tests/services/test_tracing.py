"""Traces reach a collector over OTLP, say what was bought, and hold no text of anybody."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.api.tracing import TracingMiddleware
from backend.core import tracing
from backend.core.config import Settings
from backend.core.errors import BudgetExceeded
from backend.core.middleware import RequestMiddleware
from backend.services.llm import CallContext, ModelDoor
from tests.fakes.models import CAP_MICRO_USD, COST_MICRO_USD, PaidModel
from tests.loopback import serving
from tests.people import Person
from tests.services.paying import running
from tests.services.test_llm import ask

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector:
    """What an OTLP collector was sent."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.resources: set[str] = set()
        self.headers: list[str | None] = []
        self.app = Starlette(routes=[Route("/v1/traces", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.headers.append(request.headers.get("x-token"))
        sent = ExportTraceServiceRequest.FromString(await request.body())
        for resource in sent.resource_spans:
            self.resources |= {str(a.value.string_value) for a in resource.resource.attributes}
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]
        return Response(status_code=200)

    def about(self, name: str) -> tuple[Any, dict[str, Any]]:
        span = next(span for span in self.spans if span.name == name)
        values = {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}
        return span, values


@pytest.fixture
def collector(settings: Settings) -> Iterator[Collector]:
    """A collector, and tracing towards it; what is left is sent by `tracing.stop`."""
    made = Collector()
    with serving(lambda url: made.app) as url:
        changes = {"otel_exporter_otlp_endpoint": url, "otel_exporter_otlp_headers": "X-Token=t1"}
        tracing.start(Settings(**{**settings.model_dump(), **changes, "_env_file": None}), "tests")
        yield made


async def test_a_model_call_is_told_in_the_trace_of_its_run(
    collector: Collector, owner: Person, app: FastAPI, tmp_path: Path
) -> None:
    database = app.state.database
    run = await running(owner, database)
    door = ModelDoor(database, PaidModel(tmp_path / "receipts"))
    with tracing.span("run", {"raptorflow.run_id": str(run.id)}, kind="CONSUMER", run_id=run.id):
        await door.call(CallContext(run), ask("a secret plan", model="flash"))
        with pytest.raises(BudgetExceeded):
            await door.call(CallContext(run), ask("dear", max_cost_micro_usd=CAP_MICRO_USD - 1))
    await tracing.stop()
    parent, _ = collector.about("run")
    call, about = collector.about("chat flash")
    assert parent.trace_id.hex() == call.trace_id.hex() == run.id.hex
    assert call.parent_span_id == parent.span_id
    assert about["gen_ai.operation.name"] == "chat"
    assert (about["gen_ai.provider.name"], about["gen_ai.request.model"]) == ("paid", "flash")
    assert about["gen_ai.usage.output_tokens"] > 0
    assert about["raptorflow.cost_usd"] == COST_MICRO_USD / 1e6
    assert b"secret plan" not in b"".join(span.SerializeToString() for span in collector.spans)
    assert collector.headers == ["t1"]
    assert "tests" in collector.resources


async def test_a_request_joins_its_callers_trace_by_its_route(collector: Collector) -> None:
    async def answer(request: Request) -> Response:
        return Response(status_code=503)

    routed = Starlette(routes=[Route("/moves/{id}", answer)])
    traced = RequestMiddleware(TracingMiddleware(routed), answered=lambda *_: None)
    transport = httpx.ASGITransport(traced)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        await client.get("/moves/17", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    await tracing.stop()
    (span,) = collector.spans
    _, about = collector.about(span.name)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert about["http.response.status_code"] == 503
    assert about["error.type"] == "503"
    assert "17" not in span.name


def test_without_a_collector_nothing_of_it_is_imported() -> None:
    code = (
        "import sys; from backend.core import tracing; from backend.services.models import telling\n"
        "with tracing.span('a') as span: assert span is None\n"
        "tracing.describe({'a': 1})\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
