"""The shapes that the stages exchange and the trace keeps (PRODUCT 5)."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Judged(_Frozen):
    """`made_by` says whether a model judged too; `note` why it did not, where it was asked in vain."""

    made_by: Literal["rules", "model"] = "rules"
    note: str | None = None


class Perception(_Judged):
    """What a free-text request seems to say. By rule it claims no more than words show."""

    raw_input: str
    entities: list[str] = []
    primary_intent: str = "generate"
    secondary_intents: list[str] = []
    sentiment: Literal["positive", "negative", "neutral", "urgent"] = "neutral"
    formality: Literal["formal", "casual", "urgent"] = "casual"
    references_previous: bool = False
    requires_clarification: bool = False
    clarification_questions: list[str] = []
    time_constraints: list[str] = []
    budget_constraints: list[str] = []
    quality_requirements: list[str] = []


Priority = Literal["critical", "high", "medium", "low"]


class PlanStep(_Frozen):
    """`part`: a step of its own, or one of those that make the draft. Estimates are the most it may take."""

    step_id: str
    description: str
    agent: str
    skill: str | None
    part: Literal["step", "draft"] = "draft"
    depends_on: list[str] = []
    estimated_tokens: int = 0
    estimated_cost: float = 0.0
    requires_tools: list[str] = []
    requires_context: list[str] = []
    can_fail_gracefully: bool = False
    fallback_strategy: str | None = None
    priority: Priority = "critical"
    status: Literal["planned", "completed", "failed"] = "planned"
    error: str | None = None


class Alternative(_Frozen):
    """What is done in the place of a step that fails."""

    instead_of: str
    step: PlanStep


class LeftOut(_Frozen):
    """A step that was offered and is not done."""

    step_id: str
    why: str


class ExecutionPlan(_Judged):
    """Steps in order. `revision` 1 is the plan after a failure, for `revised_because`; `reason` is the
    model's."""

    plan_id: str = ""
    query: str = ""
    steps: list[PlanStep]
    strategy: Literal["sequential", "parallel", "hybrid"] = "sequential"
    total_estimated_tokens: int = 0
    total_estimated_cost: float = 0.0
    approval_reason: str | None = None
    alternative_plans: list[Alternative] = []
    left_out: list[LeftOut] = []
    revision: int = 0
    revised_because: str | None = None
    risk_level: Literal["low", "medium", "high"] = "low"
    requires_approval: bool = False
    reason: str | None = None


class Scores(_Frozen):
    """0 to 100 each, measured (see `reflection`); a model may lower them."""

    relevance: int = Field(ge=0, le=100)
    completeness: int = Field(ge=0, le=100)
    accuracy: int = Field(ge=0, le=100)
    coherence: int = Field(ge=0, le=100)
    actionability: int = Field(ge=0, le=100)
    overall_score: int = Field(ge=0, le=100)


class Reflection(_Judged):
    """`drop` holds the places of lines that failed the claim check; a revision takes them out.

    `wanted` is what a model wants changed; a draft that does not pass is written again with it.
    """

    scores: Scores
    issues: list[str] = []
    wanted: list[str] = []
    drop: list[list[str | int]] = []
    passes_quality: bool
    needs_revision: bool


class UserContext(_Frozen):
    """The specification's user context, as every run gets it."""

    user_id: UUID
    workspace_id: UUID
    foundation_summary: str = ""
    brand_voice: str = "professional"
    icps: list[dict[str, Any]] = []
    has_foundation: bool = False
    num_icps: int = 0
    budget_remaining: float = 0.0
    guardrails: list[str] = []
    session: dict[str, Any] = {}
    """What was said and asked before in this session: `recent_messages`, `requests` by type."""
    preferences: dict[str, Any] = {}
    """As `domain.feedback.Preferences`."""


class ExecutionTrace(BaseModel):
    """One run from request to output. Tokens and cost are in the run's row, summed from its journal."""

    trace_id: UUID
    workspace_id: UUID
    session_id: UUID | None
    original_request: str
    perceived_input: dict[str, Any] | None = None
    execution_plan: dict[str, Any] | None = None
    routing_path: list[str] = []
    agents_invoked: list[str] = []
    skills_used: list[str] = []
    quality_scores: list[dict[str, Any]] = []
    corrections_made: int = 0
    approval_gates: list[str] = []
    final_output: dict[str, Any] | None = None
    request: dict[str, Any] | None = None
    """The request as it was understood."""
    held: dict[str, Any] | None = None
    """The graph's state, when a rule holds the draft back."""
