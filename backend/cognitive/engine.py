"""The engine: a run from claim to settlement (ARCHITECTURE 4).

`execute` is what a worker calls; `process` is the thinking in between. A worker may die at any line of this
file: the run is handed to another, which walks the graph again and takes finished calls from the journal.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import UUID

import structlog
from langchain_core.runnables import RunnableConfig
from redis.asyncio import Redis

from backend.agents.base import DELTA, RunContext
from backend.agents.graph import Graph, create_raptorflow_graph
from backend.agents.state import AgentState
from backend.agents.tools import Toolbox
from backend.cognitive.protocol import ExecutionTrace, UserContext
from backend.cognitive.stages import JudgingStages
from backend.cognitive.telling import Teller, Told
from backend.core.database import Database, Tx
from backend.core.errors import AppError, Unavailable
from backend.core.identity import AuthenticatedUser, acting_for
from backend.core.problems import problem_document
from backend.domain import approvals, runs
from backend.domain.runs import (
    MOST_DEATHS,
    ClaimedRun,
    LeaseLost,
    Outcome,
    RunCancelled,
    Totals,
)
from backend.memory.controller import MemoryController, write_episodes
from backend.routing.pipeline import Thresholds
from backend.services import journal
from backend.services.cache_manager import CacheManager
from backend.services.jobs import TryAgain
from backend.services.llm import CallContext, replays
from backend.services.run_desk import Ringer
from backend.services.usage_tracker import MICRO, UsageTracker, budget_of, touch
from backend.skills.executor import SkillExecutor

log = structlog.get_logger(__name__)

MOST_MOVES = 60  # of a walk through the graph
AfterRun = Callable[[Tx, UUID], Awaitable[None]]
"""What the end of a run sets going, within its transaction."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 5.0


@dataclass(slots=True)
class Held(Outcome):
    """The run waits for a verdict, with the graph's state from which it will go on."""

    state: dict[str, Any] = field(default_factory=dict)


class CognitiveEngine:
    """Executes runs. One per worker process; it holds no state of any run but the ids in hand."""

    def __init__(
        self,
        database: Database,
        redis: Redis,
        *,
        skills: SkillExecutor,
        tools: Toolbox,
        thresholds: Thresholds,
        max_attempts: int,
        graph: Graph | None = None,
        after_run: AfterRun | None = None,
    ) -> None:
        self.database = database
        self.ringer = Ringer(redis)
        self.active: set[UUID] = set()
        """Runs in hand, for the worker's heartbeat."""
        self.memory = MemoryController(database, redis)
        self._after_run = after_run
        self._skills = skills
        self._tools = tools
        self._stages = JudgingStages(skills)
        self._thresholds = thresholds
        self._max_attempts = max_attempts
        self._cache = CacheManager(redis)
        self._graph = graph or create_raptorflow_graph()
        self._config = RunnableConfig(recursion_limit=MOST_MOVES, max_concurrency=skills.at_once)

    async def execute(self, run_id: UUID) -> None:
        """Take the run over and bring it to an end, or raise TryAgain. A run that has ended is left alone."""
        run = await self._claim(run_id)
        if run is None:
            return
        with structlog.contextvars.bound_contextvars(run_id=str(run.id), attempt=run.attempt):
            self.active.add(run.id)
            try:
                await self._set_down(run, *await self._attempt(run))
            except LeaseLost:
                log.warning("run_taken_over")
            except (TryAgain, asyncio.CancelledError):
                await asyncio.shield(self._release(run))
                raise
            finally:
                self.active.discard(run.id)

    async def remember(self, run_id: UUID) -> None:
        """Put an ended run into its workspace's semantic memory."""
        async with self.database.service("run_engine") as tx:
            owner = await runs.owner(tx, run_id)
        if owner:
            await self.memory.remember_run(acting_for(*owner), run_id)

    async def process(
        self,
        raw_input: str,
        workspace_id: UUID,
        session_id: UUID | None,
        user_context: UserContext,
        *,
        run: ClaimedRun,
        calls: CallContext,
        resumed: AgentState | None = None,
    ) -> ExecutionTrace:
        """One request through the graph, or on from where a gate `resumed` it.

        Raises what the stages raise; nothing is settled here.
        """
        teller = Teller(lambda *told: self._emit(run, *told))
        context = RunContext(
            database=self.database,
            user=_as_user(run),
            run=run,
            calls=calls,
            skills=self._skills,
            stages=self._stages,
            emit=teller.tell,
            thresholds=self._thresholds,
            tools=self._tools,
            background=user_context.model_dump(mode="json"),
            memory=self.memory,
        )
        state = resumed or _first_state(run, json.loads(raw_input))
        try:
            ended = await self._graph.ainvoke(state, self._config, context=context)
        finally:
            await teller.flush()
        return _trace(run, raw_input, workspace_id, session_id, ended)

    async def _claim(self, run_id: UUID) -> ClaimedRun | None:
        claimed = await self.database.service_trip("run_engine", touch(run_id), runs.claim(run_id))
        return ClaimedRun(**claimed.first) if claimed.first else None

    async def _attempt(self, run: ClaimedRun) -> tuple[Outcome, AppError | None]:
        """How the run ends, and the error if that is an error. Raises TryAgain and LeaseLost."""
        if run.deaths >= MOST_DEATHS:
            detail = f"The run was given up: {run.deaths} workers were lost with it in hand."
            error = AppError(detail, code="run_gave_up")
            return _failure(error), error
        try:
            trace = await self._think(run)
        except LeaseLost:
            raise
        except RunCancelled as error:
            return replace(_failure(error), status="cancelled"), error
        except AppError as error:
            if isinstance(error, Unavailable) and self._may_try_again(run):
                raise TryAgain(_pause(run.attempt)) from error
            return _failure(error), error
        except Exception as error:  # the job loop: a bug must not strand the run
            log.exception("run_attempt_failed")
            if self._may_try_again(run):
                raise TryAgain(_pause(run.attempt)) from error
            failure = AppError(code="engine_failed")
            return _failure(failure), failure
        await self._cache.drop_written(run.request_type, run.workspace_id)
        return _outcome(trace), None

    def _may_try_again(self, run: ClaimedRun) -> bool:
        return run.attempt - run.deaths < self._max_attempts

    async def _release(self, run: ClaimedRun) -> None:
        """Back to the queue; if even that cannot be said, the sweep will find the run."""
        with contextlib.suppress(Unavailable):
            async with self.database.service("run_engine") as tx:
                await runs.release(tx, run)

    async def _think(self, run: ClaimedRun) -> ExecutionTrace:
        user_context = await self._user_context(_as_user(run), run)
        return await self.process(
            json.dumps(run.request_data),
            run.workspace_id,
            run.session_id,
            user_context,
            run=run,
            calls=await replays(self.database, run),
            resumed=await self._resumed(run),
        )

    async def _resumed(self, run: ClaimedRun) -> AgentState | None:
        if run.attempt == 1:
            return None
        async with self.database.service("run_engine") as tx:
            return cast("AgentState | None", await approvals.verdict_on(tx, run.id))

    async def _user_context(self, user: AuthenticatedUser, run: ClaimedRun) -> UserContext:
        reader = self.database.reader(user)
        session = await self.memory.session(user, run.session_id)
        foundation, icps, preferences = await self._cache.get_background(reader)
        budget = await budget_of(self.database, run.id)
        return UserContext(
            user_id=user.id,
            workspace_id=user.workspace_id,
            foundation_summary=foundation.get("summary") or "",
            brand_voice=foundation.get("brand_voice") or "professional",
            icps=icps,
            has_foundation=bool(foundation.get("onboarding_completed")),
            num_icps=len(icps),
            budget_remaining=budget.remaining,
            session=session.model_dump(mode="json", include={"recent_messages", "requests"}),
            preferences=preferences,
            guardrails=[str(rule) for rule in foundation.get("messaging_guardrails") or []],
        )

    async def _emit(
        self,
        run: ClaimedRun,
        node: str,
        details: Mapping[str, Any],
        before: Sequence[Told] = (),
    ) -> None:
        """Write an event, after those that waited for it, in one trip."""
        written = [runs.event(run, "step", {"node": earlier, **told}) for earlier, told in before]
        if node == DELTA:
            written.append(runs.event(run, DELTA, dict(details)))
        else:
            written.append(runs.event(run, "step", {"node": node, **details}))
        told = await self.database.service_trip("run_engine", *written)
        await self.ringer.ring(run.id)
        runs.check_told(run, told.first, last=node in (DELTA, "finish"))

    async def _set_down(self, run: ClaimedRun, outcome: Outcome, error: AppError | None) -> None:
        if isinstance(outcome, Held):
            await self._hold(run, outcome)
        else:
            await self._end(run, outcome, error)

    async def _hold(self, run: ClaimedRun, held: Held) -> None:
        """Gate, run, event and money in one transaction: the run waits and costs nothing while it does."""
        async with self.database.service("run_engine") as tx:
            await runs.check_lease(tx, run)
            gate = await approvals.hold(tx, run, held.state["held"], held.state)
            used = await tx.one(*runs.totals(run))
            assert used is not None, "an aggregate has one row"
            spent = Totals(**used)
            details = {"requires_approval": True, "approval_gate_id": str(gate)}
            runs.set_down(tx, run, held, spent, last="approval", **details)
            UsageTracker(tx).close(run.id, spent.cost_micro_usd)
            tx.after_commit(lambda: self._cache.keep_gate(gate, run.workspace_id))
            tx.after_commit(lambda: self.ringer.ring(run.id))

    async def _end(self, run: ClaimedRun, outcome: Outcome, error: AppError | None) -> None:
        """Settle money, usage, result and last event in one transaction."""
        async with self.database.service("run_engine") as tx:
            usage = UsageTracker(tx)
            left_open, spent = await journal.close(tx, run)
            if left_open:
                await usage.spend(run.id, left_open)
            last, details = _last_event(error, outcome, spent)
            runs.set_down(tx, run, outcome, spent, last=last, **details)
            bought = spent.cost_micro_usd or None
            usage.close(run.id, spent.cost_micro_usd if outcome.success else bought)
            usage.record_usage(
                user_id=run.user_id,
                workspace_id=run.workspace_id,
                tokens_input=spent.tokens_input,
                tokens_output=spent.tokens_output,
                cost_micro_usd=spent.cost_micro_usd,
                agent_type=run.request_type,
            )
            await self._remember(tx, run, outcome)
            tx.after_commit(lambda: self.ringer.ring(run.id))

    async def _remember(self, tx: Tx, run: ClaimedRun, outcome: Outcome) -> None:
        """The session knows this run with the commit; its vectors follow as a job."""
        write_episodes(
            tx,
            run,
            request=outcome.request or run.request_data,
            output=outcome.output,
            success=outcome.success,
            error=outcome.error,
        )
        if self._after_run and outcome.success:
            await self._after_run(tx, run.id)
        user, agents = _as_user(run), outcome.agents_invoked

        async def refresh() -> None:
            await self.memory.refresh(
                user, run.session_id, current_agent=agents[-1] if agents else None
            )

        tx.after_commit(refresh)


def _last_event(
    error: AppError | None, outcome: Outcome, spent: Totals
) -> tuple[str, dict[str, Any]]:
    if error is not None:
        problem = problem_document(error.status, error.code, error.detail, None, error.extra)
        return "error", {"error": problem}
    used = {  # the output is the run's own column; followers get it from there
        "success": outcome.success,
        "tokens_used": spent.tokens_input + spent.tokens_output,
        "cost": spent.cost_micro_usd / MICRO,
    }
    return "complete", used


def _as_user(run: ClaimedRun) -> AuthenticatedUser:
    """The run's own user, for the workspace door."""
    return acting_for(run.user_id, run.workspace_id, run.id)


def _pause(attempt: int) -> float:
    return min(FIRST_PAUSE_SECONDS * float(2 ** (attempt - 1)), LONGEST_PAUSE_SECONDS)


def _trace(
    run: ClaimedRun,
    raw_input: str,
    workspace_id: UUID,
    session_id: UUID | None,
    state: Mapping[str, Any],
) -> ExecutionTrace:
    return ExecutionTrace(
        trace_id=run.id,
        workspace_id=workspace_id,
        session_id=session_id,
        original_request=raw_input,
        perceived_input=state.get("perceived"),
        execution_plan=state.get("plan"),
        routing_path=state["routing_path"],
        agents_invoked=state["agents_invoked"],
        skills_used=state["skills_used"],
        quality_scores=[scores for scores in state["quality_scores"] if scores],
        corrections_made=state.get("revisions") or 0,
        final_output=state.get("output"),
        request=state.get("request"),
        held=dict(state) if "held" in state and "verdict" not in state else None,
    )


def _first_state(run: ClaimedRun, request: dict[str, Any]) -> AgentState:
    return {
        "request_type": run.request_type,
        "request": request,
        "query": request.get("query") or "",
        "routing_path": [],
        "agents_invoked": [],
        "skills_used": [],
        "quality_scores": [],
    }


def _outcome(trace: ExecutionTrace) -> Outcome:
    if trace.held is not None:
        content = trace.held["draft"]["result"]
        return Held(status="waiting_approval", success=True, output=content, state=trace.held)
    output = trace.final_output or {}
    unclear = output.get("type") == "clarification_needed"
    error = "Clarification is needed." if unclear else None
    return Outcome(
        status="completed",
        success=not unclear,
        output=output,
        error=error,
        request=trace.request,
        agents_invoked=trace.agents_invoked,
    )


def _failure(error: AppError) -> Outcome:
    output = {"type": error.code, **error.extra} if error.extra else None
    return Outcome(status="failed", output=output, error=error.detail, error_code=error.code)
