"""A request to the agents, admitted as a run, and a run as NDJSON lines."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Literal
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from starlette.responses import Response

from backend.agents.wishes import WISHES
from backend.agents.wishes.wish import SpecialistRequest
from backend.api.admission import admit
from backend.core.auth import AuthenticatedUser
from backend.core.database import Database
from backend.core.errors import AppError
from backend.core.problems import problem_document
from backend.domain import runs
from backend.domain.values import Document
from backend.services.run_desk import RunDesk


class Lines(StreamingResponse):
    """One JSON object a line."""

    media_type = "application/x-ndjson"


LINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {Lines.media_type: {"schema": {"type": "string"}}}}
}
"""Documents them beside another answer of the same operation."""
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


class QueuedRun(BaseModel):
    """A run that is looked at later, at `Location`."""

    run_id: UUID
    status: runs.Status = "queued"


def address(run_id: UUID) -> str:
    """Where a run is looked at."""
    return f"/api/v1/agents/runs/{run_id}"


async def admit_request(
    body: AgentRequest,
    user: AuthenticatedUser,
    db: Database,
    desk: RunDesk,
    *,
    background: bool = False,
) -> UUID:
    """Queue what was asked for. Raises as `admit`."""
    wish = _wish(body)
    session_id = getattr(wish, "session_id", None) or body.session_id
    return await admit(desk, db, user, body.request_type, wish, session_id, background=background)


def _wish(body: AgentRequest) -> SpecialistRequest:
    """`request_data` in the shape that its type demands, else 422."""
    try:
        wish: SpecialistRequest = WISHES[body.request_type].request.model_validate(
            body.request_data
        )
    except ValidationError as error:
        problems = [
            {**problem, "loc": ("body", "request_data", *problem["loc"])}
            for problem in error.errors(include_url=False, include_context=False)
        ]
        raise RequestValidationError(problems) from error
    return wish


def stream(
    desk: RunDesk, user: AuthenticatedUser, run_id: UUID, request: Request, after: int = 0
) -> Response:
    """The run's events above number `after`, one JSON object a line."""
    request_id = getattr(request.state, "request_id", None)
    return Lines(
        _lines(desk, user, run_id, request_id, after),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _lines(
    desk: RunDesk, user: AuthenticatedUser, run_id: UUID, request_id: str | None, after: int
) -> AsyncIterator[bytes]:
    """Every event of the run. A failure of our own after the first byte ends the stream with its problem."""
    try:
        async with aclosing(desk.follow(user, run_id, after)) as events:
            async for event in events:
                extra = {"run_id": str(run_id)} if event.type == "started" else {}
                yield _line({"seq": event.seq, "status": event.type, **extra, **event.data})
    except AppError as error:
        problem = problem_document(error.status, error.code, error.detail, request_id, error.extra)
        yield _line({"status": "error", "error": problem})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
