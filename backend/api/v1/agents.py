"""Agents: execute a request as a run of the engine, and wait for it or follow it line by line."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.responses import Response

from backend.agents.base import SpecialistRequest
from backend.agents.specialists import SPECIALISTS
from backend.api.admission import Desk, admit
from backend.api.deps import CurrentUser, Db
from backend.core.auth import AuthenticatedUser
from backend.core.database import Database
from backend.core.errors import AppError, NotFound
from backend.core.problems import problem_document
from backend.domain import runs
from backend.domain.values import Document
from backend.services.run_desk import RunDesk
from backend.skills.offline import COMPOSERS
from backend.skills.registry import SkillCard, SkillRegistry

router = APIRouter()

NDJSON = "application/x-ndjson"
RequestType = Literal[
    "onboarding", "moves", "campaigns", "muse", "blackbox", "daily_wins", "analytics", "foundation"
]


class AgentRequest(BaseModel):
    """`request_type` says who answers. `request_data` has a shape of its own for each type; unknown keys are
    refused. With `session_id` the run belongs to a conversation."""

    model_config = ConfigDict(extra="forbid")

    request_type: RequestType
    request_data: Document
    stream: bool = False
    session_id: UUID | None = None

    @model_validator(mode="before")
    @classmethod
    def _session_in_data(cls, body: Any) -> Any:
        """`request_data.session_id` means the same; the onboarding's own session stays where it is."""
        data = body.get("request_data") if isinstance(body, dict) else None
        if not isinstance(data, dict) or body.get("request_type") == "onboarding":
            return body
        if "session_id" not in data:
            return body
        rest = {name: value for name, value in data.items() if name != "session_id"}
        session = body.get("session_id") or data["session_id"]
        return {**body, "request_data": rest, "session_id": session}


class AgentResponse(BaseModel):
    """The outcome. `cost` is USD by the provider's own counts."""

    success: bool
    output: Any | None = None
    error: str | None = None
    tokens_used: int = 0
    cost: float = 0.0
    requires_approval: bool = False
    approval_gate_id: str | None = None
    run_id: UUID | None = Field(default=None, description="Where the run can be looked up.")
    session_id: UUID | None = None


@router.post("/execute", response_model=AgentResponse)
async def execute_agent(
    body: AgentRequest, user: CurrentUser, db: Db, desk: Desk, request: Request
) -> Response | AgentResponse:
    """Execute a request and wait for its outcome. Going away leaves the run running."""
    run_id = await _admit(body, user, db, desk)
    if body.stream:
        return _stream(desk, user, run_id, request)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    return _response(run)


@router.post("/execute/stream", response_class=StreamingResponse)
async def execute_agent_stream(
    body: AgentRequest, user: CurrentUser, db: Db, desk: Desk, request: Request
) -> Response:
    """Execute a request and follow it: one JSON object a line, from `started` to `complete` or `error`."""
    run_id = await _admit(body, user, db, desk)
    return _stream(desk, user, run_id, request)


class SkillInput(BaseModel):
    name: str
    type: str
    required: bool
    description: str = ""


class SkillSummary(BaseModel):
    """A skill as its card describes it."""

    id: str
    name: str
    category: str
    version: str
    description: str
    inputs: list[SkillInput]
    composer: bool = Field(description="Whether it works without a language model.")
    tools: list[str]
    max_tokens: int = Field(description="Of one execution.")
    max_cost_usd: float = Field(description="Of one execution.")
    similarity: float | None = Field(default=None, description="To `q`, -1 to 1.")


class SkillList(BaseModel):
    skills: list[SkillSummary]
    total: int


@router.get("/skills")
async def list_skills(
    user: CurrentUser,
    request: Request,
    q: Annotated[str | None, Query(min_length=2, max_length=500)] = None,
    category: Annotated[str | None, Query(max_length=40)] = None,
) -> SkillList:
    """All skills, or those of a category; with `q` the five nearest to it in meaning, best first."""
    registry: SkillRegistry = request.app.state.skills
    if q:
        found: list[tuple[SkillCard, float | None]] = [*await registry.search(q)]
    else:
        found = [(card, None) for card in registry]
    kept = [(card, near) for card, near in found if category in (None, card.category)]
    return SkillList(skills=[_summary(card, near) for card, near in kept], total=len(kept))


def _summary(card: SkillCard, similarity: float | None) -> SkillSummary:
    required = card.input_schema.get("required", [])
    return SkillSummary(
        **card.model_dump(include={"id", "name", "category", "version", "description", "tools"}),
        inputs=[
            SkillInput(
                name=name,
                type=str(schema.get("type", "any")),
                required=name in required,
                description=schema.get("description", ""),
            )
            for name, schema in card.input_schema.get("properties", {}).items()
        ],
        composer=card.id in COMPOSERS,
        max_tokens=card.cost.max_tokens_per_execution,
        max_cost_usd=card.cost.max_cost_per_execution,
        similarity=None if similarity is None else round(similarity, 3),
    )


async def _admit(body: AgentRequest, user: AuthenticatedUser, db: Database, desk: RunDesk) -> UUID:
    wish = _wish(body)
    session_id = getattr(wish, "session_id", None) or body.session_id
    return await admit(desk, db, user, body.request_type, wish, session_id)


def _wish(body: AgentRequest) -> SpecialistRequest:
    """`request_data` in the shape that its type demands: 404 for a type that is not there, else 422."""
    specialist = SPECIALISTS.get(body.request_type)
    if specialist is None:
        raise NotFound(
            f"The request type {body.request_type} is not available.",
            code="request_type_not_available",
            available=sorted(SPECIALISTS),
        )
    try:
        wish: SpecialistRequest = specialist.request.model_validate(body.request_data)
    except ValidationError as error:
        problems = [
            {**problem, "loc": ("body", "request_data", *problem["loc"])}
            for problem in error.errors(include_url=False, include_context=False)
        ]
        raise RequestValidationError(problems) from error
    return wish


def _response(run: dict[str, Any]) -> AgentResponse:
    ended = run["status"] in runs.TERMINAL
    return AgentResponse(
        success=bool(run["success"]),
        output=run["output"],
        error=run["error"] if ended else "The run is still under way.",
        tokens_used=run["tokens_input"] + run["tokens_output"],
        cost=float(run["total_cost"]),
        run_id=run["id"],
        session_id=run["session_id"],
    )


def _stream(desk: RunDesk, user: AuthenticatedUser, run_id: UUID, request: Request) -> Response:
    request_id = getattr(request.state, "request_id", None)
    return StreamingResponse(
        _lines(desk, user, run_id, request_id),
        media_type=NDJSON,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _lines(
    desk: RunDesk, user: AuthenticatedUser, run_id: UUID, request_id: str | None
) -> AsyncIterator[bytes]:
    """Every event of the run. A failure of our own after the first byte ends the stream with its problem."""
    try:
        async with aclosing(desk.follow(user, run_id)) as events:
            async for event in events:
                extra = {"run_id": str(run_id)} if event.type == "started" else {}
                yield _line({"seq": event.seq, "status": event.type, **extra, **event.data})
    except AppError as error:
        problem = problem_document(error.status, error.code, error.detail, request_id, error.extra)
        yield _line({"status": "error", "error": problem})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
