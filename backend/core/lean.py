"""What some packages bring along where it is installed, and a service has no use for: 6 MB and a tenth of a
second of every start.

httpx brings a command line in colour, structlog tracebacks in colour, redis the metrics of OpenTelemetry's
SDK. Each does without where they are missing, so they are missing while those three are imported.
"""

import contextlib
import importlib
import sys
from collections.abc import Iterator

USED = ("httpx", "redis.asyncio", "structlog")
NOT_USED = ("opentelemetry.sdk", "pygments", "rich")


@contextlib.contextmanager
def missing(*names: str) -> Iterator[None]:
    """As if these packages were not installed; those that are imported already stay."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is what hides one
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with missing(*NOT_USED):
    for used in USED:
        importlib.import_module(used)
