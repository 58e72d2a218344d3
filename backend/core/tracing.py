"""Traces for an operator's collector, over OTLP; off unless OTEL_EXPORTER_OTLP_ENDPOINT is set (ADR 0113).

Spans carry routes, names, counts and money; never a text of a user, a prompt, an answer or an address.
While it is off we import nothing of OpenTelemetry, and a span costs a comparison.
"""

import asyncio
import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from backend.core.config import ConfigError, Settings
from backend.core.errors import AppError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

Kind = Literal["SERVER", "CLIENT", "CONSUMER", "INTERNAL"]
Value = str | int | float | bool

_provider: "TracerProvider | None" = None
_trace_id: ContextVar[int | None] = ContextVar("trace_id", default=None)


def start(settings: Settings, service: str) -> None:
    """Send spans of this process from now on, if a collector is set. Raises ConfigError without the SDK."""
    global _provider
    endpoint = settings.otel_exporter_otlp_endpoint
    if endpoint is None or _provider is not None:
        return
    if importlib.util.find_spec("opentelemetry.exporter") is None:
        raise ConfigError(
            ["OTEL_EXPORTER_OTLP_ENDPOINT: install the extra `raptorflow[otlp]` for it"]
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        """A run's trace has the run's own id, whichever workers had it in hand."""

        def generate_trace_id(self) -> int:
            return _trace_id.get() or super().generate_trace_id()

    resource = Resource.create(
        {"service.name": service, "deployment.environment.name": settings.environment}
    )
    _provider = TracerProvider(resource=resource, id_generator=Ids())
    secret = settings.otel_exporter_otlp_headers
    exporter = OTLPSpanExporter(
        endpoint=f"{endpoint.rstrip('/')}/v1/traces",
        headers=_headers(secret.get_secret_value()) if secret else None,
    )
    _provider.add_span_processor(BatchSpanProcessor(exporter))


async def stop() -> None:
    """Send what is left; afterwards tracing is off."""
    global _provider
    provider, _provider = _provider, None
    if provider is not None:
        await asyncio.to_thread(provider.shutdown)


def is_on() -> bool:
    return _provider is not None


@contextmanager
def span(
    name: str,
    attributes: Mapping[str, Value] | None = None,
    *,
    kind: Kind = "INTERNAL",
    run_id: UUID | None = None,
    carrier: Mapping[str, str] | None = None,
) -> "Iterator[Span | None]":
    """A span around the block, below the current one; None while tracing is off.

    With `run_id` it begins the trace of that run; with a `carrier` (lower-case headers) it joins the trace
    that `traceparent` names. An error that passes through marks it, by kind and code and without its words.
    """
    if _provider is None:
        yield None
        return
    from opentelemetry import propagate, trace
    from opentelemetry.context import Context

    parent = Context() if run_id else propagate.extract(carrier) if carrier else None
    chosen = _trace_id.set(run_id.int if run_id else None)
    tracer = _provider.get_tracer("raptorflow")
    made = tracer.start_span(name, parent, trace.SpanKind[kind], attributes)
    _trace_id.reset(chosen)
    with trace.use_span(
        made, end_on_exit=True, record_exception=False, set_status_on_exception=False
    ):
        try:
            yield made
        except BaseException as error:
            code = error.code if isinstance(error, AppError) else type(error).__name__
            made.set_attribute("error.type", code)
            made.set_status(trace.StatusCode.ERROR)
            raise


def describe(attributes: Mapping[str, Any]) -> None:
    """Say more of the current span, if there is one."""
    if _provider is not None:
        from opentelemetry import trace

        trace.get_current_span().set_attributes(attributes)


def _headers(text: str) -> dict[str, str]:
    """`key=value,key=value`, as the standard writes them."""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
