"""THE model call: journal -> cover -> provider -> book. No other door leads to a model (ARCHITECTURE 5).

A provider that bills is asked only after its cap is covered by the run's reservation, and its answer is in
the journal before anybody sees it. A provider that is free (`composer`) skips the money, not the journal.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from backend.core import tracing
from backend.core.database import Database
from backend.core.errors import AppError, BudgetExceeded
from backend.domain import runs
from backend.domain.runs import ClaimedRun
from backend.services import journal
from backend.services.models import telling
from backend.services.models.choice import PROVIDERS, make_provider
from backend.services.models.composer import Composer, bills
from backend.services.models.contract import (
    UNREADABLE,
    Delta,
    ModelFailed,
    ModelProvider,
    ModelReply,
    ModelRequest,
)
from backend.services.models.patience import Breaker, Patience
from backend.services.usage_tracker import UsageTracker

__all__ = [
    "PROVIDERS",
    "UNREADABLE",
    "CallContext",
    "Composer",
    "Delta",
    "LiveCallRefused",
    "ModelDoor",
    "ModelFailed",
    "ModelProvider",
    "ModelReply",
    "ModelRequest",
    "bills",
    "make_provider",
    "replays",
]

log = structlog.get_logger(__name__)

ALLOW_LIVE_CALLS = True
"""Tests set this to False: a provider that reaches out and bills is then refused before it is asked."""


@dataclass(slots=True)
class CallContext:
    """The run on whose behalf calls are made, with what its earlier attempts have finished."""

    run: ClaimedRun
    finished: dict[str, ModelReply] = field(default_factory=dict)
    tools: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What finished tool calls gave, by key."""
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    """Of calls by key: who asks the same beside another gets that one's answer."""


class LiveCallRefused(RuntimeError):
    """A test was about to spend money."""


class ModelDoor:
    """The one way to a model; made once, with one provider in charge."""

    def __init__(
        self, database: Database, provider: ModelProvider, patience: Patience | None = None
    ) -> None:
        self.database = database
        self.provider = provider
        self.breaker = Breaker()
        self._composer = Composer()
        self._patience = patience or Patience()

    async def call(self, ctx: CallContext, request: ModelRequest) -> ModelReply:
        """The answer, bought at most once for the run.

        Raises BudgetExceeded, ModelFailed (502, also when the deadline passes), Unavailable (the provider has
        failed too often to be asked now) and LeaseLost.
        """
        key = request.key
        async with ctx.turns.setdefault(key, asyncio.Lock()):
            known = ctx.finished.get(key)
            if known is None:
                known = await self._asked(ctx, request)
                ctx.finished[key] = replace(known, replayed=True)
            return known

    async def _asked(self, ctx: CallContext, request: ModelRequest) -> ModelReply:
        provider = self._provider(request)
        if provider.live and not ALLOW_LIVE_CALLS:
            raise LiveCallRefused(f"{provider.name} was asked for {request.skill_id}")
        if provider.live:
            self.breaker.check()
        cap = self._cap(request)
        call = _journaled(ctx.run, provider.name, request, billed=cap > 0)
        started = time.perf_counter()
        asked = telling.asked(provider.name, request)
        with tracing.span(f"chat {asked['gen_ai.request.model']}", asked, kind="CLIENT"):
            reply = await self._bought(call, request, cap)
            await self._complete(call, reply, cap, round((time.perf_counter() - started) * 1000))
            tracing.describe(telling.answered(reply))
        return reply

    def _provider(self, request: ModelRequest) -> ModelProvider:
        return self._composer if request.counted else self.provider

    def _cap(self, request: ModelRequest) -> int:
        cap = self._provider(request).cap_micro_usd(request)
        if cap > request.max_cost_micro_usd:
            raise BudgetExceeded(
                f"{request.skill_id} may cost more than its card allows.", code="skill_cap_exceeded"
            )
        return cap

    async def _bought(self, call: journal.Call, request: ModelRequest, cap: int) -> ModelReply:
        """Ask until there is an answer, patience ends or the time is up. Each attempt is covered anew."""
        deadline = time.monotonic() + request.timeout_seconds
        attempt = 1
        while True:
            if cap:
                await self._open(call, cap)
            try:
                reply = await self._ask(call, request, cap, deadline)
            except ModelFailed as failure:
                left = deadline - time.monotonic()
                pause = self._patience.pause(failure, attempt, left)
                if pause is None:
                    raise
                log.info("model_call_again", run_id=str(call.run.id), code=failure.code, in_s=pause)
            else:
                if not request.counted:
                    self.breaker.succeeded()
                return reply
            await asyncio.sleep(pause)
            attempt += 1

    async def _open(self, call: journal.Call, cap: int) -> None:
        async with self.database.service("run_engine") as tx:
            lost = await journal.open_call(tx, call, cap)
            usage = UsageTracker(tx)
            if lost:
                await usage.spend(call.run.id, lost)
            await usage.cover(call.run.id)

    async def _ask(
        self, call: journal.Call, request: ModelRequest, cap: int, deadline: float
    ) -> ModelReply:
        """One attempt. What it may have cost for nothing is booked before the error goes on."""
        key = f"{call.run.id}:{call.key}"
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                return await self._provider(request).generate(request, key)
        except TimeoutError as error:
            self.breaker.failed("it did not answer in time")
            await self._fail(call, "the model did not answer in time", lost=cap)
            raise ModelFailed("The model did not answer in time.", code="model_timeout") from error
        except ModelFailed as failure:
            if failure.retryable:
                self.breaker.failed(failure.detail)
            await self._fail(call, failure.detail, lost=_lost(failure, cap), bill=failure.bill)
            raise
        except AppError as error:
            await self._fail(call, error.detail, lost=0)
            raise

    async def _complete(self, call: journal.Call, reply: ModelReply, cap: int, ms: int) -> None:
        completed = journal.completed(
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
        if not charged:
            kept = await self.database.service_trip("run_engine", completed)
            runs.check_held(call.run, kept.first)
            return
        async with self.database.service("run_engine") as tx:
            runs.check_held(call.run, await tx.one(*completed))
            await UsageTracker(tx).spend(call.run.id, charged)

    async def _fail(
        self, call: journal.Call, reason: str, lost: int, bill: ModelReply | None = None
    ) -> None:
        log.warning("model_call_failed", run_id=str(call.run.id), call=call.key, reason=reason)
        async with self.database.service("run_engine") as tx:
            tokens = (bill.tokens_input, bill.tokens_output) if bill else (0, 0)
            await journal.fail_call(tx, call, reason, lost, tokens)
            if lost:
                await UsageTracker(tx).spend(call.run.id, lost)


async def replays(database: Database, run: ClaimedRun) -> CallContext:
    """The context of a run's attempt; from the second attempt on it knows what the first ones finished."""
    tracing.describe(telling.attempted(run))
    if run.attempt == 1:
        return CallContext(run)
    async with database.service("run_engine") as tx:
        rows = await journal.finished(tx, run.id)
    return CallContext(
        run,
        {row["call_key"]: _from_journal(row) for row in rows if row["kind"] == "model"},
        {row["call_key"]: row["response"] for row in rows if row["kind"] == "tool"},
    )


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


def _lost(failure: ModelFailed, cap: int) -> int:
    """What a failed attempt is charged: the provider's bill, or the cap when nobody knows."""
    if failure.bill is None:
        return cap if failure.uncertain else 0
    known = failure.bill.cost_micro_usd
    return cap if known is None else known


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
