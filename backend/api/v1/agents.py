"""Agents: execute a request as a run of the engine, and wait for it or follow it line by line."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from backend.api.admission import Desk
from backend.api.catalogue import Choice
from backend.api.deps import CurrentUser, Db
from backend.api.preferences import APPLIED, APPLIED_HEADER, RespondAsync
from backend.api.run_lines import (
    LINES,
    AgentRequest,
    Lines,
    QueuedRun,
    address,
    admit_request,
    stream,
)
from backend.domain import runs

if TYPE_CHECKING:
    from backend.skills.registry import SkillCard

router = APIRouter()


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


@router.post(
    "/execute",
    response_model=AgentResponse,
    responses={
        **LINES,
        202: {
            "model": QueuedRun,
            "description": "Queued; look at `Location`.",
            "headers": {"Location": {"schema": {"type": "string"}}, **APPLIED_HEADER},
        },
    },
)
async def execute_agent(
    body: AgentRequest,
    user: CurrentUser,
    db: Db,
    desk: Desk,
    request: Request,
    respond_async: RespondAsync,
) -> Response | AgentResponse:
    """Execute a request and wait for its outcome. Going away leaves the run running.

    With `Prefer: respond-async` the answer is 202 and the run queued in the background, as by
    `POST /agents/runs`; `stream` answers at once as it is and goes before.
    """
    later = respond_async and not body.stream
    run_id = await admit_request(body, user, db, desk, background=later)
    if body.stream:
        return stream(desk, user, run_id, request)
    if later:
        queued = QueuedRun(run_id=run_id).model_dump(mode="json")
        return JSONResponse(queued, 202, headers={**APPLIED, "Location": address(run_id)})
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    return _response(run)


@router.post("/execute/stream", response_class=Lines)
async def execute_agent_stream(
    body: AgentRequest, user: CurrentUser, db: Db, desk: Desk, request: Request
) -> Response:
    """Execute a request and follow it: one JSON object a line, from `started` to `complete` or `error`."""
    run_id = await admit_request(body, user, db, desk)
    return stream(desk, user, run_id, request)


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
    choice: Choice,
    q: Annotated[str | None, Query(min_length=2, max_length=500)] = None,
    category: Annotated[str | None, Query(max_length=40)] = None,
) -> SkillList:
    """All skills, or those of a category; with `q` the five nearest to it in meaning, best first."""
    registry, composers = await choice.skills.get(), await choice.composers.get()
    if q:
        found: list[tuple[SkillCard, float | None]] = [*await registry.search(q)]
    else:
        found = [(card, None) for card in registry]
    kept = [(card, near) for card, near in found if category in (None, card.category)]
    skills = [_summary(card, near, card.id in composers) for card, near in kept]
    return SkillList(skills=skills, total=len(skills))


class ToolSummary(BaseModel):
    """A tool that runs may use. One that is not available says what is missing."""

    name: str
    description: str
    available: bool
    why_absent: str | None = Field(description="The settings that would bring it.")
    parameters: dict[str, Any] = Field(description="JSON Schema.")
    tainted: bool = Field(description="Whether it brings words of strangers: data, never orders.")
    timeout_seconds: float
    max_retries: int


class ToolList(BaseModel):
    tools: list[ToolSummary]
    total: int


@router.get("/tools")
async def list_tools(user: CurrentUser, choice: Choice) -> ToolList:
    """The tools of the engine, those that are off among them."""
    box = await choice.tools.get()
    tools = [
        ToolSummary(
            name=found.tool.name,
            description=found.tool.description,
            available=found.why_absent is None,
            why_absent=found.why_absent,
            parameters=found.tool.parameters.model_json_schema(),
            tainted=found.tool.tainted,
            timeout_seconds=found.tool.timeout_seconds,
            max_retries=found.tool.max_retries,
        )
        for found in box.listed()
    ]
    return ToolList(tools=tools, total=len(tools))


def _summary(card: "SkillCard", similarity: float | None, composer: bool) -> SkillSummary:
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
        composer=composer,
        max_tokens=card.cost.max_tokens_per_execution,
        max_cost_usd=card.cost.max_cost_per_execution,
        similarity=None if similarity is None else round(similarity, 3),
    )


def _response(run: dict[str, Any]) -> AgentResponse:
    at_rest = run["status"] in runs.AT_REST
    return AgentResponse(
        success=bool(run["success"]),
        output=run["output"],
        error=run["error"] if at_rest else "The run is still under way.",
        tokens_used=run["tokens_input"] + run["tokens_output"],
        cost=float(run["total_cost"]),
        requires_approval=run["status"] == "waiting_approval",
        approval_gate_id=str(run["gate_id"]) if run["gate_id"] else None,
        run_id=run["id"],
        session_id=run["session_id"],
    )
