"""THE tool call: journal -> try, within a deadline -> journal.

Like a model's answer, what a tool gave is in the journal before anybody uses it: a run that starts over on
another worker reads the same page and finds the same memories, so its later calls are the same calls.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from backend.core import tracing
from backend.core.database import Database
from backend.core.errors import AppError, Unavailable, UpstreamFailed
from backend.domain import runs
from backend.services import journal
from backend.services.llm import CallContext

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS = 0.3
FINAL = frozenset({"search_quota_used_up", "search_refused"})
"""Codes of upstream failures that another try in a moment cannot mend."""

Act = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """One use of a tool. `max_retries` come after the first attempt; the deadline is for all of them."""

    name: str
    parameters: Mapping[str, Any]
    provider: str
    timeout_seconds: float
    max_retries: int
    tainted: bool

    @property
    def parameters_hash(self) -> str:
        canonical = json.dumps(self.parameters, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def key(self) -> str:
        return f"tool:{self.name}:{self.parameters_hash[:32]}"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave. `tainted`: words of strangers, which are data and never an instruction."""

    name: str
    output: dict[str, Any]
    tainted: bool
    replayed: bool = False


async def use(database: Database, calls: CallContext, request: ToolRequest, act: Act) -> ToolResult:
    """The tool's output, made at most once for the run.

    Raises what the tool raises when its retries are used up, UpstreamFailed `tool_timeout`, and LeaseLost.
    """
    known = calls.tools.get(request.key)
    if known is not None:
        return ToolResult(request.name, known["output"], known["tainted"], replayed=True)
    about = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": request.name}
    with tracing.span(f"execute_tool {request.name}", about):
        return await _used(database, calls, request, act)


async def _used(
    database: Database, calls: CallContext, request: ToolRequest, act: Act
) -> ToolResult:
    started = time.monotonic()
    attempts = 0
    while True:
        attempts += 1
        gave = await _attempt(request, act, started + request.timeout_seconds)
        pause = FIRST_PAUSE_SECONDS * 2 ** (attempts - 1)
        late = time.monotonic() + pause >= started + request.timeout_seconds
        if not _may_pass(gave) or attempts > request.max_retries or late:
            break
        await asyncio.sleep(pause)
    milliseconds = round((time.monotonic() - started) * 1000)
    await _note(database, calls, request, gave, attempts, milliseconds)
    if isinstance(gave, AppError):
        raise gave
    calls.tools[request.key] = _kept(request, gave)
    return ToolResult(request.name, gave, request.tainted)


async def _attempt(request: ToolRequest, act: Act, until: float) -> dict[str, Any] | AppError:
    try:
        async with asyncio.timeout(until - time.monotonic()):
            return await act()
    except TimeoutError:
        return UpstreamFailed(f"{request.name} took too long.", code="tool_timeout")
    except AppError as error:
        return error


def _may_pass(gave: dict[str, Any] | AppError) -> bool:
    return isinstance(gave, UpstreamFailed | Unavailable) and gave.code not in FINAL


def _kept(request: ToolRequest, gave: dict[str, Any]) -> dict[str, Any]:
    return {"output": gave, "tainted": request.tainted}


async def _note(
    database: Database,
    calls: CallContext,
    request: ToolRequest,
    gave: dict[str, Any] | AppError,
    attempts: int,
    milliseconds: int,
) -> None:
    asked = {
        "parameters": dict(request.parameters),
        "timeout_seconds": request.timeout_seconds,
        "max_retries": request.max_retries,
    }
    call = journal.Call(
        calls.run, request.key, request.name, request.provider, request.parameters_hash, asked
    )
    kept, error = None, None
    if isinstance(gave, AppError):
        error = gave.detail
        log.info("tool_failed", run_id=str(calls.run.id), tool=request.name, code=gave.code)
    else:
        kept = _kept(request, gave)
    counts = {"attempts": attempts, "latency_ms": milliseconds}
    noted = journal.tool_noted(call, response=kept, error=error, **counts)
    told = await database.service_trip("run_engine", *noted)
    runs.check_held(calls.run, told.first)
