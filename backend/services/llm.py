"""THE model call: journal -> cover -> provider -> book. No other door leads to a model (ARCHITECTURE 5).

A provider that bills is asked only after its cap is covered by the run's reservation, and its answer is in
the journal before anybody sees it. A provider that is free (`composer`) skips the money, not the journal.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from backend.core.database import Database
from backend.core.errors import AppError, BudgetExceeded, UpstreamFailed
from backend.domain.runs import ClaimedRun
from backend.services import journal
from backend.services.usage_tracker import UsageTracker

log = structlog.get_logger(__name__)

ALLOW_LIVE_CALLS = True
"""Tests set this to False: a provider that reaches out and bills is then refused before it is asked."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a skill asks. `inputs` decide the identity of the call; the rest follows from the skill's card."""

    skill_id: str
    skill_version: str
    inputs: Mapping[str, Any]
    compose: Callable[[], dict[str, Any]]
    """The skill's offline composer, bound to its inputs and context."""
    prompt: Callable[[], str]
    """The filled prompt, made only for a provider that reads it."""
    model: str = ""
    temperature: float = 0.0
    max_tokens: int = 0
    max_cost_micro_usd: int = 0
    output_schema: Mapping[str, Any] = field(default_factory=dict)
    timeout_seconds: float = 60.0

    @property
    def inputs_hash(self) -> str:
        canonical = json.dumps(self.inputs, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def key(self) -> str:
        """What the call is: the same skill with the same inputs is the same call, wherever it is made."""
        return f"{self.skill_id}@{self.skill_version}:{self.inputs_hash[:32]}"


@dataclass(frozen=True, slots=True)
class ModelReply:
    """An answer with the provider's own counts. A cost of None is unknown, which is not free."""

    output: dict[str, Any]
    model: str
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cached: int = 0
    cost_micro_usd: int | None = 0
    price: dict[str, Any] | None = None
    """The price row the bill was computed from, with its date."""
    replayed: bool = False
    """True when it came from the journal: this attempt of the run did not ask for it."""


class ModelProvider(Protocol):
    """Something that answers a `ModelRequest`. Raises UpstreamFailed when it cannot."""

    name: str
    live: bool
    """Whether it reaches over the network to something that bills."""

    def cap_micro_usd(self, request: ModelRequest) -> int:
        """The most this request can cost; 0 promises that it is free."""
        ...

    async def generate(self, request: ModelRequest, idempotency_key: str) -> ModelReply: ...


class Composer:
    """The offline default: runs the skill's own composer in a thread. No tokens, no cost, and it says so."""

    name = "composer"
    live = False

    def cap_micro_usd(self, request: ModelRequest) -> int:
        return 0

    async def generate(self, request: ModelRequest, idempotency_key: str) -> ModelReply:
        return ModelReply(await asyncio.to_thread(request.compose), model=self.name)


@dataclass(slots=True)
class CallContext:
    """The run on whose behalf calls are made, with what its earlier attempts have finished."""

    run: ClaimedRun
    finished: dict[str, ModelReply] = field(default_factory=dict)


class LiveCallRefused(RuntimeError):
    """A test was about to spend money."""


class ModelDoor:
    """The one way to a model; made once, with one provider in charge."""

    def __init__(self, database: Database, provider: ModelProvider) -> None:
        self.database = database
        self.provider = provider

    async def call(self, ctx: CallContext, request: ModelRequest) -> ModelReply:
        """The answer, bought at most once for the run.

        Raises BudgetExceeded, UpstreamFailed (502, also when the deadline passes) and LeaseLost.
        """
        known = ctx.finished.get(request.key)
        if known is not None:
            return known
        if self.provider.live and not ALLOW_LIVE_CALLS:
            raise LiveCallRefused(f"{self.provider.name} was asked for {request.skill_id}")
        cap = self._cap(request)
        call = _journaled(ctx.run, self.provider.name, request, billed=cap > 0)
        if cap:
            await self._open(call, cap)
        started = time.perf_counter()
        reply = await self._ask(call, request, cap)
        await self._complete(call, reply, cap, round((time.perf_counter() - started) * 1000))
        ctx.finished[request.key] = _replay(reply)
        return reply

    def _cap(self, request: ModelRequest) -> int:
        cap = self.provider.cap_micro_usd(request)
        if cap > request.max_cost_micro_usd:
            raise BudgetExceeded(
                f"{request.skill_id} may cost more than its card allows.", code="skill_cap_exceeded"
            )
        return cap

    async def _open(self, call: journal.Call, cap: int) -> None:
        async with self.database.service("run_engine") as tx:
            lost = await journal.open_call(tx, call, cap)
            usage = UsageTracker(tx)
            if lost:
                await usage.spend(call.run.id, lost)
            await usage.cover(call.run.id)

    async def _ask(self, call: journal.Call, request: ModelRequest, cap: int) -> ModelReply:
        key = f"{call.run.id}:{call.key}"
        try:
            async with asyncio.timeout(request.timeout_seconds):
                return await self.provider.generate(request, key)
        except TimeoutError as error:
            await self._fail(call, "the model did not answer in time", lost=cap)
            raise UpstreamFailed(
                "The model did not answer in time.", code="model_timeout"
            ) from error
        except AppError as error:
            await self._fail(call, error.detail, lost=0)
            raise

    async def _complete(self, call: journal.Call, reply: ModelReply, cap: int, ms: int) -> None:
        async with self.database.service("run_engine") as tx:
            await journal.complete_call(
                tx,
                call,
                response=reply.output,
                price=reply.price,
                model=reply.model,
                tokens_input=reply.tokens_input,
                tokens_output=reply.tokens_output,
                tokens_cached=reply.tokens_cached,
                cost_micro_usd=reply.cost_micro_usd,
                latency_ms=ms,
            )
            charged = cap if reply.cost_micro_usd is None else reply.cost_micro_usd
            if charged:
                await UsageTracker(tx).spend(call.run.id, charged)

    async def _fail(self, call: journal.Call, reason: str, lost: int) -> None:
        log.warning("model_call_failed", run_id=str(call.run.id), call=call.key, reason=reason)
        async with self.database.service("run_engine") as tx:
            await journal.fail_call(tx, call, reason, lost)
            if lost:
                await UsageTracker(tx).spend(call.run.id, lost)


async def replays(database: Database, run: ClaimedRun) -> CallContext:
    """The context of a run's attempt; from the second attempt on it knows what the first ones finished."""
    if run.attempt == 1:
        return CallContext(run)
    async with database.service("run_engine") as tx:
        rows = await journal.finished(tx, run.id)
    return CallContext(run, {row["call_key"]: _from_journal(row) for row in rows})


def _journaled(
    run: ClaimedRun, provider: str, request: ModelRequest, *, billed: bool
) -> journal.Call:
    return journal.Call(
        run=run,
        key=request.key,
        name=request.skill_id,
        provider=provider,
        request_hash=request.inputs_hash,
        request=_kept(request) if billed else None,
    )


def _kept(request: ModelRequest) -> dict[str, Any]:
    return {
        "model": request.model,
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "prompt": request.prompt(),
    }


def _replay(reply: ModelReply) -> ModelReply:
    return ModelReply(
        reply.output,
        reply.model,
        reply.tokens_input,
        reply.tokens_output,
        reply.tokens_cached,
        reply.cost_micro_usd,
        reply.price,
        replayed=True,
    )


def _from_journal(row: Mapping[str, Any]) -> ModelReply:
    return ModelReply(
        output=row["response"],
        model=row["model"],
        tokens_input=row["tokens_input"],
        tokens_output=row["tokens_output"],
        tokens_cached=row["tokens_cached"],
        cost_micro_usd=row["cost_micro_usd"],
        price=row["price"],
        replayed=True,
    )


PROVIDERS: dict[str, Callable[[], ModelProvider]] = {"composer": Composer}
"""What `MODEL_PROVIDER` may name. A factory imports its client only when it is chosen."""
