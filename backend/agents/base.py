"""What every specialist shares: the context of a run, and what a specialist is."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, Protocol

import structlog

from backend.agents.tools import Toolbox
from backend.agents.wishes.wish import R, Wish
from backend.core.database import Database, Reader, Reads
from backend.core.errors import AppError, BudgetExceeded
from backend.core.identity import AuthenticatedUser
from backend.domain.runs import ClaimedRun, RunCancelled
from backend.memory.controller import MemoryController
from backend.routing.pipeline import Routing, Thresholds
from backend.services.llm import CallContext
from backend.services.tool_calls import ToolResult
from backend.skills.claims import Checker
from backend.skills.executor import SkillExecutor, SkillResult

log = structlog.get_logger(__name__)

Emit = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Tell the run's followers: node, details."""
RECALL = "recall"
"""The step that gathers what is remembered."""
DELTA = "delta"
"""The node of a piece of an answer, which is an event of its own kind."""


PIECE_CHARACTERS = 200


class Pieces:
    """Gathers the pieces of a streaming answer into `delta` events of some size: each is a row."""

    def __init__(self, emit: Emit, skill_id: str) -> None:
        self._emit = emit
        self._skill_id = skill_id
        self._held = ""

    async def add(self, text: str) -> None:
        self._held += text
        if len(self._held) >= PIECE_CHARACTERS:
            await self.flush()

    async def flush(self) -> None:
        if self._held:
            held, self._held = self._held, ""
            await self._emit(DELTA, {"skill": self._skill_id, "text": held})


Judgement = tuple[dict[str, Any] | None, str | None]
"""What a model said, or None; and why it said nothing although it was asked."""
Judge = Callable[[str, Mapping[str, Any]], Awaitable[Judgement]]
"""Ask a card of judgement with these inputs."""


async def by_rule(skill_id: str, inputs: Mapping[str, Any]) -> Judgement:
    """Nobody is asked: where the founder reads every part of the draft before it counts."""
    return None, None


class Stages(Protocol):
    """The judging stages, which the cognitive layer provides (the graph must not import it)."""

    async def perceive(self, query: str, judge: Judge) -> dict[str, Any]: ...

    async def plan(
        self,
        request_type: str,
        agent: str,
        skills: list[str],
        steps: list[dict[str, Any]],
        *,
        query: str,
        budget_usd: float | None,
        judge: Judge,
    ) -> dict[str, Any]: ...

    def replan(self, plan: dict[str, Any], failed: str, why: str) -> dict[str, Any]: ...

    async def reflect(
        self,
        skill_id: str,
        draft: dict[str, Any],
        checker: Checker | None,
        query: str,
        judge: Judge,
    ) -> dict[str, Any]: ...

    async def critique(
        self,
        skill_id: str,
        draft: dict[str, Any],
        checker: Checker | None,
        query: str,
        judge: Judge,
    ) -> dict[str, Any]: ...

    async def cleared(
        self, skill_id: str, draft: dict[str, Any], checker: Checker | None
    ) -> dict[str, Any]: ...

    def revise(self, draft: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]: ...

    def approval_rule(self, draft: dict[str, Any]) -> dict[str, Any] | None: ...


@dataclass(slots=True)
class RunContext:
    """Everything a node may use, for one attempt of one run."""

    database: Database
    user: AuthenticatedUser
    run: ClaimedRun
    calls: CallContext
    skills: SkillExecutor
    stages: Stages
    emit: Emit
    thresholds: Thresholds
    tools: Toolbox
    background: Mapping[str, Any] = field(default_factory=dict)
    """The specification's user context: summary, voice, ICPs, budget."""
    checker: Checker | None = None
    """The claim check over what the specialist has loaded; set by `act`."""
    memory: MemoryController | None = None
    found: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """What the plan's steps before this one gave, by step; one that failed is not in it."""
    allowance: "Allowance | None" = None
    """What this step may still spend."""
    revision: "Revision | None" = None
    """Set while a draft is written again."""

    @property
    def reader(self) -> Reader:
        return self.database.reader(self.user)

    async def skill(
        self, skill_id: str, inputs: Mapping[str, Any], *, stream: bool = False
    ) -> SkillResult:
        """Execute a skill for this run and tell its followers; with `stream` also while the answer comes."""
        pieces = Pieces(self.emit, skill_id) if stream else None
        card = self.skills.registry.get(skill_id)
        if card.takes_memory:
            inputs = {**inputs, "memory": self.found.get(RECALL, {})}
        if self.allowance:
            self.allowance.check(skill_id, card.max_cost_micro_usd)
        revision = self.revision
        wanted = revision.wanted if revision and revision.skill == skill_id else ""
        result = await self.skills.execute(
            self.calls, skill_id, inputs, pieces.add if pieces else None, wanted
        )
        if pieces:
            await pieces.flush()
        if self.allowance:
            self.allowance.spent += result.cost_micro_usd or 0
        details = {"skill": skill_id, "model": result.model, "replayed": result.replayed}
        await self.emit("act", details)
        return result

    async def judge(self, skill_id: str, inputs: Mapping[str, Any]) -> Judgement:
        """A model's judgement of this run, paid for like any call; nothing where no model bills.

        A model that fails or has no budget left costs the run its opinion, not its end.
        """
        if not self.skills.judging:
            return None, None
        try:
            own = replace(self, allowance=None, revision=None)
            return (await own.skill(skill_id, inputs)).output, None
        except RunCancelled:
            raise
        except AppError as error:
            log.info("judged_by_rule", run_id=str(self.run.id), skill=skill_id, code=error.code)
            return None, error.detail

    async def tool(self, name: str, **parameters: Any) -> ToolResult:
        """Use a tool for this run and tell its followers; `name in ctx.tools` says whether it is there.

        Raises as `Toolbox.use`.
        """
        result = await self.tools.use(self.database, self.user, self.calls, name, parameters)
        told = {"tool": name, "tainted": result.tainted, "replayed": result.replayed}
        await self.emit("act", told)
        return result


@dataclass(frozen=True, slots=True)
class Revision:
    """What a reader wants changed in what this skill wrote."""

    skill: str
    wanted: str


@dataclass(slots=True)
class Allowance:
    """What a step of the plan may spend, in micro-USD; the run's own budget holds beside it."""

    step_id: str
    micro_usd: int
    spent: int = 0

    def check(self, skill_id: str, most: int) -> None:
        """Raise BudgetExceeded unless the plan leaves room for a call of this skill at its cap."""
        if self.spent + most > self.micro_usd:
            raise BudgetExceeded(
                f"{skill_id} is not asked again: {self.step_id} has used what its plan allows.",
                code="step_budget_exceeded",
            )


@dataclass(frozen=True, slots=True)
class Step(Generic[R]):
    """A part of a specialist's work that stands before its draft; independent ones go side by side.

    `run` reads what earlier steps gave from `ctx.found` and stores nothing. When it fails: with `can_fail`
    the others go on without it; else `fallback` names the spare step that is planned in its place, once a
    run; else the run fails. A `spare` step is only ever planned as somebody's fallback.
    """

    id: str
    description: str
    run: "Callable[[RunContext, R], Awaitable[dict[str, Any]]]"
    skill: str | None = None
    tools: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    can_fail: bool = False
    fallback: str | None = None
    spare: bool = False
    priority: Literal["critical", "high", "medium", "low"] = "high"


@dataclass(frozen=True, slots=True)
class Specialist(Generic[R]):
    """One request type's agent, as plain functions.

    `act` makes the draft out of skills and stores nothing: `{"result": ..., "demands": {name: met}}`.
    `persist` stores the draft and gives the run's output; it may be called twice with the same draft and must
    then change nothing.
    """

    agent: str
    wish: Wish[R]
    """What it may be asked."""
    skills: Callable[[R], list[str]]
    act: Callable[[RunContext, R], Awaitable[dict[str, Any]]]
    persist: Callable[[RunContext, R, dict[str, Any]], Awaitable[dict[str, Any]]]
    steps: Callable[[R], Sequence[Step[R]]] = lambda request: ()
    """What is done before `act`, which finds the results in `ctx.found`."""
    resolve: Callable[[R, Routing], R] = lambda request, routing: request
    """Read a free-text request: what routing found out goes into the fields."""
    buys: Callable[[Reads, R], Awaitable[list[str]]] | None = None
    """The skills that `act` asks, each as often as it does when nothing is asked twice; else `skills`."""

    @property
    def request(self) -> type[R]:
        return self.wish.request
