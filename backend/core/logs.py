"""JSON logs on standard error; one line an event, with the request id where there is one.

Secrets never reach a log: tokens, keys and bodies are not logged, and whatever looks like one by name is
blanked here as a second line of defence.
"""

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

import structlog

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that is being answered, in every line that is logged on its behalf."""

_SECRET_NAMES = (
    "authorization",
    "token",
    "secret",
    "password",
    "apikey",
    "api_key",
    "cookie",
    "dsn",
)


def _name_request(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    named = request_id.get()
    if named is not None:
        event.setdefault("request_id", named)
    return event


def _blank_secrets(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key in event:
        if any(name in key.lower() for name in _SECRET_NAMES):
            event[key] = "[blanked]"
    return event


def configure_logging(level: str = "INFO") -> None:
    """Route structlog and the standard library's loggers through one JSON renderer."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _name_request,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _blank_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "hpack", "procrastinate"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
